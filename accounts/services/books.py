"""How money is booked: the only place that names the ledger's money accounts.

Of the house, seen from the house: what it has is positive, what it earned or owes
is negative.

| account | holds |
|---|---|
| gateway NAME | what the gateway has received for us and not given back |
| fees NAME | what the gateway kept |
| revenue | what was sold, negative |
| held | what was paid for and is not done yet: owed to buyers, negative |
| refunds | what was given back of what was sold |
| surplus | what came twice, or with another amount, and goes back, negative |
| disputed | what a buyer's bank holds back |
| share costs | what creators earned |
| payable (of a creator) | what they are owed, negative |
| bank | what was paid out to creators, negative |
"""

from django.db.models import Sum

from accounts import sellable
from accounts.models import Dispute, Entry, Order, Payment, Refund, User
from accounts.services import ledger
from accounts.services.ledger import Line

PAYABLE = "payable"
HELD = "held"


def book_payment(payment: Payment) -> None:
    sold = HELD if sellable.kind_of(payment.order).is_held else "revenue"
    lines = [_gateway(payment, payment.amount), Line(sold, -payment.amount)]
    _post(payment, f"payment:{payment.pk}", "payment", lines)


def book_surplus(payment: Payment) -> None:
    lines = [_gateway(payment, payment.amount), Line("surplus", -payment.amount)]
    _post(payment, f"payment:{payment.pk}", "paid twice", lines)


def book_fee(payment: Payment, fee: int) -> None:
    """Once, when the gateway first tells it."""
    if not fee or payment.fee:
        return
    payment.fee = fee
    payment.save(update_fields=["fee"])
    lines = [Line(f"fees {payment.gateway}", fee), _gateway(payment, -fee)]
    _post(payment, f"fee:{payment.pk}", "fee", lines)


def book_refund(refund: Refund) -> None:
    payment = refund.payment
    if payment.state == Payment.State.RETURNED:
        back = [Line("surplus", refund.amount)]
    else:
        back = _given_back(payment, refund.amount)
    lines = [*back, _gateway(payment, -refund.amount)]
    _post(payment, f"refund:{refund.pk}", "refund", lines)


def book_returned(payment: Payment, key: str, amount: int) -> None:
    """What came with another amount than was asked for, and went back by hand."""
    came = [_gateway(payment, amount), Line("surplus", -amount)]
    _post(payment, f"{key}:came", "another amount", came)
    returned = [Line("surplus", amount), _gateway(payment, -amount)]
    _post(payment, f"{key}:returned", "returned by hand", returned)


def book_dispute(dispute: Dispute) -> None:
    """The gateway takes the amount back until it is decided."""
    lines = [
        Line("disputed", dispute.amount),
        _gateway(dispute.payment, -dispute.amount),
    ]
    _post(dispute.payment, f"dispute:{dispute.pk}", "dispute", lines)


def book_dispute_won(dispute: Dispute) -> None:
    lines = [
        _gateway(dispute.payment, dispute.amount),
        Line("disputed", -dispute.amount),
    ]
    _post(dispute.payment, f"dispute:{dispute.pk}:won", "dispute won", lines)


def book_dispute_lost(dispute: Dispute) -> None:
    back = _given_back(dispute.payment, dispute.amount)
    lines = [*back, Line("disputed", -dispute.amount)]
    _post(dispute.payment, f"dispute:{dispute.pk}:lost", "dispute lost", lines)


def held(order: Order) -> int:
    """What of the order is held until what it paid for is done."""
    entries = Entry.objects.filter(
        account__kind=HELD,
        account__member=None,
        transfer__object_kind=Order.activity_kind,
        transfer__object_id=order.pk,
    )
    return -(entries.aggregate(total=Sum("amount"))["total"] or 0)


def book_release(payment: Payment) -> None:
    """It is done: what was held for it is earned."""
    amount = held(payment.order)
    lines = [Line(HELD, amount), Line("revenue", -amount)]
    _post(payment, f"release:{payment.pk}", "released", lines)


def _given_back(payment: Payment, amount: int) -> list[Line]:
    """Of what is held first; what was earned already comes back as a refund."""
    is_held = sellable.kind_of(payment.order).is_held
    from_held = min(amount, held(payment.order)) if is_held else 0
    lines = [Line(HELD, from_held), Line("refunds", amount - from_held)]
    return [line for line in lines if line.amount]


def book_share(payment: Payment, key: str, creator: User, amount: int) -> None:
    """What a creator earned by a payment, or (negative) gives back after a refund."""
    cause = "share" if amount > 0 else "share back"
    lines = [Line("share costs", amount), Line(PAYABLE, -amount, creator)]
    _post(payment, key, cause, lines)


def _gateway(payment: Payment, amount: int) -> Line:
    return Line(f"gateway {payment.gateway}", amount)


def _post(payment: Payment, key: str, cause: str, lines: list[Line]) -> None:
    if not any(line.amount for line in lines):
        return  # a dispute about what was given back already moves nothing
    ledger.post(
        key=key, unit=payment.currency, cause=cause, lines=lines, source=payment.order
    )
