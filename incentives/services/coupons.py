"""Using coupons: held for an order before its buyer goes to pay, then used or free
again. What must not be passed is kept by the database; see the constraints."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import AlreadyOwned, ReductionGone
from accounts.models import Entitlement, Order, User, Verb
from accounts.reductions import Purchase
from accounts.services import entitlements, subscriptions
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from incentives.models import Coupon, CouponCode, CouponUse
from incentives.services import coupon_rules
from incentives.services.coupon_rules import Applied, State

GONE = _("A reduction has just been used up. Look at the price again.")


def lock(member: User, coupons: Sequence[int]) -> None:
    """The member, then the coupons, in one order whoever asks."""
    hold_members(member.pk)
    held = Coupon.objects.select_for_update(no_key=True).filter(pk__in=coupons)
    list(held.order_by("pk").values("pk"))


def take(order: Order, purchase: Purchase, expected: Sequence[tuple[int, int]]) -> None:
    """Hold the coupons for the order, which are locked. Raises ReductionGone when
    other ones apply by now than the `expected` (coupon, amount)."""
    found = coupon_rules.applying(purchase).lines
    if [(it.coupon.pk, it.amount) for it in found] != list(expected):
        raise ReductionGone(GONE)
    for applied in found:
        _reserve(order, applied)


def _reserve(order: Order, applied: Applied) -> CouponUse:
    coupon, code = applied.coupon, applied.code
    return CouponUse.objects.create(
        coupon=coupon,
        member=order.member,
        code=code,
        takes_code=code is not None and coupon_rules.is_single(code),
        nth=None if applied.of else _count(coupon, order.member),
        of=applied.of,
        order=order,
        amount=applied.amount,
        currency=order.currency,
    )


def _count(coupon: Coupon, member: User) -> int:
    """One more use, in all and of this member. Raises ReductionGone."""
    within = Q(most_uses=None) | Q(taken__lt=F("most_uses"))
    free = Coupon.objects.filter(within, pk=coupon.pk)
    if not free.update(taken=F("taken") + 1):
        raise ReductionGone(coupon_rules.USED_UP)
    theirs = coupon_rules.standing(coupon, member).values_list("nth", flat=True)
    taken = set(theirs)
    nth = next(n for n in count(1) if n not in taken)
    if nth > coupon.most_each:
        raise ReductionGone(coupon_rules.used_by_them(coupon))
    return nth


def take_again(order: Order) -> None:
    """Money came late: hold again what was let go. Raises ReductionGone."""
    uses = _uses(order, State.RELEASED)
    lock(order.member, [use.coupon_id for use in uses])
    for use in uses:
        if use.of_id is None:
            use.nth = _count(use.coupon, use.member)
        try:
            with transaction.atomic():
                _move(use, State.RESERVED)
        except IntegrityError as error:
            raise ReductionGone(coupon_rules.CODE_USED) from error


def mark_paid(order: Order) -> None:
    for use in _uses(order, State.RESERVED):
        _move(use, State.USED)
        record_activity(member=use.member, verb=Verb.COUPON_USED, target=use)


def let_go(order: Order) -> None:
    for use in _uses(order, State.RESERVED):
        _free(use, State.RELEASED)


def give_back(order: Order) -> None:
    """The whole order was given back; so are its coupons that come back."""
    for use in _uses(order, State.USED):
        if use.coupon.comes_back:
            _free(use, State.RETURNED)


def _uses(order: Order, state: str) -> list[CouponUse]:
    uses = order.coupon_uses.filter(state=state).select_related("coupon", "member")
    return list(uses.order_by("coupon_id"))


def _free(use: CouponUse, state: str) -> None:
    if use.of_id is None:
        freed = Coupon.objects.filter(pk=use.coupon_id)
        freed.update(taken=F("taken") - 1)
    _move(use, state)


def _move(use: CouponUse, state: str) -> None:
    use.state = state
    use.settled_at = None if state == State.RESERVED else timezone.now()
    use.save(update_fields=["state", "settled_at", "nth"])


# Without an order ---------------------------------------------------------------


def why_not_redeem(coupon: Coupon, member: User, code: CouponCode | None = None) -> Any:
    if coupon.codes != Coupon.Codes.NONE and code is None:
        return coupon_rules.UNKNOWN
    refusal = coupon_rules.why_not_now(coupon, member)
    return refusal or (coupon_rules.why_not_code(code) if code else "")


@transaction.atomic
def redeem(
    *, member: User, coupon: Coupon, code: CouponCode | None = None
) -> CouponUse:
    """Open the free days, or what is given for nothing, after what the member has.

    Raises ReductionGone, AlreadyOwned.
    """
    lock(member, [coupon.pk])
    coupon = Coupon.objects.get(pk=coupon.pk)
    if refusal := why_not_redeem(coupon, member, code):
        raise ReductionGone(refusal)
    if entitlements.owns_for_ever(member, coupon.opens):
        raise AlreadyOwned(coupon.opens)
    use = CouponUse(
        coupon=coupon,
        member=member,
        code=code,
        takes_code=code is not None and coupon_rules.is_single(code),
        nth=_count(coupon, member),
        currency=coupon.currency,
        state=State.USED,
        settled_at=timezone.now(),
        entitlement=_open(member, coupon),
    )
    try:
        with transaction.atomic():
            use.save()
    except IntegrityError as error:
        raise ReductionGone(coupon_rules.CODE_USED) from error
    record_activity(member=member, verb=Verb.COUPON_USED, target=use)
    return use


def _open(member: User, coupon: Coupon) -> Entitlement:
    return subscriptions.open_next(
        member=member,
        what=coupon.opens,
        source=Entitlement.Source.COUPON,
        term=relativedelta(days=coupon.days) if coupon.days else None,
        reason=coupon.title,
    )
