"""What incentives takes off the price of an order: coupons first, then points."""

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Sum
from django.utils.translation import get_language

from accounts.models import Order, OrderReduction
from accounts.reductions import (
    NOTHING,
    Offered,
    Purchase,
    Reducer,
    Reduction,
    Wish,
)
from incentives.services import coupon_rules, coupons, tender
from incentives.services.coupon_rules import Applied

COUPON = OrderReduction.Kind.COUPON
POINTS = OrderReduction.Kind.POINTS


class Checkout(Reducer):
    def offered(self, purchase: Purchase) -> Offered:
        if not purchase.rest:
            return NOTHING
        applying = coupon_rules.applying(purchase)
        found = tender.offered(purchase, purchase.rest - applying.amount)
        language = get_language() or ""
        lines = (_line(applied, language) for applied in applying.lines)
        return replace(
            found,
            lines=(*lines, *found.lines),
            refusal=applying.refusal,
            note=applying.note,
        )

    def prepare(
        self, purchase: Purchase, stale: Sequence[Order], lines: Sequence[Reduction]
    ) -> None:
        kept = OrderReduction.objects.filter(order__in=stale, kind=COUPON)
        ids = set(kept.values_list("ref", flat=True)) if stale else set()
        ids.update(line.ref for line in lines if line.kind == COUPON)
        if lines or any(order.reduced for order in stale):
            coupons.lock(purchase.member, sorted(ids))

    def take(
        self, order: Order, purchase: Purchase, lines: Sequence[Reduction]
    ) -> None:
        expected = [(line.ref, line.amount) for line in lines if line.kind == COUPON]
        coupons.take(order, purchase, expected)
        for line in lines:
            if line.kind == POINTS:
                tender.take(order, line)

    def take_again(self, order: Order) -> None:
        if order.reduced:
            coupons.take_again(order)
            tender.take_again(order)

    def wish_of(self, order: Order) -> Wish:
        codes = order.coupon_uses.filter(code__isnull=False)
        code = codes.values_list("code__code", flat=True).first()
        lines = order.reductions.filter(kind=POINTS)
        return Wish(code or "", lines.aggregate(points=Sum("count"))["points"] or 0)

    def paid(self, order: Order) -> None:
        if order.reduced:
            coupons.mark_paid(order)
            tender.mark_paid(order)

    def let_go(self, order: Order) -> None:
        if order.reduced:
            coupons.let_go(order)
            tender.let_go(order)

    def given_back(self, order: Order, *, back: int, paid: int) -> None:
        if not order.reduced:
            return
        if back == paid:
            coupons.give_back(order)
        tender.give_back(order, back=back, paid=paid)


def _line(applied: Applied, language: str) -> Reduction:
    return Reduction(
        kind=COUPON,
        ref=applied.coupon.pk,
        title=applied.coupon.title_in(language),
        amount=applied.amount,
    )
