"""What a member has of coupons: usable now, kept for an order, used, over."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from incentives.models import Coupon, CouponCode, CouponUse
from incentives.models.coupons import STANDING
from incentives.services import coupon_rules
from incentives.services.coupon_rules import Codes, State

MOST_SHOWN = 100


@dataclass(frozen=True)
class OnShelf:
    """One that can be used: by itself, by pressing a button, or with its code."""

    coupon: Coupon
    code: CouponCode | None = None

    @property
    def is_taken_here(self) -> bool:
        return not self.coupon.is_off_the_price and not self.coupon.is_partners

    @property
    def is_to_hand_out(self) -> bool:
        return self.coupon.is_partners and self.code is None


@dataclass(frozen=True)
class Shelf:
    usable: list[OnShelf]
    kept: list[CouponUse] = field(default_factory=list)
    used: list[CouponUse] = field(default_factory=list)
    over: list[OnShelf] = field(default_factory=list)


def of(member: User) -> Shelf:
    theirs = _theirs(member)
    partners = [it for it in theirs if it.coupon.is_partners]
    handed = {it.coupon.pk for it in partners}
    usable = [it for it in theirs if not it.coupon.is_partners and _can(it, member)]
    for coupon in _for_all(member):
        it = OnShelf(coupon)
        if coupon.pk not in handed and _can(it, member):
            usable.append(it)
    used = {use.code_id for use in _uses(member, STANDING)}
    over = [
        it
        for it in theirs
        if it not in usable
        and not it.coupon.is_partners
        and (it.code is None or it.code.pk not in used)
    ]
    return Shelf(
        usable=[*usable, *partners],
        kept=_uses(member, [State.RESERVED]),
        used=_uses(member, [State.USED]),
        over=over,
    )


def _theirs(member: User) -> list[OnShelf]:
    """Codes that were handed to them."""
    codes = member.coupon_codes.select_related("coupon").order_by("-handed_at")
    return [OnShelf(code.coupon, code) for code in codes[:MOST_SHOWN]]


def _for_all(member: User) -> list[Coupon]:
    """Those that need no code, and partners' whose codes are not all handed out."""
    has_codes = Q(gives=Coupon.Gives.PARTNER, all_codes__member=None)
    has_codes &= Q(all_codes__isnull=False)
    in_force = Coupon.objects.in_force(timezone.now())
    found = in_force.filter(Q(codes=Codes.NONE) | has_codes)
    return list(found.distinct()[:MOST_SHOWN])


def _can(it: OnShelf, member: User) -> bool:
    refusal = coupon_rules.why_not_now(it.coupon, member)
    refusal = refusal or (coupon_rules.why_not_code(it.code) if it.code else "")
    return not refusal


def _uses(member: User, states: Iterable[str]) -> list[CouponUse]:
    uses = member.coupon_uses.filter(state__in=states)
    return list(uses.select_related("coupon", "code", "order")[:MOST_SHOWN])
