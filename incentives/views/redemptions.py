"""What a member has taken for points, and how far it is on its way."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_account_required
from community.lib.asking import asked_first
from incentives import access
from incentives.errors import WrongState
from incentives.services import parcels, redemptions


@login_required
@require_safe
def my_rewards(request):
    context = {"redemptions": redemptions.of(request.user)[:200]}
    return render(request, "incentives/rewards/my_rewards.html", context)


@never_cache
@login_required
@require_safe
def redemption(request, pk):
    found = access.get_own_redemption(request.user, pk)
    parcel = getattr(found, "parcel", None)
    context = {
        "redemption": found,
        "parcel": parcel,
        "address": parcels.address_of(parcel) if parcel else None,
        "may_call_off": found.state == found.State.ORDERED,
        "may_say_arrived": found.state == found.State.SHIPPED,
        "kept_for": parcels.KEPT_FOR.days,
    }
    return render(request, "incentives/rewards/redemption.html", context)


@active_account_required
@require_POST
def redemption_cancel(request, pk):
    found = access.get_own_redemption(request.user, pk)
    question = _("Call this reward off, and have the points back?")
    if page := asked_first(request, question, found.get_absolute_url()):
        return page
    try:
        redemptions.call_off(redemption=found)
    except WrongState:
        messages.info(request, _("It is being packed already."))
    else:
        messages.success(request, _("Called off. Your points are back."))
    return redirect(found)


@active_account_required
@require_POST
def redemption_arrived(request, pk):
    found = access.get_own_redemption(request.user, pk)
    try:
        redemptions.arrived(redemption=found, by=request.user)
    except WrongState:
        messages.info(request, _("It is noted already."))
    else:
        messages.success(request, _("Good to know. Enjoy it!"))
    return redirect(found)
