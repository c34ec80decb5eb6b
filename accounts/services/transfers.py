"""Bank transfers of another amount than was asked for: taken as it is, or sent back."""

from django.db import transaction

from accounts.errors import AlreadyDecided, NotNow
from accounts.gateways.base import Outcome, Said
from accounts.models import Difference, Order, Payment, User
from accounts.services import audit, books, differences, mails, payments


def is_undecided(difference: Difference) -> bool:
    payment = difference.payment
    return (
        difference.resolved_at is None
        and difference.gateway == "bank"
        and difference.came is not None
        and payment is not None
        and not payment.is_ours
    )


@transaction.atomic
def accept(*, difference: Difference, note: str, by: User) -> None:
    """Take what came for the whole price.

    What is missing is booked as the bank's fee; what is too much is the operator's to
    send back. Raises AlreadyDecided; NotNow when the order buys nothing any more.
    """
    payment, came = _undecided(difference)
    differences.resolve(difference=difference, note=note, by=by)
    said = Said(
        reference=payment.reference,
        outcome=Outcome.SUCCEEDED,
        amount=payment.amount,
        currency=payment.currency,
        fee=max(0, payment.amount - came),
    )
    if payments.settle(payment, said).state != Payment.State.SUCCEEDED:
        raise NotNow
    _record("accepted a transfer", payment, came, note=note, by=by)


@transaction.atomic
def send_back(*, difference: Difference, note: str, by: User) -> None:
    """An operator sent back what came; the order waits for the right amount.

    The member is told. Raises AlreadyDecided.
    """
    payment, came = _undecided(difference)
    differences.resolve(difference=difference, note=note, by=by)
    books.book_returned(payment, f"difference:{difference.pk}", came)
    mails.send(
        key=f"transfer-returned:{difference.pk}",
        member=payment.order.member,
        template="transfer_returned",
        number=payment.order.number,
        title=payment.order.title,
        came=came,
        price=payment.amount,
        currency=payment.currency,
    )
    _record("sent a transfer back", payment, came, note=note, by=by)


def _undecided(difference: Difference) -> tuple[Payment, int]:
    """The payment and what came for it, under the lock that whoever settles takes."""
    payment, came = difference.payment, difference.came
    if payment is None or came is None:
        raise AlreadyDecided
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    payment = order.payments.get(pk=payment.pk)
    if payment.is_ours:
        raise AlreadyDecided
    return payment, came


def _record(act: str, payment: Payment, came: int, *, note: str, by: User) -> None:
    audit.record(
        act=act,
        actor=by,
        target=payment,
        reason=note,
        amount=came,
        currency=payment.currency,
        member=payment.order.member_id,
    )
