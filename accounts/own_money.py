"""The privacy handler of billing: orders, plans, papers, the ledger's own lines.

What was paid stays in the books, as the law asks; erasing leaves numbers without a
person behind them.
"""

from typing import Any

from django.utils import timezone

from accounts.models import (
    CreatorAccount,
    Difference,
    Entitlement,
    Entry,
    Gift,
    LedgerAccount,
    Lot,
    Notice,
    Offer,
    Order,
    Payout,
    Receipt,
    Refund,
    RefundRequest,
    ShareAgreement,
    Subscription,
    SubscriptionPhase,
    User,
)
from accounts.privacy import Handler, rows
from accounts.services import orders, subscriptions


def export(member: User) -> dict[str, Any]:
    return {
        "orders": rows(
            member.orders,
            *("number", "title", "kind", "price", "credit", "amount", "currency"),
            *("state", "created_at", "paid_at"),
        ),
        "refunds": rows(
            Refund.objects.filter(payment__order__member=member),
            *("payment__order__number", "amount", "state", "created_at", "reason"),
        ),
        "refund requests": rows(
            RefundRequest.objects.filter(order__member=member),
            *("order__number", "words", "created_at", "answered_at", "answer"),
        ),
        "receipts": rows(
            Receipt.objects.filter(order__member=member),
            *("kind", "year", "number", "amount", "currency", "issued_at"),
        ),
        "plans": rows(
            member.subscriptions,
            *("offer__title", "state", "renews", "started_at", "period_ends_at"),
            *("ended_at", "cancelled_at", "cancel_reason", "cancel_words"),
        ),
        "plan history": rows(
            SubscriptionPhase.objects.filter(member=member),
            *("offer__title", "state", "monthly", "currency", "starts_at", "ends_at"),
        ),
        "gifts": rows(
            Gift.objects.filter(order__member=member),
            *("code", "created_at", "redeemed_at"),
        ),
        "gifts redeemed": rows(
            member.gifts_redeemed, "order__offer__title", "redeemed_at"
        ),
        "entitlements": rows(
            member.entitlements, "what", "source", "starts_at", "ends_at", "revoked_at"
        ),
        "share agreements": rows(
            member.share_agreements, "per_mille", "starts_on", "ends_on"
        ),
        "payouts": rows(member.payouts, "amount", "currency", "paid_at", "note"),
        "ledger": rows(
            Entry.objects.filter(account__member=member).order_by("id"),
            *("transfer__at", "transfer__cause", "transfer__unit", "amount"),
            "balance_after",
        ),
        "points with a date": rows(
            Lot.objects.filter(account__member=member).order_by("id"),
            *("remaining", "expires_at"),
        ),
    }


def erase(member: User) -> None:
    """Close what is running; free texts go, amounts stay."""
    now = timezone.now()
    for order in member.orders.filter(state=Order.State.OPEN):
        orders.expire(order)
    if running := subscriptions.locked(member):
        subscriptions.end_now(running)
    member.entitlements.filter(revoked_at=None).update(revoked_at=now)
    member.subscriptions.update(cancel_words="", method=None)
    RefundRequest.objects.filter(order__member=member).update(words="", answer="")
    Refund.objects.filter(payment__order__member=member).update(reason="")
    Notice.objects.filter(payment__order__member=member).update(body="")
    member.share_agreements.update(note="")
    member.payouts.update(note="")


HANDLER = Handler(
    name="billing",
    covers=(
        *(Order, Refund, RefundRequest, Receipt, Difference, Offer),
        *(Subscription, SubscriptionPhase, Gift, Entitlement, LedgerAccount),
        *(ShareAgreement, Payout, CreatorAccount),
    ),
    export=export,
    erase=erase,
)
