from django.contrib import messages
from django.contrib.auth import login
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community import first_run
from community.forms import SetupForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request):
    """The first page of a new community, for whoever holds the printed address."""
    if not first_run.needed():
        return redirect("home")
    if not first_run.is_token(request.GET.get("token", "")):
        return render(request, "community/setup_closed.html", status=403)

    form = SetupForm(request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "community/setup.html", {"form": form}, status=status)
    try:
        operator = first_run.set_up(**form.cleaned_data)
    except first_run.AlreadySetUp:
        return redirect("home")
    login(request, operator)
    messages.success(request, _("Your community is ready. Welcome!"))
    return redirect("home")
