"""Plans that go on: taking a payment, changing, pausing, cancelling, ending.

Locks are taken in one order everywhere: order, payment, member, subscription.
"""

import datetime as dt
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import F, Max, QuerySet, Sum
from django.utils import timezone

from accounts import reductions
from accounts.errors import NotNow
from accounts.models import (
    Entitlement,
    Offer,
    Order,
    Subscription,
    SubscriptionPhase,
    User,
    Verb,
)
from accounts.services import entitlements, mails
from accounts.services.activity import record_activity
from community.lib.dates import later
from community.lib.sealed import seal, unseal

State = Subscription.State
Source = Entitlement.Source

MONTH = dt.timedelta(days=365.25 / 12)
DAY = dt.timedelta(days=1)
CHARGE_AHEAD = DAY
LONGEST_PAUSE = dt.timedelta(days=92)


class Method(NamedTuple):
    """What later periods can be charged to: by which gateway, and its own words."""

    gateway: str
    token: str


NO_METHOD = Method("", "")


def running(member: User) -> Subscription | None:
    """The member's plan that has not ended."""
    mine = Subscription.objects.filter(member=member, ended_at=None)
    return mine.select_related("offer", "next_offer").first()


def locked(member: User) -> Subscription | None:
    """The same, for a change: nobody else changes it or what the member holds."""
    entitlements.lock(member)
    mine = Subscription.objects.filter(member=member, ended_at=None)
    return (
        mine.select_for_update(of=("self",))
        .select_related("offer", "next_offer", "member")
        .first()
    )


def _need(member: User) -> Subscription:
    subscription = locked(member)
    if subscription is None:
        raise NotNow
    return subscription


def check_not_paused(subscription: Subscription) -> None:
    """Raises NotNow: what is paused goes on before anything is bought."""
    if subscription.state == State.PAUSED:
        raise NotNow


# Paying ------------------------------------------------------------------------


def take_payment(order: Order, method: Method) -> None:
    """Open the period that the order pays, in the transaction that pays it."""
    subscription = locked(order.member)
    if subscription is None:
        subscription = _begin(order)
    elif subscription.state == State.PAUSED:
        _resume(subscription)
    if order.kind == Order.Kind.CHANGE and subscription.pk == order.subscription_id:
        _replace(subscription, order)
    elif not _continues(subscription, order):
        # Late money for a plan that was changed meanwhile still opens what it bought.
        _open_beside(order)
        return
    _add_period(subscription, order)
    subscription.renews, subscription.cancelled_at = True, None
    subscription.failed_charges = 0
    if method.token:  # paying another way once does not forget it
        _remember_method(subscription, method)
    subscription.next_charge_at = _next_charge(subscription)
    _enter(subscription, State.PAYING)
    if order.subscription_id != subscription.pk:
        order.subscription = subscription
        order.save(update_fields=["subscription"])


def _begin(order: Order) -> Subscription:
    starts_at = entitlements.next_start(order.member, order.offer.what)
    return Subscription.objects.create(
        member=order.member,
        offer=order.offer,
        state=State.PAYING,
        anchor_at=starts_at,
        period_ends_at=starts_at,
    )


def _continues(subscription: Subscription, order: Order) -> bool:
    """Whether the order pays the next period of this very plan, or of the one that
    was chosen to follow it."""
    if order.offer_id == subscription.offer_id:
        return True
    if order.offer_id != subscription.next_offer_id:
        return False
    _switch(subscription, order.offer)
    return True


def _switch(subscription: Subscription, offer: Offer) -> None:
    subscription.offer, subscription.next_offer = offer, None
    subscription.anchor_at = subscription.period_ends_at


def _replace(subscription: Subscription, order: Order) -> None:
    """From now on the other plan; what was left of this one was credited.

    What is held of the same besides, such as a gift, is used up first.
    """
    entitlements.replace_by(order, _paid_time(subscription, timezone.now()))
    _switch(subscription, order.offer)
    _count_from(subscription, entitlements.next_start(order.member, order.offer.what))


def _count_from(subscription: Subscription, moment: dt.datetime) -> None:
    subscription.anchor_at = subscription.period_ends_at = moment


def _open_beside(order: Order) -> None:
    starts_at = entitlements.next_start(order.member, order.offer.what)
    _grant(order, starts_at, later(starts_at, order.offer.term))


def _add_period(subscription: Subscription, order: Order) -> None:
    """The next period begins where the last one ended, even when paid in grace;
    unless all of it has gone by."""
    _revoke_grace(subscription)
    starts_at = subscription.period_ends_at
    ends_at = next_end(subscription.anchor_at, order.offer.term, starts_at)
    if ends_at <= timezone.now():
        _count_from(subscription, timezone.now())
        starts_at = subscription.anchor_at
        ends_at = next_end(starts_at, order.offer.term, starts_at)
    _grant(order, starts_at, ends_at)
    subscription.period_ends_at = ends_at


def next_end(
    anchor: dt.datetime, term: relativedelta, after: dt.datetime
) -> dt.datetime:
    """The first of `anchor` plus whole terms that lies after `after`.

    Counted from the anchor, so that a plan begun on the 31st comes back to the 31st.
    """
    count = 1
    while (end := later(anchor, term * count)) <= after:
        count += 1
    return end


def _grant(order: Order, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    entitlements.grant(
        member=order.member,
        what=order.offer.what,
        source=Source.ORDER,
        starts_at=starts_at,
        ends_at=ends_at,
        order=order,
        reason=order.title,
    )


def _remember_method(subscription: Subscription, method: Method) -> None:
    subscription.gateway = method.gateway
    place = place_of(subscription.member_id)
    subscription.method = seal(method.token, place) if method.token else None


def token_of(subscription: Subscription) -> str:
    """The gateway's own words for what to charge; "" for nothing."""
    if subscription.method is None:
        return ""
    return unseal(subscription.method, place_of(subscription.member_id))


def place_of(member_id: int) -> str:
    return f"subscription:{member_id}"


def _next_charge(subscription: Subscription) -> dt.datetime | None:
    if not subscription.method:
        return None
    return subscription.period_ends_at - CHARGE_AHEAD


# Trial ---------------------------------------------------------------------------


def may_try(member: User, offer: Offer) -> bool:
    """Once a member and key, and only as the first of its kind."""
    if not offer.trial_days or running(member):
        return False
    return not member.entitlements.filter(what=offer.what).exists()


@transaction.atomic
def start_trial(*, member: User, offer: Offer) -> Subscription:
    """Open the plan for its days of trial, without payment. Raises NotNow."""
    entitlements.lock(member)
    if not may_try(member, offer):
        raise NotNow
    now = timezone.now()
    ends_at = now + dt.timedelta(days=offer.trial_days)
    subscription = Subscription.objects.create(
        member=member,
        offer=offer,
        state=State.TRIAL,
        anchor_at=ends_at,
        period_ends_at=ends_at,
    )
    entitlements.grant(
        member=member,
        what=offer.what,
        source=Source.TRIAL,
        starts_at=now,
        ends_at=ends_at,
    )
    _enter(subscription, State.TRIAL)
    return subscription


# Changing ------------------------------------------------------------------------


def credit_for_rest(subscription: Subscription, offer: Offer) -> int:
    """What is left of the paid plan, in whole days, as money off another plan.

    Raises NotNow when that is more than the other plan costs: such a change has to
    wait for the end of the period, see `change_later`.
    """
    credit = _credit_at(subscription, timezone.now())
    if credit > offer.price:
        raise NotNow
    return credit


def credit_stands(order: Order) -> bool:
    """Whether what a change was credited with is still there: not refunded, changed
    or added to since the order was made."""
    subscription = order.subscription
    if subscription is None:
        return False
    return _credit_at(subscription, order.created_at) == order.credit


def _credit_at(subscription: Subscription, moment: dt.datetime) -> int:
    paid_time = _paid_time(subscription, moment)
    return sum(_worth(entitlement, moment) for entitlement in paid_time)


def _paid_time(
    subscription: Subscription, moment: dt.datetime
) -> QuerySet[Entitlement]:
    """The member's bought time of this plan that was not over then."""
    return Entitlement.objects.filter(
        member=subscription.member_id,
        what=subscription.offer.what,
        source__in=[Source.ORDER, Source.RESUMED],
        order__subscription=subscription,
        ends_at__gt=moment,
        revoked_at=None,
    ).select_related("order", "member")


def _worth(entitlement: Entitlement, moment: dt.datetime) -> int:
    """Of what was paid and not given back for it, the part of the days to come."""
    order, ends_at = entitlement.order, entitlement.ends_at
    if order is None or ends_at is None:
        return 0
    paid = sum(p.amount - p.refunded for p in order.payments.filter(state="succeeded"))
    # What the order itself had been credited was paid before.
    value = paid + order.credit
    bought = order.entitlements.filter(source__in=[Source.ORDER, Source.RESUMED])
    whole = bought.aggregate(length=Sum(F("ends_at") - F("starts_at")))["length"]
    left = ends_at - max(entitlement.starts_at, moment)
    return value * (left // DAY) // max(1, whole // DAY)


@transaction.atomic
def change_later(*, member: User, offer: Offer | None) -> None:
    """From the next period on the other plan (None: the present one after all)."""
    subscription = _need(member)
    if offer is not None and (not offer.renews or offer.pk == subscription.offer_id):
        raise NotNow
    _give_up_renewals(subscription)
    subscription.next_offer = offer
    subscription.save(update_fields=["next_offer"])


def _give_up_renewals(subscription: Subscription) -> None:
    """What was begun to be paid is of the plan that was to come before."""
    begun = subscription.orders.filter(kind=Order.Kind.RENEWAL, state=Order.State.OPEN)
    for order in begun.select_for_update(no_key=True):
        order.state = Order.State.EXPIRED
        order.save(update_fields=["state"])
        reductions.current().let_go(order)


# Pausing -------------------------------------------------------------------------


@transaction.atomic
def pause(*, member: User, until: dt.datetime) -> None:
    """Close the plan from now until then; what is left of it is kept. Raises NotNow."""
    subscription = _need(member)
    now = timezone.now()
    if subscription.state != State.PAYING or subscription.period_ends_at <= now:
        raise NotNow
    if not now < until <= now + LONGEST_PAUSE:
        raise NotNow
    entitlements.put_off(member, subscription.offer.what, until)
    subscription.paused_until = until
    _count_from(subscription, subscription.period_ends_at + (until - now))
    _enter(subscription, State.PAUSED)


@transaction.atomic
def resume(*, member: User) -> None:
    """Go on with what a pause had kept. Raises NotNow."""
    subscription = _need(member)
    if subscription.state != State.PAUSED:
        raise NotNow
    _resume(subscription)


def _resume(subscription: Subscription) -> None:
    now, until = timezone.now(), subscription.paused_until
    if until and until > now:
        entitlements.bring_forward(
            subscription.member, subscription.offer.what, since=until
        )
        _count_from(subscription, subscription.period_ends_at - (until - now))
    subscription.paused_until = None
    subscription.next_charge_at = _next_charge(subscription)
    _enter(subscription, State.PAYING)


# Cancelling ----------------------------------------------------------------------


@transaction.atomic
def cancel(*, member: User, reason: str, words: str = "") -> None:
    """No renewal: what is paid stays open until its end. Raises NotNow."""
    subscription = _need(member)
    if not subscription.renews:
        return
    subscription.renews, subscription.cancelled_at = False, timezone.now()
    subscription.cancel_reason, subscription.cancel_words = reason, words
    subscription.save(
        update_fields=["renews", "cancelled_at", "cancel_reason", "cancel_words"]
    )
    record_activity(member=member, verb=Verb.CANCELLED, target=subscription)


@transaction.atomic
def renew_after_all(*, member: User) -> None:
    """Take the cancellation back. Raises NotNow."""
    subscription = _need(member)
    if entitlements.owns_for_ever(member, subscription.offer.what):
        raise NotNow
    subscription.renews, subscription.cancelled_at = True, None
    subscription.save(update_fields=["renews", "cancelled_at"])


@transaction.atomic
def stay(*, member: User) -> None:
    """Take the days that are offered for staying, once. Raises NotNow."""
    subscription = _need(member)
    if not can_be_saved(subscription):
        raise NotNow
    subscription.saved_at = timezone.now()
    days = dt.timedelta(days=subscription.offer.save_days)
    subscription.period_ends_at += days
    subscription.anchor_at = subscription.period_ends_at
    subscription.next_charge_at = _next_charge(subscription)
    subscription.renews, subscription.cancelled_at = True, None
    entitlements.grant(
        member=member,
        what=subscription.offer.what,
        source=Source.STAFF,
        starts_at=subscription.period_ends_at - days,
        ends_at=subscription.period_ends_at,
        reason="stayed",
    )
    subscription.save()


def can_be_saved(subscription: Subscription) -> bool:
    return (
        subscription.offer.save_days > 0
        and subscription.saved_at is None
        and subscription.state == State.PAYING
    )


@transaction.atomic
def stop_for(member: User, what: str) -> None:
    """The member came to hold it for ever: nothing is left to renew."""
    subscription = locked(member)
    if subscription and subscription.offer.what == what and subscription.renews:
        subscription.renews, subscription.cancelled_at = False, timezone.now()
        subscription.save(update_fields=["renews", "cancelled_at"])


def open_next(
    *,
    member: User,
    what: str,
    source: str,
    term: relativedelta | None,
    reason: str,
    order: Order | None = None,
) -> Entitlement:
    """Open `what` after what the member holds of it already: for the term, or for ever
    without one. A plan of it goes on later, or needs no renewing any more."""
    entitlements.lock(member)
    starts_at = entitlements.next_start(member, what)
    given = entitlements.grant(
        member=member,
        what=what,
        source=source,
        starts_at=starts_at,
        ends_at=later(starts_at, term) if term else None,
        order=order,
        reason=reason,
    )
    if term:
        follow_entitlements(member, what)
    else:
        stop_for(member, what)
    return given


# Ending --------------------------------------------------------------------------


def follow_entitlements(member: User, what: str, *, may_end: bool = False) -> None:
    """After time of `what` was added or, with `may_end`, taken back: a plan of it ends
    where the time ends. What was added never ends a plan."""
    subscription = locked(member)
    if subscription is None:
        return
    is_back = may_end and _back_to_replaced_plan(subscription)
    if subscription.offer.what != what and not is_back:
        return
    end = _last_end(subscription)
    if end is None:
        if may_end:
            end_now(subscription)
        return
    if end == subscription.period_ends_at:
        return
    _count_from(subscription, end)
    subscription.next_charge_at = _next_charge(subscription)
    if subscription.state == State.GRACE:
        _revoke_grace(subscription)
        subscription.state = State.PAYING
    _enter(subscription, subscription.state)


def _back_to_replaced_plan(subscription: Subscription) -> bool:
    """When a change of plan was refunded, the plan that it had replaced is back."""
    running = subscription.orders.filter(
        entitlements__revoked_at=None, entitlements__ends_at__gt=timezone.now()
    )
    order = running.select_related("offer").order_by("-entitlements__ends_at").first()
    if order is None or order.offer_id == subscription.offer_id:
        return False
    subscription.offer = order.offer
    _enter(subscription, subscription.state)
    return True


def _last_end(subscription: Subscription) -> dt.datetime | None:
    held = Entitlement.objects.filter(
        member=subscription.member_id,
        what=subscription.offer.what,
        ends_at__gt=timezone.now(),
        revoked_at=None,
    ).exclude(source=Source.GRACE)
    return held.aggregate(end=Max("ends_at"))["end"]


def end_now(subscription: Subscription) -> None:
    """The plan is over. What is still held is not touched."""
    _revoke_grace(subscription)
    subscription.ended_at = timezone.now()
    subscription.renews = False
    _remember_method(subscription, NO_METHOD)
    subscription.next_charge_at = subscription.next_offer = None
    subscription.paused_until = None
    _enter(subscription, State.ENDED)
    mails.send(
        key=f"plan-ended:{subscription.pk}",
        member=subscription.member,
        template="plan_ended",
        title=subscription.offer.title,
    )


def give_grace(subscription: Subscription) -> None:
    """Keep the plan open for some days though the renewal was not paid."""
    starts_at = subscription.period_ends_at
    entitlements.grant(
        member=subscription.member,
        what=subscription.offer.what,
        source=Source.GRACE,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(days=subscription.offer.grace_days),
        reason=subscription.offer.title,
    )
    _enter(subscription, State.GRACE)


def _revoke_grace(subscription: Subscription) -> None:
    Entitlement.objects.filter(
        member=subscription.member_id, source=Source.GRACE, revoked_at=None
    ).update(revoked_at=timezone.now())


# History -------------------------------------------------------------------------


def _enter(subscription: Subscription, state: str) -> None:
    """Save the subscription in this state, and since when it is worth what a month."""
    subscription.state = state
    subscription.save()
    now = timezone.now()
    open_phase = subscription.phases.filter(ends_at=None).first()
    monthly = _monthly(subscription.offer) if state in {"paying", "grace"} else 0
    if open_phase and (open_phase.state, open_phase.monthly, open_phase.offer_id) == (
        state,
        monthly,
        subscription.offer_id,
    ):
        return
    if open_phase:
        open_phase.ends_at = now
        open_phase.save(update_fields=["ends_at"])
    if state == State.ENDED:
        return
    SubscriptionPhase.objects.create(
        subscription=subscription,
        member=subscription.member,
        offer=subscription.offer,
        state=state,
        monthly=monthly,
        currency=subscription.offer.currency,
        starts_at=now,
    )


def _monthly(offer: Offer) -> int:
    """The offer's price for a month of 365.25 / 12 days."""
    if offer.months:
        return round(offer.price / offer.months)
    return round(offer.price * (MONTH / dt.timedelta(days=offer.days or 1)))
