"""Asking for the money back."""

from django.db import transaction
from django.utils import timezone

from accounts.errors import AlreadyDecided, NothingLeft
from accounts.models import Order, RefundRequest, User
from accounts.services import mails, refunds


def may_ask(order: Order) -> bool:
    """Of what was paid and not asked about before."""
    if order.state != Order.State.PAID or not order.amount:
        return False
    return not RefundRequest.objects.filter(order=order).exists()


def ask(*, order: Order, words: str) -> RefundRequest:
    """Asking twice changes nothing."""
    return RefundRequest.objects.get_or_create(order=order, defaults={"words": words})[
        0
    ]


@transaction.atomic
def answer(
    *, request: RefundRequest, by: User, words: str, amount: int | None
) -> RefundRequest:
    """Give `amount` back (None: nothing) and say why.

    Raises AlreadyDecided; NothingLeft; TooMuch and Credited like a refund.
    """
    request = RefundRequest.objects.select_for_update().get(pk=request.pk)
    if request.answered_at:
        raise AlreadyDecided
    if amount and not refunds.refund(
        order=request.order, by=by, amount=amount, reason=words[:200]
    ):
        raise NothingLeft(request.order.number)
    request.answered_at, request.answered_by = timezone.now(), by
    request.answer = words
    request.save(update_fields=["answered_at", "answered_by", "answer"])
    mails.send(
        key=f"refund-request:{request.pk}",
        member=request.order.member,
        template="refund_answered",
        number=request.order.number,
        title=request.order.title,
        words=words,
        is_given=bool(amount),
    )
    return request
