"""From the gateway's word to the member's entitlement, each step once.

There are three ways to learn that a payment succeeded: the gateway's notice, the
buyer coming back, and asking the gateway later. All three end in `settle`, which
locks the order, so they may come in any order, twice, or at the same moment.
"""

import datetime as dt
import logging
import secrets

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import gateways
from accounts.errors import GatewayDown
from accounts.gateways.base import Outcome, Said
from accounts.models import Notice, Order, Payment, Verb
from accounts.services import entitlements, ledger
from accounts.services.activity import record_activity
from accounts.services.ledger import Line

logger = logging.getLogger(__name__)

ASK_AFTER = dt.timedelta(minutes=2)
GIVE_UP_AFTER = dt.timedelta(hours=24)


def start_payment(*, order: Order, gateway_name: str) -> str:
    """Begin to pay `order`; returns the gateway's address to send the buyer to.

    A try that is still under way is gone on with, not doubled. Raises GatewayDown.
    """
    gateway = gateways.by_name(gateway_name)
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        payment = order.payments.filter(
            gateway=gateway.name, state=Payment.State.STARTED
        ).first()
        if payment is None:
            payment = order.payments.create(
                gateway=gateway.name,
                reference=f"{order.number}-{secrets.token_hex(4)}",
                amount=order.amount,
                currency=order.currency,
            )
    return_path = reverse("accounts:order", args=[order.number])
    return gateway.start(payment, return_path=return_path)


def receive_notice(*, gateway_name: str, body: bytes, signature: str) -> None:
    """Take in what a gateway sent; the same notice again changes nothing.

    Raises BadSignature; KeyError for a gateway that is not offered.
    """
    said = gateways.by_name(gateway_name).read(body, signature)
    with transaction.atomic():
        payment = Payment.objects.filter(
            gateway=gateway_name, reference=said.reference
        ).first()
        _, is_new = Notice.objects.get_or_create(
            gateway=gateway_name,
            notice_id=said.notice_id,
            defaults={"payment": payment, "body": body.decode()},
        )
        if payment is None:
            logger.warning("A notice names an unknown payment: %s", said.reference)
        elif is_new:
            settle(payment, said)


def ask_about(payment: Payment) -> Payment:
    """Ask the gateway what became of the payment and act on it. Raises GatewayDown."""
    said = gateways.by_name(payment.gateway).ask(payment)
    return settle(payment, said)


@transaction.atomic
def settle(payment: Payment, said: Said) -> Payment:
    """Make our books say what the gateway says. Harmless to repeat."""
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if said.outcome is Outcome.WAITING or payment.settled_at:
        return payment
    if said.outcome is Outcome.DECLINED:
        return _end(payment, Payment.State.DECLINED)
    if (said.amount, said.currency) != (payment.amount, payment.currency):
        logger.error("%s was paid with another amount: %s", payment, said)
        return payment
    if order.state in {Order.State.PAID, Order.State.REFUNDED}:
        return _return_surplus(payment)
    return _succeed(order, payment)


def _succeed(order: Order, payment: Payment) -> Payment:
    _end(payment, Payment.State.SUCCEEDED)
    order.state = Order.State.PAID
    order.paid_at = timezone.now()
    order.save(update_fields=["state", "paid_at"])
    _book(payment, key=f"payment:{payment.pk}", cause="payment", amount=payment.amount)
    entitlements.grant(
        member=order.member,
        what=order.offer.what,
        days=order.offer.days,
        order=order,
        reason=order.title,
    )
    record_activity(member=order.member, verb=Verb.PAID, target=order)
    return payment


def _return_surplus(payment: Payment) -> Payment:
    """The order was paid already: what came now goes back where it came from."""
    _end(payment, Payment.State.RETURNED)
    transaction.on_commit(lambda: _refund_at_gateway(payment))
    return payment


@transaction.atomic
def refund(order: Order) -> Order:
    """Give a paid order's money back and take back what it opened."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.state != Order.State.PAID:
        return order
    payment = order.payments.get(state=Payment.State.SUCCEEDED)
    _book(payment, key=f"refund:{payment.pk}", cause="refund", amount=-payment.amount)
    entitlements.revoke_for(order)
    order.state = Order.State.REFUNDED
    order.save(update_fields=["state"])
    record_activity(member=order.member, verb=Verb.REFUNDED, target=order)
    transaction.on_commit(lambda: _refund_at_gateway(payment))
    return order


def _refund_at_gateway(payment: Payment) -> None:
    try:
        gateways.by_name(payment.gateway).refund(payment)
    except GatewayDown:
        logger.exception("%s has to be given back by hand", payment)


def _end(payment: Payment, state: str) -> Payment:
    payment.state = state
    payment.settled_at = timezone.now()
    payment.save(update_fields=["state", "settled_at"])
    return payment


def _book(payment: Payment, *, key: str, cause: str, amount: int) -> None:
    lines = [Line(f"gateway {payment.gateway}", amount), Line("revenue", -amount)]
    ledger.post(
        key=key, unit=payment.currency, cause=cause, lines=lines, source=payment.order
    )


def ask_about_open_payments() -> int:
    """Ask the gateways about every payment we heard nothing of; how many settled."""
    settled = 0
    silent = Payment.objects.filter(
        state=Payment.State.STARTED, created_at__lt=timezone.now() - ASK_AFTER
    ).select_related("order")
    for payment in silent.iterator():
        settled += _ask_once(payment)
    return settled


def _ask_once(payment: Payment) -> bool:
    try:
        payment = ask_about(payment)
    except (GatewayDown, KeyError):
        return False
    if payment.settled_at:
        return True
    if payment.created_at < timezone.now() - GIVE_UP_AFTER:
        # Not settled: should the money come after all, its notice still counts.
        Payment.objects.filter(pk=payment.pk, state=Payment.State.STARTED).update(
            state=Payment.State.EXPIRED
        )
    return False
