"""Giving: one member pays, another redeems the code."""

from django.db import transaction
from django.utils import timezone

from accounts.errors import UnknownCode
from accounts.models import Entitlement, Gift, Order, User, Verb
from accounts.services import entitlements, subscriptions
from accounts.services.activity import record_activity
from community.lib.codes import new_code
from community.lib.dates import later


def make(order: Order) -> Gift:
    """The code of a paid gift; made once an order."""
    return Gift.objects.get_or_create(order=order, defaults={"code": new_code(16)})[0]


def find(code: str) -> Gift:
    """The gift that can be redeemed by this code. Raises UnknownCode."""
    waiting = Gift.objects.select_related("order__offer", "order__member")
    gift = waiting.filter(
        code=_tidy(code), redeemed_at=None, order__state=Order.State.PAID
    ).first()
    if gift is None:
        raise UnknownCode
    return gift


def _tidy(code: str) -> str:
    """As it was made, however it was typed."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())[:16]
    return "-".join(letters[n : n + 4] for n in range(0, len(letters), 4))


@transaction.atomic
def redeem(*, code: str, member: User) -> Entitlement:
    """Open what was given, after what the member has already. Raises UnknownCode."""
    order = Order.objects.select_for_update().get(pk=find(code).order_id)
    gift = Gift.objects.select_for_update().get(order=order)
    if gift.redeemed_at or order.state != Order.State.PAID:
        raise UnknownCode
    gift.redeemed_at, gift.redeemed_by = timezone.now(), member
    gift.save(update_fields=["redeemed_at", "redeemed_by"])
    offer = order.offer
    entitlements.lock(member)
    starts_at = entitlements.next_start(member, offer.what)
    given = entitlements.grant(
        member=member,
        what=offer.what,
        source=Entitlement.Source.GIFT,
        starts_at=starts_at,
        ends_at=None if offer.is_for_ever else later(starts_at, offer.term),
        order=order,
        reason=order.title,
    )
    subscriptions.follow_entitlements(member, offer.what)
    record_activity(member=member, verb=Verb.GIFT_REDEEMED, target=gift)
    return given
