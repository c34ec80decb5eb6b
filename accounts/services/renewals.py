"""What time does to subscriptions: charges, reminders, grace, the end."""

import datetime as dt
import logging

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import gateways
from accounts.errors import GatewayDown
from accounts.models import Order, Payment, Subscription
from accounts.services import mails, orders, payments, subscriptions
from accounts.services.subscriptions import DAY, State

logger = logging.getLogger(__name__)

REMIND_BEFORE = (1, 3, 7)  # days
RETRY_AFTER = (1, 2, 2)  # days between tries to charge, until it is given up


def advance_all() -> dict[str, int]:
    """Bring every running plan up to now. Safe to repeat and to run twice at once."""
    counts = {"looked at": 0, "charged": 0}
    now = timezone.now()
    soon = now + dt.timedelta(days=max(REMIND_BEFORE))
    due = Subscription.objects.filter(
        Q(period_ends_at__lte=soon) | Q(paused_until__lte=now), ended_at=None
    )
    for pk in list(due.values_list("pk", flat=True)):
        counts["looked at"] += 1
        try:
            counts["charged"] += _charge_if_due(pk)
            advance(pk)
        except Exception:  # one plan's trouble is not everybody's
            logger.exception("Plan %s could not be brought up to now", pk)
    return counts


@transaction.atomic
def advance(pk: int) -> None:
    """One plan: go on after its pause, remind its member, give grace, or end."""
    subscription = _locked(pk)
    now = timezone.now()
    if subscription is None:
        return
    if subscription.state == State.PAUSED:
        if subscription.paused_until and subscription.paused_until <= now:
            subscriptions.resume(member=subscription.member)
        return
    if subscription.period_ends_at > now:
        _remind(subscription, now)
    elif subscription.state != State.GRACE and _deserves_grace(subscription):
        subscriptions.give_grace(subscription)
        _mail(subscription, "grace", "plan_late", days=subscription.offer.grace_days)
    elif subscription.state != State.GRACE or _grace_is_over(subscription, now):
        subscriptions.end_now(subscription)


def _locked(pk: int) -> Subscription | None:
    found = Subscription.objects.select_related("member").filter(pk=pk).first()
    subscription = subscriptions.locked(found.member) if found else None
    return subscription if subscription and subscription.pk == pk else None


def _deserves_grace(subscription: Subscription) -> bool:
    return (
        subscription.state == State.PAYING
        and subscription.renews
        and subscription.offer.grace_days > 0
    )


def _grace_is_over(subscription: Subscription, now: dt.datetime) -> bool:
    grace = dt.timedelta(days=subscription.offer.grace_days)
    return subscription.period_ends_at + grace <= now


def _remind(subscription: Subscription, now: dt.datetime) -> None:
    """Tell who has to pay by themselves, at 7, 3 and 1 days, each once."""
    if not subscription.renews or subscription.next_charge_at:
        return
    left = subscription.period_ends_at - now
    days = next((n for n in REMIND_BEFORE if left <= n * DAY), None)
    if days:
        _mail(subscription, f"remind-{days}", "plan_ends_soon", days=days)


def _mail(subscription: Subscription, what: str, template: str, **more: int) -> None:
    offer = subscription.next_offer or subscription.offer
    mails.send(
        key=f"{what}:{subscription.pk}:{subscription.period_ends_at:%Y%m%d%H%M}",
        member=subscription.member,
        template=template,
        title=subscription.offer.title,
        ends_at=subscription.period_ends_at.isoformat(),
        amount=offer.price,
        currency=offer.currency,
        path=offer.get_absolute_url(),
        is_trial=subscription.state == State.TRIAL,
        **more,
    )


# Charging a saved method ---------------------------------------------------------


def _charge_if_due(pk: int) -> bool:
    """Take the next period from the saved method; whether it was paid."""
    begun = _begin_charge(pk)
    if begun is None:
        return False
    payment, method, tries = begun
    try:
        payment = _close_pages(payment) or _charge(payment, method)
    except (GatewayDown, KeyError):
        logger.warning("%s could not be charged yet", payment)
        return False
    if payment.state == Payment.State.DECLINED:
        _note_decline(pk, tries)
    return payment.is_ours


def _close_pages(charge: Payment) -> Payment | None:
    """Where the member was about to pay by hand; the try that is being paid there."""
    gateway = gateways.by_name(charge.gateway)
    open_pages = charge.order.payments.exclude(way=charge.way).filter(
        gateway=charge.gateway, state=Payment.State.STARTED
    )
    closed = [payments.settle(page, gateway.close(page)) for page in open_pages]
    return next((it for it in closed if it.state != Payment.State.DECLINED), None)


def _charge(payment: Payment, method: str) -> Payment:
    gateway = gateways.by_name(payment.gateway)
    return payments.settle(payment, gateway.charge(payment, method=method))


@transaction.atomic
def _begin_charge(pk: int) -> tuple[Payment, str, int] | None:
    """The try, what to charge, and how often it was tried in vain."""
    subscription = _locked(pk)
    if subscription is None or not _is_due(subscription):
        return None
    order = _renewal_order(subscription)
    if order.state != Order.State.OPEN:
        return None
    if not order.amount:
        payments.complete_free(order)
        return None
    token = subscriptions.token_of(subscription)
    payment = payments.begin(order, subscription.gateway, Payment.Way.SAVED)
    return payment, token, subscription.failed_charges


def _is_due(subscription: Subscription) -> bool:
    return (
        subscription.renews
        and subscription.state in {State.PAYING, State.GRACE}
        and subscription.member.suspended_at is None
        and subscription.next_charge_at is not None
        and subscription.next_charge_at <= timezone.now()
    )


def _renewal_order(subscription: Subscription) -> Order:
    """The one order for the next period, which the member may also pay by hand."""
    offer = subscription.next_offer or subscription.offer
    period = Order.objects.filter(
        subscription=subscription,
        period_starts_at=subscription.period_ends_at,
        state__in=[Order.State.OPEN, Order.State.PAID],
    )
    found = period.first()
    if found and found.state == Order.State.OPEN and found.offer_id != offer.pk:
        orders.expire(found)  # of the plan that was to come before
        found = None
    return found or orders.place_renewal(subscription)


@transaction.atomic
def _note_decline(pk: int, tries: int) -> None:
    """Try again later, a few times; then the member is asked to pay by themselves.

    Another run that was told of the same decline has counted it already.
    """
    subscription = _locked(pk)
    if subscription is None or subscription.failed_charges != tries:
        return
    subscription.failed_charges += 1
    subscription.next_charge_at = (
        timezone.now() + RETRY_AFTER[tries] * DAY if tries < len(RETRY_AFTER) else None
    )
    subscription.save(update_fields=["failed_charges", "next_charge_at"])
    _mail(subscription, f"declined-{tries}", "plan_charge_declined")
