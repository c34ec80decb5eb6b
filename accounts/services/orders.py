"""From the wish to buy to an order at a price: once, however often it is pressed."""

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.errors import AlreadyOwned, HoldsTooMany, NotNow, SoldOut
from accounts.models import Offer, Order, Subscription, User
from accounts.services import entitlements, own_limits, subscriptions
from community.lib.codes import new_code
from community.lib.dates import site_day

OPEN_FOR = dt.timedelta(hours=24)
# What is scarce is not kept from others for longer than paying takes.
HELD_FOR = dt.timedelta(hours=2)
MOST_HELD = 3  # by one member


@dataclass(frozen=True)
class Quote:
    """What buying an offer now means for one member."""

    offer: Offer
    kind: str
    credit: int = 0
    subscription: Subscription | None = None
    period_starts_at: dt.datetime | None = None

    @property
    def amount(self) -> int:
        return self.offer.price - self.credit

    @property
    def is_change(self) -> bool:
        return self.kind == Order.Kind.CHANGE


def quote(member: User, offer: Offer, *, is_gift: bool = False) -> Quote:
    """The price for this member today, less what is left of a plan it replaces.

    Raises AlreadyOwned when the member holds for ever what the offer sells, NotNow
    while the member's plan is paused, or when the change has to wait for the end of
    the plan at hand because less is asked for than is left of it.
    """
    if is_gift and offer.only_for_id:
        raise NotNow
    if is_gift:
        return Quote(offer, Order.Kind.GIFT)
    if entitlements.owns_for_ever(member, offer.what):
        raise AlreadyOwned(offer.what)
    running = subscriptions.running(member) if offer.renews else None
    if running is None:
        return Quote(offer, Order.Kind.PURCHASE)
    subscriptions.check_not_paused(running)
    if running.offer_id == offer.pk:
        return Quote(
            offer,
            Order.Kind.RENEWAL,
            subscription=running,
            period_starts_at=running.period_ends_at,
        )
    credit = subscriptions.credit_for_rest(running, offer)
    return Quote(offer, Order.Kind.CHANGE, credit=credit, subscription=running)


def place_order(
    *, member: User, offer: Offer, return_to: str = "", is_gift: bool = False
) -> Order:
    """The member's open order for this offer, made if there is none.

    Two tabs and a double click meet in the same order. Of what is scarce, the order
    holds one until it is paid or given up. Raises what `quote` raises, SoldOut,
    HoldsTooMany, and what the member's own limits raise.
    """
    for _attempt in range(2):
        quoted = quote(member, offer, is_gift=is_gift)
        open_orders = Order.objects.filter(
            member=member, offer=offer, kind=quoted.kind, state=Order.State.OPEN
        )
        try:
            with transaction.atomic():
                own_limits.hold(member, offer.currency)
                _let_go_of_old_prices(open_orders, quoted)
                order = open_orders.first() or _new_order(member, quoted, return_to)
                return _going_on_to(order, return_to)
        except IntegrityError:
            # The other tab was first: its order is ours, or was paid meanwhile.
            if theirs := open_orders.first():
                return theirs
    raise NotNow


def _let_go_of_old_prices(open_orders: QuerySet[Order], quoted: Quote) -> None:
    """An order keeps its price; once it has changed, a new one is made.

    So it is when the next period was to be of another plan.
    """
    offer = quoted.offer
    stale = open_orders.exclude(
        price=offer.price, credit=quoted.credit, currency=offer.currency
    )
    for order in (*stale, *_of_another_plan(quoted)):
        expire(order)


def _of_another_plan(quoted: Quote) -> QuerySet[Order]:
    same_period = Order.objects.filter(
        subscription=quoted.subscription,
        period_starts_at=quoted.period_starts_at,
        state=Order.State.OPEN,
    )
    if quoted.period_starts_at is None:
        return same_period.none()
    return same_period.exclude(offer=quoted.offer)


def _going_on_to(order: Order, return_to: str) -> Order:
    """An order found again leads back to where the buyer came from this time."""
    if return_to and order.return_to != return_to:
        order.return_to = return_to
        order.save(update_fields=["return_to"])
    return order


def _new_order(member: User, quoted: Quote, return_to: str) -> Order:
    offer = quoted.offer
    own_limits.check(member=member, unit=offer.currency, amount=quoted.amount)
    # Who has the plan keeps the place in it.
    is_reserved = quoted.kind != Order.Kind.RENEWAL and _hold_one(member, offer)
    return Order.objects.create(
        number=new_number(),
        member=member,
        offer=offer,
        kind=quoted.kind,
        title=offer.title,
        price=offer.price,
        credit=quoted.credit,
        amount=quoted.amount,
        currency=offer.currency,
        subscription=quoted.subscription,
        period_starts_at=quoted.period_starts_at,
        is_reserved=is_reserved,
        return_to=return_to,
        expires_at=timezone.now() + (HELD_FOR if is_reserved else OPEN_FOR),
    )


def new_number() -> str:
    """Not guessable, and short enough to be read out on the telephone."""
    return f"{site_day():%y%m}-{new_code(8)}"


def _hold_one(member: User, offer: Offer) -> bool:
    """Reserve for somebody who has not paid yet. Raises SoldOut, HoldsTooMany."""
    # Not under a lock: one more by two tabs at once does no harm.
    held = Order.objects.filter(member=member, state=Order.State.OPEN, is_reserved=True)
    if offer.left is not None and held.count() >= MOST_HELD:
        raise HoldsTooMany
    return reserve(offer)


def reserve(offer: Offer) -> bool:
    """Take one of what is scarce; False for what is not. Raises SoldOut."""
    scarce = Offer.objects.filter(pk=offer.pk, left__isnull=False)
    if scarce.filter(left__gt=0).update(left=F("left") - 1):
        return True
    if scarce.exists():
        raise SoldOut(offer.slug)
    return False


def release(order: Order) -> None:
    """Put back the one that the order held."""
    if not order.is_reserved:
        return
    Offer.objects.filter(pk=order.offer_id).update(left=F("left") + 1)
    order.is_reserved = False
    order.save(update_fields=["is_reserved"])


@transaction.atomic
def expire(order: Order) -> None:
    """Give an unpaid order up; money that comes later still counts."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.state != Order.State.OPEN:
        return
    order.state = Order.State.EXPIRED
    order.save(update_fields=["state"])
    release(order)


def expire_old_orders() -> int:
    """Close what nobody paid in time; how many."""
    old = Order.objects.filter(state=Order.State.OPEN, expires_at__lt=timezone.now())
    count = 0
    for order in old.iterator():
        expire(order)
        count += 1
    return count
