"""A member's own plan: what it is, and everything that may be done with it."""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from accounts.decorators import active_account_required
from accounts.errors import NotNow, TooManyTries, UnknownCode
from accounts.forms.billing import CancelForm, GiftForm, PauseForm
from accounts.services import gifts, offers, subscriptions
from accounts.views.limits import TOO_MANY_TRIES, count_try


@active_account_required
def membership(request):
    context = {
        "subscription": subscriptions.running(request.user),
        "entitlements": access.entitlements_of(request.user),
        "plans": [offer for offer in offers.plans() if offer.renews],
        "pause": PauseForm(),
    }
    return render(request, "accounts/membership/membership.html", context)


@active_account_required
def cancel(request):
    """No renewal, on one page: why, what is offered for staying, and done."""
    subscription = subscriptions.running(request.user)
    if subscription is None or not subscription.renews:
        return redirect("accounts:membership")
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        subscriptions.cancel(member=request.user, **form.cleaned_data)
        messages.success(request, _("Cancelled. Nothing more will be charged."))
        return redirect("accounts:membership")
    context = {
        "form": form,
        "subscription": subscription,
        "can_be_saved": subscriptions.can_be_saved(subscription),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/membership/cancel.html", context, status=status)


@active_account_required
@require_POST
def stay(request):
    return _done(
        request, _("Thank you for staying."), subscriptions.stay, member=request.user
    )


@active_account_required
@require_POST
def renew(request):
    return _done(
        request,
        _("Your plan goes on."),
        subscriptions.renew_after_all,
        member=request.user,
    )


@active_account_required
@require_POST
def pause(request):
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose how long the pause lasts."))
        return redirect("accounts:membership")
    until = timezone.now() + dt.timedelta(days=form.cleaned_data["days"])
    return _done(
        request,
        _("Paused. What is left of your plan is kept."),
        subscriptions.pause,
        member=request.user,
        until=until,
    )


@active_account_required
@require_POST
def resume(request):
    return _done(
        request, _("Your plan goes on."), subscriptions.resume, member=request.user
    )


@active_account_required
@require_POST
def change_later(request, slug):
    """The other plan when the period at hand is over; the present one takes it back."""
    offer = access.get_offer_to_buy(request.user, slug)
    running = subscriptions.running(request.user)
    chosen = None if running and running.offer_id == offer.pk else offer
    return _done(
        request,
        _("Noted for the next period."),
        subscriptions.change_later,
        member=request.user,
        offer=chosen,
    )


def _done(request, text, service, **arguments):
    try:
        service(**arguments)
    except NotNow:
        messages.error(request, _("That is not possible at the moment."))
    else:
        messages.success(request, text)
    return redirect("accounts:membership")


@active_account_required
def gift_redeem(request):
    form = GiftForm(request.POST or None, initial={"code": request.GET.get("code")})
    if request.method == "POST" and form.is_valid():
        try:
            count_try(request)
            gifts.redeem(code=form.cleaned_data["code"], member=request.user)
        except UnknownCode:
            form.add_error(
                "code", _("No gift waits under this code. Was it redeemed before?")
            )
        except TooManyTries:
            form.add_error("code", TOO_MANY_TRIES)
        else:
            messages.success(request, _("Your gift is open. Enjoy it!"))
            return redirect("accounts:membership")
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "accounts/membership/gift.html", context, status=status)
