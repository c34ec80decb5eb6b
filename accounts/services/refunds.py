"""Giving money back: booked and closed at once, sent to the gateway after commit."""

import logging
import secrets

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from accounts import gateways, reductions, sellable
from accounts.errors import AlreadyDecided, Credited, GatewayDown, TooMuch
from accounts.models import (
    Dispute,
    Entitlement,
    Gift,
    Order,
    Payment,
    Refund,
    User,
    Verb,
)
from accounts.services import (
    audit,
    books,
    entitlements,
    mails,
    orders,
    receipts,
    shares,
    subscriptions,
)
from accounts.services.activity import record_activity

logger = logging.getLogger(__name__)


@transaction.atomic
def refund(
    *,
    order: Order,
    by: User | None = None,
    amount: int | None = None,
    reason: str = "",
    ends_access: bool = False,
) -> Refund | None:
    """Give `amount` (None: all that is left) of a paid order back.

    All of it, or with `ends_access` any part, closes what the order opened. None
    when nothing can be given back: it is not paid, given back already, or disputed.
    Raises TooMuch; Credited where it is part of the price of another order.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    payment = _payment_of(order)
    if payment is None:
        return None
    if Entitlement.objects.filter(
        order=order, replaced_by__state=Order.State.PAID
    ).exists():
        raise Credited(order.number)
    left = payment.amount - payment.refunded
    amount = left if amount is None else amount
    if amount > left:
        raise TooMuch(order.number)
    if amount == 0:
        return None
    made = _make(payment, amount, reason=reason, by=by)
    _close(order, made, ends_access=ends_access)
    _send_after_commit(made)
    if by:
        audit.record(
            act="refunded",
            actor=by,
            target=order,
            reason=reason,
            amount=amount,
            currency=order.currency,
        )
    return made


@transaction.atomic
def undo_free(
    *, order: Order, by: User | None = None, reason: str = "", percent: int = 100
) -> bool:
    """Take an order back that coupons or points paid for entirely: there is no money
    to return, but what it opened closes, and `percent` of what was given comes back.

    False when there is nothing to undo.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.state != Order.State.PAID or not is_reduced_to_nothing(order):
        return False
    close_access(order)
    if percent == 100:
        _end(order)
    reductions.current().given_back(order, back=percent, paid=100)
    if percent == 100:
        orders.release(order)
    if by:
        audit.record(act="undid an order", actor=by, target=order, reason=reason)
    return True


def is_reduced_to_nothing(order: Order) -> bool:
    return order.reduced > 0 and order.amount == 0


def left_of(orders: list[Order]) -> list[tuple[int, str]]:
    """(amount, currency) of what was paid for these and not given back."""
    paid = Payment.objects.filter(order__in=orders, state=Payment.State.SUCCEEDED)
    sums = paid.values("currency").order_by("currency")
    left = Sum(F("amount") - F("refunded"))
    return list(sums.annotate(left=left).values_list("left", "currency"))


def _payment_of(order: Order) -> Payment | None:
    if order.state != Order.State.PAID:
        return None
    payments = order.payments.select_for_update()
    payment = payments.filter(state=Payment.State.SUCCEEDED).first()
    return None if payment is None or _is_disputed(payment) else payment


def _is_disputed(payment: Payment) -> bool:
    """While the buyer's bank holds the money, it is not ours to give."""
    return Dispute.objects.filter(payment=payment, state=Dispute.State.OPEN).exists()


def _make(payment: Payment, amount: int, *, reason: str, by: User | None) -> Refund:
    payment.refunded += amount
    payment.save(update_fields=["refunded"])
    made = Refund.objects.create(
        payment=payment,
        reference=f"{payment.reference}-r{secrets.token_hex(4)}",
        amount=amount,
        reason=reason,
        by=by,
    )
    books.book_refund(made)
    return made


def _close(order: Order, made: Refund, *, ends_access: bool) -> None:
    """What follows from money given back: papers, shares, access, the order's state."""
    payment = made.payment
    receipts.issue_credit_note(made)
    shares.give_back(payment, f"refund:{made.pk}")
    is_whole = payment.refunded == payment.amount
    if is_whole or ends_access:
        close_access(order)
    if is_whole:
        _end(order)
    reductions.current().given_back(order, back=_refunded(payment), paid=payment.amount)
    if is_whole:
        orders.release(order)
    mails.send(
        key=f"refund:{made.pk}",
        member=order.member,
        template="refunded",
        number=order.number,
        title=order.title,
        amount=made.amount,
        currency=order.currency,
    )


def _end(order: Order) -> None:
    order.state = Order.State.REFUNDED
    order.save(update_fields=["state"])
    sellable.kind_of(order).closed(order)
    record_activity(member=order.member, verb=Verb.REFUNDED, target=order)


def close_access(order: Order) -> None:
    """End what the order opened, whoever uses it."""
    gift = Gift.objects.filter(order=order).select_related("redeemed_by").first()
    user = gift.redeemed_by if gift else order.member
    if user is None:
        return
    entitlements.lock(user)
    if entitlements.revoke_for(order):
        subscriptions.follow_entitlements(user, order.offer.what, may_end=True)
    if order.period_starts_at:
        order.period_starts_at = None  # the period may be paid again
        order.save(update_fields=["period_starts_at"])


def give_back_surplus(payment: Payment) -> None:
    """The whole of a payment that nothing was sold for."""
    _send_after_commit(_make(payment, payment.amount, reason="paid twice", by=None))


def catch_up(payment: Payment, refunded: int) -> None:
    """Book what the gateway gave back without being asked by us."""
    missing = min(refunded, payment.amount) - _refunded(payment)
    if missing <= 0 or _is_disputed(payment):
        return
    made = _make(payment, missing, reason="", by=None)
    mark_done(refund=made)
    if payment.state == Payment.State.SUCCEEDED:
        _close(payment.order, made, ends_access=False)


def _refunded(payment: Payment) -> int:
    """Without what a lost dispute took: gateways do not count that as given back."""
    lost = Dispute.objects.filter(payment=payment, state=Dispute.State.LOST).first()
    return payment.refunded - (lost.amount if lost else 0)


def _send_after_commit(made: Refund) -> None:
    from accounts import tasks

    tasks.send_refund.delay_on_commit(made.pk)


def send(refund_id: int) -> None:
    """Ask the gateway to give the money back; harmless to repeat.

    Whatever comes in between is written to the refund, for the operators to read.
    """
    made = Refund.objects.select_related("payment").get(pk=refund_id)
    if made.state == Refund.State.DONE:
        return
    try:
        gateways.by_name(made.payment.gateway).refund(made)
    except (GatewayDown, KeyError) as error:
        logger.warning("%s was not given back yet", made)
        _keep_problem(made, str(error))
    except Exception as error:  # of a gateway's library: the others do not wait for it
        logger.exception("%s was not given back", made)
        _keep_problem(made, f"{type(error).__name__}: {error}")
    else:
        mark_done(refund=made)


def _keep_problem(made: Refund, problem: str) -> None:
    made.problem = problem[:300]
    made.save(update_fields=["problem"])


def mark_done(*, refund: Refund, note: str = "") -> None:
    """The money has gone back, by the gateway or by hand."""
    refund.state, refund.done_at = Refund.State.DONE, timezone.now()
    refund.problem = note
    refund.save(update_fields=["state", "done_at", "problem"])


@transaction.atomic
def settle_by_hand(*, refund: Refund, note: str, by: User) -> None:
    """An operator gave the money back outside of this software.

    Raises AlreadyDecided where it went back before.
    """
    refund = Refund.objects.select_for_update().get(pk=refund.pk)
    if refund.state == Refund.State.DONE:
        raise AlreadyDecided
    mark_done(refund=refund, note=note)
    audit.record(
        act="gave back by hand",
        actor=by,
        target=refund,
        reason=note,
        amount=refund.amount,
        currency=refund.payment.currency,
    )


def send_waiting() -> None:
    """Try again what a gateway did not take so far."""
    waiting = Refund.objects.filter(state=Refund.State.ASKED)
    for pk in list(waiting.values_list("pk", flat=True)):
        send(pk)
