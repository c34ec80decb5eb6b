"""Numbered papers about money that came and money that went back, without gaps."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Order, Receipt, ReceiptSeries, Refund


@transaction.atomic
def issue(order: Order) -> Receipt | None:
    """The receipt of a paid order, once; none for what cost nothing."""
    if not order.amount:
        return None
    existing = order.receipts.filter(kind=Receipt.Kind.RECEIPT).first()
    return existing or _numbered(Receipt.Kind.RECEIPT, order, order.amount)


@transaction.atomic
def issue_credit_note(refund: Refund) -> Receipt:
    existing = Receipt.objects.filter(refund=refund).first()
    return existing or _numbered(
        Receipt.Kind.CREDIT_NOTE, refund.payment.order, refund.amount, refund
    )


def _numbered(
    kind: str, order: Order, amount: int, refund: Refund | None = None
) -> Receipt:
    """With the next number of the year; whoever comes second waits for the first."""
    year = timezone.localdate().year
    ReceiptSeries.objects.get_or_create(year=year)
    series = ReceiptSeries.objects.select_for_update().get(year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return Receipt.objects.create(
        kind=kind,
        year=year,
        number=series.last,
        order=order,
        refund=refund,
        amount=amount,
        currency=order.currency,
    )
