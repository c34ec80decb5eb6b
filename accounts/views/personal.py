from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.forms.personal import PersonalForm
from accounts.services import personal


def _is_shown(request):
    return request.method != "POST"


@sensitive_post_parameters()
@login_required
@reauthentication_required(enabled=_is_shown)
def my_facts(request):
    """Personal facts given, changed and taken back; also by the suspended.

    A session left open is not enough to read them. What was typed is never lost for
    having taken long: the form itself asks for nothing more.
    """
    form = PersonalForm(request.POST or None, initial=personal.own(request.user))
    if request.method == "POST" and form.is_valid():
        personal.save(member=request.user, values=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("accounts:facts")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/me/facts.html", {"form": form}, status=status)
