"""What members allow themselves to spend."""

from functools import wraps

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.decorators import active_account_required
from accounts.errors import OverOwnLimit, Resting
from accounts.forms.own_limits import OwnLimitsForm, RestForm
from accounts.services import community, own_limits
from accounts.services.ledger import POINTS


@active_account_required
def limits(request):
    currency = community.current().currency
    points = own_limits.standing(request.user, POINTS)
    money = own_limits.standing(request.user, currency)
    initial = {"points": _wanted(points), "money": _wanted(money)}
    form = OwnLimitsForm(request.POST or None, initial=initial, currency=currency)
    if request.method == "POST" and form.is_valid():
        for unit, name in ((POINTS, "points"), (currency, "money")):
            amount = form.cleaned_data[name]
            own_limits.set_limit(member=request.user, unit=unit, amount=amount)
        messages.success(request, _("Saved. What is looser holds in a day."))
        return redirect("accounts:own_limits")
    context = {
        "form": form,
        "rest_form": RestForm(),
        "points": points,
        "money": money,
        "resting_until": own_limits.resting_until(request.user),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/own_limits.html", context, status=status)


def _wanted(standing):
    """What was chosen last, whether it holds already or not."""
    return standing.coming.amount if standing.coming else standing.limit


@active_account_required
@require_POST
def rest(request):
    form = RestForm(request.POST)
    if form.is_valid():
        own_limits.rest(member=request.user, **form.cleaned_data)
        messages.success(request, _("Nothing can be bought for so long."))
    return redirect("accounts:own_limits")


@active_account_required
@require_POST
def rest_end(request):
    own_limits.end_rest(member=request.user)
    messages.success(request, _("You can buy again in a day."))
    return redirect("accounts:own_limits")


def tells_own_limits(view):
    """For views that buy: whom their own limits stop is led to them, and told why."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Resting:
            text = _("You have chosen to buy nothing for a while. Nothing was charged.")
        except OverOwnLimit:
            text = _("This is more than your own limit leaves you this month.")
        messages.info(request, text)
        return redirect("accounts:own_limits")

    return guarded
