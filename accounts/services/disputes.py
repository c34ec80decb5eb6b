"""When the buyer's bank takes the money back."""

from django.utils import timezone

from accounts import sellable
from accounts.models import Dispute, Order, Payment, Verb
from accounts.services import books, mails, orders, receipts, refunds, shares
from accounts.services.activity import record_activity


def catch_up(payment: Payment, state: str, amount: int = 0) -> None:
    """Follow what the gateway says of a dispute: opened, won or lost, each once.

    `amount` is what it is about; 0, where the gateway does not say: all that is left.
    """
    if not state:
        return
    found = Dispute.objects.filter(payment=payment).first()
    dispute = found or _open(payment, amount)
    if dispute.state != Dispute.State.OPEN or state == Dispute.State.OPEN:
        return
    dispute.state, dispute.closed_at = state, timezone.now()
    dispute.save(update_fields=["state", "closed_at"])
    if state == Dispute.State.WON:
        books.book_dispute_won(dispute)
    else:
        _lose(dispute)


def _open(payment: Payment, amount: int) -> Dispute:
    """What was opened stays open until it is decided."""
    left = payment.amount - payment.refunded
    dispute = Dispute.objects.create(payment=payment, amount=min(amount or left, left))
    books.book_dispute(dispute)
    return dispute


def _lose(dispute: Dispute) -> None:
    books.book_dispute_lost(dispute)
    payment = dispute.payment
    payment.refunded += dispute.amount
    payment.save(update_fields=["refunded"])
    shares.give_back(payment, f"dispute:{dispute.pk}")
    if payment.state == Payment.State.SUCCEEDED:
        _close(payment.order, dispute)


def _close(order: Order, dispute: Dispute) -> None:
    """What follows for who bought it; what is open in part stays open, as with a
    refund in part."""
    if dispute.amount:
        receipts.issue_credit_note_of_dispute(dispute)
    is_whole = dispute.payment.refunded == dispute.payment.amount
    if is_whole and order.state == Order.State.PAID:
        refunds.close_access(order)
        orders.release(order)
        order.state = Order.State.CHARGED_BACK
        order.save(update_fields=["state"])
        sellable.kind_of(order).closed(order)
        record_activity(member=order.member, verb=Verb.REFUNDED, target=order)
    mails.send(
        key=f"dispute:{dispute.pk}",
        member=order.member,
        template="charged_back",
        number=order.number,
        title=order.title,
        amount=dispute.amount,
        currency=order.currency,
    )
