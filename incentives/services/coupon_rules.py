"""Which coupons apply to a purchase, and how much each of them takes off.

In this order, which the checkout shows: what is left of an earlier plan, percentages
(each of what is left by then), amounts, points. Of the coupons that do not go with
others only one counts: the one that is best for the buyer.

A coupon is for the first paid period of a plan, and goes on with as many of the next
as it says. A gift counts as a purchase of whoever gives it.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Offer, Order, User
from accounts.reductions import Purchase
from accounts.services import entitlements
from community.lib.money import shown
from incentives.models import Campaign, Coupon, CouponCode, CouponUse
from incentives.models.coupons import STANDING

Gives, Codes, For, Audience = (
    Coupon.Gives,
    Coupon.Codes,
    Coupon.For,
    Coupon.Audience,
)
State = CouponUse.State

UNKNOWN = _("There is no coupon with this code.")
USED_UP = _("All of it is used.")
CODE_USED = _("This code was used already.")
NOT_NOW = _("It is not in force at the moment.")
NOT_FOR_THIS = _("It is not for this.")
FIRST_ONLY = _("It counts for the first period of a plan only.")
ELSEWHERE = _("This one takes nothing off a price: use it on the page of your coupons.")
BETTER = _("Another reduction is better for you, and does not go with this code.")


@dataclass(frozen=True)
class Applied:
    """A coupon on a purchase: by which code, or going on from which use."""

    coupon: Coupon
    code: CouponCode | None = None
    of: CouponUse | None = None
    amount: int = 0


@dataclass(frozen=True)
class Applying:
    lines: tuple[Applied, ...]
    refusal: Any = ""
    note: Any = ""

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


def tidy(code: str) -> str:
    """As codes are compared, however they were typed."""
    letters = unicodedata.normalize("NFKC", code).upper()
    return "".join(letter for letter in letters if letter.isalnum())[:60]


def find(code: str, member: User) -> CouponCode | None:
    """One of ours that this member may use: theirs, or nobody's in particular."""
    codes = CouponCode.objects.select_related("coupon").filter(is_partners=False)
    theirs = Q(member=None) | Q(member=member)
    return codes.filter(theirs, code=tidy(code)).first()


def applying(purchase: Purchase) -> Applying:
    """What comes off, line by line; and why the code that was typed brings nothing."""
    if _is_later_period(purchase):
        refusal = FIRST_ONLY if purchase.wish.code else ""
        return Applying(_best(_going_on(purchase), purchase.rest), refusal)
    typed, refusal = _typed(purchase)
    automatic = Coupon.objects.in_force(timezone.now()).off_the_price()
    candidates = [
        Applied(coupon)
        for coupon in automatic.filter(codes=Codes.NONE).order_by("pk")
        if not why_not(coupon, purchase)
    ]
    lines = _best([*typed, *candidates], purchase.rest)
    is_left_out = typed and not any(line.code for line in lines)
    return Applying(lines, refusal, BETTER if is_left_out else "")


def _typed(purchase: Purchase) -> tuple[list[Applied], Any]:
    if not purchase.wish.code:
        return [], ""
    code = find(purchase.wish.code, purchase.member)
    if code is None:
        return [], UNKNOWN
    coupon = code.coupon
    refusal = why_not(coupon, purchase) or why_not_code(code, purchase.order)
    if not coupon.is_off_the_price:
        refusal = ELSEWHERE
    return ([], refusal) if refusal else ([Applied(coupon, code)], "")


def _is_later_period(purchase: Purchase) -> bool:
    """A plan that was only tried, or given, so far begins with its first payment."""
    subscription = purchase.subscription
    if purchase.kind != Order.Kind.RENEWAL or subscription is None:
        return False
    return subscription.orders.filter(state=Order.State.PAID).exists()


def _going_on(purchase: Purchase) -> list[Applied]:
    """Coupons of the plan's first periods that go on with this one. What was promised
    stands, even where the coupon has ended."""
    counted = Q(carried__state__in=STANDING)
    if purchase.order:
        counted &= ~Q(carried__order=purchase.order)
    uses = CouponUse.objects.filter(
        order__subscription=purchase.subscription, of=None, state=State.USED
    )
    uses = uses.annotate(periods=1 + Count("carried", filter=counted))
    going_on = uses.filter(coupon__periods__gt=F("periods")).select_related("coupon")
    return [
        Applied(use.coupon, of=use)
        for use in going_on.order_by("pk")
        if not _why_not_for(use.coupon, purchase)
    ]


def _best(candidates: Sequence[Applied], rest: int) -> tuple[Applied, ...]:
    """Of the sets that are allowed, the one that takes most off."""
    others = [it for it in candidates if it.coupon.stacks]
    alone = [it for it in candidates if not it.coupon.stacks]
    allowed = [[*others, one] for one in alone] or [others]
    return max((_off(chosen, rest) for chosen in allowed), key=_total)


def _total(lines: Iterable[Applied]) -> int:
    return sum(line.amount for line in lines)


def _off(chosen: Iterable[Applied], rest: int) -> tuple[Applied, ...]:
    lines = []
    for it in sorted(chosen, key=_place):
        amount = _amount(it.coupon, rest)
        rest -= amount
        if amount:
            lines.append(Applied(it.coupon, it.code, it.of, amount))
    return tuple(lines)


def _place(applied: Applied) -> tuple[bool, int]:
    return applied.coupon.gives != Gives.PERCENT, applied.coupon.pk


def _amount(coupon: Coupon, rest: int) -> int:
    if coupon.gives == Gives.AMOUNT:
        return min(coupon.amount or 0, rest)
    part = rest * (coupon.percent or 0) // 100
    return part if coupon.at_most is None else min(part, coupon.at_most)


def why_not(coupon: Coupon, purchase: Purchase) -> Any:
    """Why it cannot be used for this now, in words for the buyer; "" when it can."""
    return _why_not_for(coupon, purchase) or why_not_now(
        coupon, purchase.member, besides=purchase.order
    )


def _why_not_for(coupon: Coupon, purchase: Purchase) -> Any:
    offer = purchase.offer
    needs_currency = coupon.gives == Gives.AMOUNT or coupon.at_most or coupon.minimum
    if needs_currency and coupon.currency != offer.currency:
        return NOT_FOR_THIS
    if not covers(coupon, offer):
        return NOT_FOR_THIS
    if offer.price < coupon.minimum:
        text = _("It counts from a price of %(price)s on.")
        return text % {"price": shown(coupon.minimum, coupon.currency)}
    return ""


def covers(coupon: Coupon, offer: Offer) -> bool:
    if coupon.applies_to == For.PLANS:
        return Offer.objects.plans().filter(pk=offer.pk).exists()
    if coupon.applies_to == For.KIND:
        return offer.what.partition(":")[0] == coupon.kind
    if coupon.applies_to == For.OFFERS:
        return coupon.offers.filter(pk=offer.pk).exists()
    return True


def only_offer(coupon: Coupon) -> Offer | None:
    if coupon.applies_to != For.OFFERS:
        return None
    offers = list(coupon.offers.on_sale().filter(only_for=None)[:2])
    return offers[0] if len(offers) == 1 else None


def why_not_now(coupon: Coupon, member: User, *, besides: Order | None = None) -> Any:
    """The same, whatever it is for; what `besides` holds counts as free."""
    now = timezone.now()
    is_over = coupon.ends_at is not None and coupon.ends_at <= now
    if not coupon.is_active or coupon.starts_at > now or is_over:
        return NOT_NOW
    if refusal := _why_not_them(coupon, member):
        return refusal
    mine = standing(coupon, member, besides)
    if mine.count() >= coupon.most_each:
        return used_by_them(coupon)
    is_kept = besides is not None and _is_kept(coupon, besides)
    if coupon.most_uses is not None and coupon.taken - is_kept >= coupon.most_uses:
        return USED_UP
    return ""


def used_by_them(coupon: Coupon) -> str:
    text = ngettext(
        "You have used it already.",
        "You have used it %(n)d times already.",
        coupon.most_each,
    )
    return text % {"n": coupon.most_each}


def _why_not_them(coupon: Coupon, member: User) -> Any:
    if coupon.audience == Audience.NEW and has_bought(member):
        return _("It is for those who have not bought anything yet.")
    if coupon.audience == Audience.HOLDERS and not entitlements.holds(
        member, coupon.audience_key
    ):
        return _("It is for those who have a certain plan.")
    if coupon.audience == Audience.LEVEL and member.level < (coupon.min_level or 0):
        return _("It is for members from a certain level on.")
    if coupon.audience == Audience.LISTED and not is_listed(coupon, member):
        return _("It is for certain members.")
    return ""


def has_bought(member: User) -> bool:
    never_paid = [Order.State.OPEN, Order.State.EXPIRED]
    return member.orders.exclude(state__in=never_paid).exists()


def is_listed(coupon: Coupon, member: User) -> bool:
    """On its list; of a campaign's coupon, whom the campaign has reached as well."""
    campaigns = Campaign.objects.filter(coupon=coupon)
    if campaigns.exclude(members__member=member).exists():
        return False
    return coupon.listed.filter(member=member).exists()


def has_as_many_as_count(coupon: Coupon, member: User) -> bool:
    """Whether one more code for this member could never be used beside those that were
    handed to them."""
    unused = coupon.all_codes.filter(member=member).exclude(uses__state__in=STANDING)
    return unused.count() + standing(coupon, member).count() >= coupon.most_each


def standing(
    coupon: Coupon, member: User, besides: Order | None = None
) -> QuerySet[CouponUse]:
    """This member's uses that count."""
    mine = coupon.uses.filter(member=member, state__in=STANDING, of=None)
    return mine.exclude(order=besides) if besides else mine


def _is_kept(coupon: Coupon, order: Order) -> bool:
    kept = coupon.uses.filter(order=order, state__in=STANDING, of=None)
    return kept.exists()


def is_single(code: CouponCode) -> bool:
    return code.coupon.codes == Codes.SINGLE


def why_not_code(code: CouponCode, besides: Order | None = None) -> Any:
    if not is_single(code):
        return ""
    uses = code.uses.filter(state__in=STANDING)
    uses = uses.exclude(order=besides) if besides else uses
    return CODE_USED if uses.exists() else ""
