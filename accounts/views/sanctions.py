from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access
from accounts.errors import NotNow
from accounts.forms.sanctions import AppealForm
from accounts.services import sanctions


@login_required
@require_safe
def my_sanctions(request):
    """What was imposed on oneself, and why; also for the suspended."""
    context = {"sanctions": access.get_own_sanctions(request.user)}
    return render(request, "accounts/me/sanctions.html", context)


@login_required
def sanction_appeal(request, pk):
    sanction = access.get_sanction_to_appeal(request.user, pk)
    form = AppealForm(request.POST or None)
    if form.is_valid():
        try:
            sanctions.appeal(sanction=sanction, **form.cleaned_data)
        except NotNow:
            form.add_error(None, _("This can no longer be appealed."))
        else:
            messages.success(request, _("We look at it again and write to you."))
            return redirect("accounts:sanctions")
    context = {"form": form, "sanction": sanction}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/me/appeal.html", context, status=status)
