import datetime as dt
import secrets

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import AlreadyOwned
from accounts.models import Entitlement, Offer, Order, User

OPEN_FOR = dt.timedelta(hours=24)
# Without the letters and digits that are taken for one another.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def owns_for_ever(member: User, offer: Offer) -> bool:
    mine = Entitlement.objects.in_force().filter(
        member=member, what=offer.what, ends_at=None
    )
    return mine.exists()


def place_order(*, member: User, offer: Offer, return_to: str = "") -> Order:
    """The member's open order for this offer, made if there is none.

    Two tabs and a double click meet in the same order. Raises AlreadyOwned when
    the member holds for ever what the offer sells.
    """
    if owns_for_ever(member, offer):
        raise AlreadyOwned(offer.what)
    open_orders = Order.objects.filter(
        member=member, offer=offer, state=Order.State.OPEN
    )
    try:
        with transaction.atomic():
            _let_go_of_old_prices(open_orders, offer)
            order = open_orders.first() or _new_order(member, offer, return_to)
            return _going_on_to(order, return_to)
    except IntegrityError:
        # The other tab was first; its order is ours.
        return open_orders.get()


def _let_go_of_old_prices(open_orders: QuerySet[Order], offer: Offer) -> None:
    """An order keeps its price; once the offer's has changed, a new one is made."""
    open_orders.exclude(amount=offer.price, currency=offer.currency).update(
        state=Order.State.EXPIRED
    )


def _going_on_to(order: Order, return_to: str) -> Order:
    """An order found again leads back to where the buyer came from this time."""
    if return_to and order.return_to != return_to:
        order.return_to = return_to
        order.save(update_fields=["return_to"])
    return order


def _new_order(member: User, offer: Offer, return_to: str) -> Order:
    return Order.objects.create(
        number=_new_number(),
        member=member,
        offer=offer,
        title=offer.title,
        amount=offer.price,
        currency=offer.currency,
        return_to=return_to,
    )


def _new_number() -> str:
    """Not guessable, and short enough to be read out on the telephone."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{timezone.localdate():%y%m}-{letters[:4]}-{letters[4:]}"


def expire_old_orders() -> int:
    """Close what nobody paid in time; money that comes later still counts."""
    old = Order.objects.filter(
        state=Order.State.OPEN, created_at__lt=timezone.now() - OPEN_FOR
    )
    return old.update(state=Order.State.EXPIRED)
