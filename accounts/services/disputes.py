"""When the buyer's bank takes the money back."""

from django.utils import timezone

from accounts.models import Dispute, Order, Payment
from accounts.services import books, refunds, shares


def catch_up(payment: Payment, state: str) -> None:
    """Follow what the gateway says of a dispute: opened, won or lost, each once."""
    if not state:
        return
    dispute = Dispute.objects.filter(payment=payment).first() or _open(payment)
    if dispute.state != Dispute.State.OPEN or state == Dispute.State.OPEN:
        return
    dispute.state, dispute.closed_at = state, timezone.now()
    dispute.save(update_fields=["state", "closed_at"])
    if state == Dispute.State.WON:
        books.book_dispute_won(dispute)
    else:
        _lose(dispute)


def _open(payment: Payment) -> Dispute:
    """What was opened stays open until it is decided."""
    left = payment.amount - payment.refunded
    dispute = Dispute.objects.create(payment=payment, amount=left)
    books.book_dispute(dispute)
    return dispute


def _lose(dispute: Dispute) -> None:
    books.book_dispute_lost(dispute)
    payment = dispute.payment
    payment.refunded += dispute.amount
    payment.save(update_fields=["refunded"])
    shares.give_back(payment, f"dispute:{dispute.pk}")
    order = payment.order
    if order.state == Order.State.PAID:
        refunds.close_access(order)
        order.state = Order.State.CHARGED_BACK
        order.save(update_fields=["state"])
