"""What there is for points, and taking it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.decorators import active_member_required
from accounts.errors import (
    AlreadyOwned,
    NotEnough,
    PriceChanged,
    ReductionGone,
    SoldOut,
)
from accounts.views.own_limits import tells_own_limits
from incentives import access
from incentives.errors import NotOnOffer, TakenOften
from incentives.forms.rewards import SendForm, TakeForm
from incentives.services import redemptions, rewards
from incentives.services.points import balance


@login_required
@require_safe
def shop(request):
    context = {"rewards": rewards.on_offer(), "balance": balance(request.user)}
    return render(request, "incentives/rewards/shop.html", context)


@sensitive_post_parameters("name", "phone", "address")
@active_member_required
@tells_own_limits
def reward(request, pk):
    found = access.get_reward_to_see(pk)
    form_class = SendForm if found.is_sent else TakeForm
    form = form_class(request.POST or None, initial={"expected": found.points})
    if request.method == "POST" and form.is_valid():
        try:
            taken = _take(request, found, form)
        except tuple(WHY_NOT) as reason:
            form.add_error(None, WHY_NOT[type(reason)](reason))
            form.data = form.data.copy()
            form.data["expected"] = found.points  # as the page shows it now
        else:
            messages.success(request, _("Thank you. It is yours."))
            return redirect(taken)
    points = balance(request.user)
    taken = redemptions.times_taken(request.user, found)
    context = {
        "reward": found,
        "form": form,
        "balance": points,
        "why_not": rewards.why_not(found, request.user, balance=points, taken=taken),
    }
    status = 422 if form.is_bound else 200
    return render(request, "incentives/rewards/reward.html", context, status=status)


def _take(request, found, form):
    return redemptions.redeem(
        member=request.user,
        reward=found,
        form_key=form.cleaned_data["form_key"],
        address=form.to if found.is_sent else None,
        expected=form.cleaned_data["expected"],
    )


WHY_NOT = {
    PriceChanged: lambda reason: reason.args[0],
    NotOnOffer: lambda _reason: _("This reward is for members of a higher level."),
    TakenOften: lambda _reason: _("You have had this reward as often as one may."),
    AlreadyOwned: lambda _reason: _("You have this already, for ever."),
    ReductionGone: lambda reason: reason.args[0],
    SoldOut: lambda _reason: _(
        "Somebody else took the last one. Your points are all there."
    ),
    NotEnough: lambda _reason: _("You do not have that many points."),
}
