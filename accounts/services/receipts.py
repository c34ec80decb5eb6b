"""Numbered papers about money that came and money that went back, without gaps."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Dispute, Order, Payment, Receipt, ReceiptSeries, Refund
from community.lib.dates import site_day
from community.lib.money import in_units


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
    order = refund.payment.order
    return existing or _numbered(
        Receipt.Kind.CREDIT_NOTE, order, refund.amount, refund=refund
    )


@transaction.atomic
def issue_credit_note_of_dispute(dispute: Dispute) -> Receipt:
    existing = Receipt.objects.filter(dispute=dispute).first()
    order = dispute.payment.order
    return existing or _numbered(
        Receipt.Kind.CREDIT_NOTE, order, dispute.amount, dispute=dispute
    )


def _numbered(kind: str, order: Order, amount: int, **about: Any) -> Receipt:
    """With the next number of the year; whoever comes second waits for the first."""
    year = site_day().year
    ReceiptSeries.objects.get_or_create(year=year)
    series = ReceiptSeries.objects.select_for_update().get(year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return Receipt.objects.create(
        kind=kind,
        year=year,
        number=series.last,
        order=order,
        amount=amount,
        currency=order.currency,
        **about,
    )


def lines_of(papers: QuerySet[Receipt]) -> Iterator[tuple[Any, ...]]:
    """What bookkeeping needs of each, in their order.

    What went back is negative and names the receipt it takes back from, so that the
    amounts add up; the day is the site's, as on the paper. The fee stands once, with
    the money that came.
    """
    papers = papers.select_related("order__member").prefetch_related(
        "order__payments", "order__receipts"
    )
    for paper in papers.order_by("year", "number").iterator(chunk_size=500):
        order, gone = paper.order, paper.kind == Receipt.Kind.CREDIT_NOTE
        payment = _payment(order)
        fee = 0 if gone or payment is None else payment.fee
        yield (
            *(paper, paper.get_kind_display(), _receipt(order) if gone else ""),
            *(f"{site_day(paper.issued_at)}", order.number, order.title),
            f"{order.member} (@{order.member.username})",
            in_units(-paper.amount if gone else paper.amount, paper.currency),
            *(paper.currency, payment.gateway if payment else ""),
            payment.gateway_reference or payment.reference if payment else "",
            in_units(fee, paper.currency),
        )


def _payment(order: Order) -> Payment | None:
    tries = order.payments.all()
    return next((it for it in tries if it.state == Payment.State.SUCCEEDED), None)


def _receipt(order: Order) -> Receipt | str:
    papers = order.receipts.all()
    return next((it for it in papers if it.kind == Receipt.Kind.RECEIPT), "")
