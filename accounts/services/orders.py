"""From the wish to buy to an order at a price: once, however often it is pressed."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import reductions
from accounts.errors import (
    AlreadyOwned,
    HoldsTooMany,
    NotNow,
    PriceChanged,
    ReductionGone,
    SoldOut,
)
from accounts.models import Offer, Order, OrderReduction, Subscription, User
from accounts.reductions import NO_WISH, NOTHING, Offered, Purchase, Wish
from accounts.services import entitlements, own_limits, subscriptions
from community.lib.codes import new_code
from community.lib.dates import site_day

OPEN_FOR = dt.timedelta(hours=24)
# What is scarce is not kept from others for longer than paying takes.
HELD_FOR = dt.timedelta(hours=2)
MOST_HELD = 3  # by one member

PRICE_CHANGED = _("The price has changed just now. Look at it before you pay.")


@dataclass(frozen=True)
class Quote:
    """What buying an offer now means for one member."""

    offer: Offer
    kind: str
    credit: int = 0
    subscription: Subscription | None = None
    period_starts_at: dt.datetime | None = None
    offered: Offered = NOTHING

    @property
    def amount(self) -> int:
        return self.offer.price - self.credit - self.offered.amount

    @property
    def is_change(self) -> bool:
        return self.kind == Order.Kind.CHANGE


def quote(
    member: User, offer: Offer, *, is_gift: bool = False, wish: Wish = NO_WISH
) -> Quote:
    """The price for this member today, less what is left of a plan it replaces, less
    what coupons and points take off.

    Raises AlreadyOwned when the member holds for ever what the offer sells, NotNow
    while the member's plan is paused, or when the change has to wait for the end of
    the plan at hand because less is asked for than is left of it.
    """
    plain = _without_reductions(member, offer, is_gift)
    purchase = _purchase(member, plain, wish)
    return replace(plain, offered=reductions.current().offered(purchase))


def _purchase(member: User, quoted: Quote, wish: Wish) -> Purchase:
    offer = quoted.offer
    return Purchase(
        member=member,
        offer=offer,
        kind=quoted.kind,
        rest=offer.price - quoted.credit,
        subscription=quoted.subscription,
        order=_open_orders(member, quoted).first(),
        wish=wish,
    )


def _open_orders(member: User, quoted: Quote) -> QuerySet[Order]:
    return Order.objects.filter(
        member=member, offer=quoted.offer, kind=quoted.kind, state=Order.State.OPEN
    )


def _without_reductions(member: User, offer: Offer, is_gift: bool) -> Quote:
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
    *,
    member: User,
    offer: Offer,
    return_to: str = "",
    is_gift: bool = False,
    wish: Wish = NO_WISH,
    expected: int | None = None,
) -> Order:
    """The member's open order for this offer, made if there is none.

    Two tabs and a double click meet in the same order. Of what is scarce, the order
    holds one until it is paid or given up; so it does with coupons and points. Raises
    what `quote` raises, SoldOut, HoldsTooMany; ReductionGone for a code that brings
    nothing, PriceChanged when it is not the `expected` amount; and what the member's
    own limits raise.
    """
    for _attempt in range(2):
        quoted = quote(member, offer, is_gift=is_gift, wish=wish)
        if quoted.offered.refusal:
            raise ReductionGone(quoted.offered.refusal)
        if expected is not None and expected != quoted.amount:
            raise PriceChanged(PRICE_CHANGED)
        open_orders = _open_orders(member, quoted)
        try:
            with transaction.atomic():
                own_limits.hold(member, offer.currency)
                _let_go_of_old_prices(member, quoted, wish)
                order = open_orders.first()
                if order and not _is_at(order, quoted):
                    continue  # another tab's, made just now at another price
                if order is None:
                    own_limits.check(
                        member=member, unit=offer.currency, amount=quoted.amount
                    )
                    order = _new_order(member, quoted, return_to=return_to, wish=wish)
                return _going_on_to(order, return_to)
        except IntegrityError:
            # The other tab was first: its order is ours, at this price and with these
            # reductions; or was paid meanwhile.
            theirs = open_orders.first()
            if theirs and _is_at(theirs, quoted):
                return theirs
    raise NotNow


def place_renewal(subscription: Subscription) -> Order:
    """The order for the next period of a plan, at what it costs then."""
    return _new_order(subscription.member, _quote_renewal(subscription))


def next_amount(subscription: Subscription) -> int:
    """What the next period of a plan costs its member as things stand."""
    return _quote_renewal(subscription).amount


def _quote_renewal(subscription: Subscription) -> Quote:
    offer = subscription.next_offer or subscription.offer
    plain = Quote(
        offer,
        Order.Kind.RENEWAL,
        subscription=subscription,
        period_starts_at=subscription.period_ends_at,
    )
    purchase = _purchase(subscription.member, plain, NO_WISH)
    return replace(plain, offered=reductions.current().offered(purchase))


def _let_go_of_old_prices(member: User, quoted: Quote, wish: Wish) -> None:
    """An order keeps its price; once it has changed, a new one is made.

    So it is when the next period was to be of another plan.
    """
    there = [
        *_open_orders(member, quoted).select_for_update(no_key=True),
        *_of_another_plan(quoted).select_for_update(no_key=True),
    ]
    stale = [order for order in there if not _is_at(order, quoted)]
    reductions.current().prepare(
        _purchase(member, quoted, wish), stale, quoted.offered.lines
    )
    for order in stale:
        expire(order)


def _is_at(order: Order, quoted: Quote) -> bool:
    """Whether this is the order that the quote would make."""
    offer = quoted.offer
    asked = (offer.pk, offer.price, quoted.credit, offer.currency, quoted.amount)
    kept = (order.offer_id, order.price, order.credit, order.currency, order.amount)
    return asked == kept and _lines_of(order) == [
        (line.kind, line.ref, line.amount, line.count) for line in quoted.offered.lines
    ]


def _lines_of(order: Order) -> list[tuple[str, int, int, int]]:
    lines = order.reductions.order_by("position")
    return list(lines.values_list("kind", "ref", "amount", "count"))


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


def _new_order(
    member: User, quoted: Quote, *, return_to: str = "", wish: Wish = NO_WISH
) -> Order:
    offer = quoted.offer
    order = Order.objects.create(
        number=new_number(),
        member=member,
        offer=offer,
        kind=quoted.kind,
        title=offer.title,
        price=offer.price,
        credit=quoted.credit,
        reduced=quoted.offered.amount,
        amount=quoted.amount,
        currency=offer.currency,
        subscription=quoted.subscription,
        period_starts_at=quoted.period_starts_at,
        return_to=return_to,
        expires_at=timezone.now() + OPEN_FOR,
    )
    if quoted.offered.lines:
        _reduce(order, _purchase(member, quoted, wish), quoted.offered)
    # Who has the plan keeps the place in it.
    if quoted.kind != Order.Kind.RENEWAL and _hold_one(order):
        order.is_reserved = True
        order.expires_at = timezone.now() + HELD_FOR
        order.save(update_fields=["is_reserved", "expires_at"])
    return order


def _reduce(order: Order, purchase: Purchase, offered: Offered) -> None:
    OrderReduction.objects.bulk_create(
        OrderReduction(
            order=order,
            position=position,
            kind=line.kind,
            ref=line.ref,
            title=line.title,
            amount=line.amount,
            count=line.count,
        )
        for position, line in enumerate(offered.lines, start=1)
    )
    reductions.current().take(order, purchase, offered.lines)


def new_number() -> str:
    """Not guessable, and short enough to be read out on the telephone."""
    return f"{site_day():%y%m}-{new_code(8)}"


def _hold_one(order: Order) -> bool:
    """Reserve for somebody who has not paid yet. Raises SoldOut, HoldsTooMany."""
    # Not under a lock: one more by two tabs at once does no harm.
    held = Order.objects.filter(
        member=order.member, state=Order.State.OPEN, is_reserved=True
    )
    if order.offer.left is not None and held.count() >= MOST_HELD:
        raise HoldsTooMany
    return reserve(order.offer)


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
    reductions.current().let_go(order)
    release(order)


def lock_orders_of(rows: QuerySet[Any]) -> None:
    """The orders that pay these rows, and those of the offers made for them."""
    orders = Order.objects.filter(
        Q(pk__in=rows.values("order")) | Q(offer__in=rows.values("offer"))
    )
    list(orders.select_for_update().order_by("pk").values("pk"))


def expire_old_orders() -> int:
    """Close what nobody paid in time; how many."""
    old = Order.objects.filter(state=Order.State.OPEN, expires_at__lt=timezone.now())
    count = 0
    for order in old.iterator():
        expire(order)
        count += 1
    return count
