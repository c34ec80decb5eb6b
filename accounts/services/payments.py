"""From the gateway's word to the member's entitlement, each step once.

There are three ways to learn that a payment succeeded: the gateway's notice, the
buyer coming back, and asking the gateway later. All three end in `settle`, which
locks the order, so they may come in any order, twice, or at the same moment.
"""

import datetime as dt
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import gateways, reductions, sellable
from accounts.errors import GatewayDown, NotNow, ReductionGone, SoldOut
from accounts.gateways.base import Outcome, Said, Start
from accounts.models import Difference, Notice, Order, Payment, User, Verb
from accounts.services import (
    audit,
    books,
    differences,
    disputes,
    fulfilment,
    orders,
    own_limits,
    refunds,
    subscriptions,
)
from accounts.services.activity import record_activity
from accounts.services.subscriptions import NO_METHOD, Method
from community.lib.money import shown

logger = logging.getLogger(__name__)

Way = Payment.Way

ASK_AFTER = dt.timedelta(minutes=2)
# What is scarce waits no longer for money; should it come later, it reserves again.
HELD_FOR = dt.timedelta(days=3)


def start_payment(
    *, order: Order, gateway_name: str, on_phone: bool = False, client_ip: str = ""
) -> tuple[Payment, Start]:
    """Begin to pay `order`: the try, and where to send the buyer.

    A try that is still under way is gone on with, not doubled. Raises GatewayDown;
    KeyError for a gateway that does not take this order; NotNow once it is paid; and
    what the member's own limits raise.
    """
    gateway = gateways.by_name(gateway_name)
    if gateway not in gateways.offered(order.currency):
        raise KeyError(gateway_name)
    return_url = settings.SITE_URL + order.get_absolute_url()
    if charge := _charge_under_way(order):
        return charge, Start(return_url, gateway_reference=charge.gateway_reference)
    is_apart = on_phone and gateway.apart_on_phone
    payment = begin(order, gateway.name, Way.PHONE if is_apart else Way.PAGE)
    start = gateway.start(
        payment,
        return_url=return_url,
        notice_url=settings.SITE_URL + reverse("accounts:notice", args=[gateway.name]),
        on_phone=on_phone,
        client_ip=client_ip,
    )
    if start.gateway_reference != payment.gateway_reference:
        payment.gateway_reference = start.gateway_reference
        payment.save(update_fields=["gateway_reference"])
    return payment, start


def _charge_under_way(order: Order) -> Payment | None:
    """A charge whose answer was lost, if it succeeded after all. Raises GatewayDown."""
    charges = order.payments.filter(way=Way.SAVED, state=Payment.State.STARTED)
    asked = [ask_about(payment) for payment in charges]
    return next((payment for payment in asked if payment.is_ours), None)


@transaction.atomic
def begin(order: Order, gateway_name: str, way: Way) -> Payment:
    """The try to pay this way that is under way, or a new one; the order waits for it.

    Each way has tries of its own: what a lost charge may still bring is told from
    what the member paid by hand meanwhile, and goes back.
    """
    if way != Way.SAVED:  # what renews was agreed to before
        own_limits.check(
            member=order.member, unit=order.currency, amount=order.amount, order=order
        )
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.state not in {Order.State.OPEN, Order.State.EXPIRED}:
        raise NotNow
    started = order.payments.filter(state=Payment.State.STARTED, way=way)
    if payment := started.filter(gateway=gateway_name).first():
        return payment
    open_for = gateways.by_name(gateway_name).open_for
    if order.is_reserved:
        open_for = min(open_for, HELD_FOR)
    order.expires_at = max(order.expires_at, timezone.now() + open_for)
    order.save(update_fields=["expires_at"])
    return order.payments.create(
        gateway=gateway_name,
        way=way,
        reference=f"{order.number}-{secrets.token_hex(4)}",
        amount=order.amount,
        currency=order.currency,
    )


@transaction.atomic
def complete_free(order: Order) -> Order:
    """An order that costs nothing is paid by being placed."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.amount or order.state != Order.State.OPEN:
        return order
    return _fulfil(order)


def receive_notice(
    *, gateway_name: str, body: bytes, headers: Mapping[str, str]
) -> tuple[str, str]:
    """Take in what a gateway sent; returns what to answer, and its content type.

    It is kept first and handled then, so that whatever happens in between it can be
    handled again; the same notice again changes nothing. Raises BadSignature;
    GatewayDown; KeyError for a gateway that is not offered.
    """
    gateway = gateways.by_name(gateway_name)
    message = gateway.read(body, headers)
    notice, _ = Notice.objects.get_or_create(
        gateway=gateway_name,
        notice_id=message.notice_id,
        defaults={"body": body.decode(), "said": _as_kept(message.said)},
    )
    if notice.handled_at is None:
        handle(notice, message.said)
    return gateway.answer


def _as_kept(said: Said | None) -> dict[str, Any] | None:
    """Without what may be charged, which is kept sealed or not at all."""
    if said is None:
        return None
    return asdict(said) | {"outcome": said.outcome.value, "method": ""}


def _kept(notice: Notice) -> Said | None:
    if notice.said is None:
        return None
    return Said(**notice.said | {"outcome": Outcome(notice.said["outcome"])})


@transaction.atomic
def handle(notice: Notice, said: Said | None = None) -> None:
    """Act on a kept notice; harmless to repeat."""
    said = said or _kept(notice)
    if said:
        payment = Payment.objects.filter(
            gateway=notice.gateway, reference=said.reference
        ).first()
        if payment:
            notice.payment = settle(payment, said)
        elif said.outcome is Outcome.SUCCEEDED:
            differences.found_unknown(notice.gateway, said)
    notice.handled_at = timezone.now()
    notice.save(update_fields=["payment", "handled_at"])


def ask_about(payment: Payment) -> Payment:
    """Ask the gateway what became of the payment and act on it. Raises GatewayDown."""
    said = gateways.by_name(payment.gateway).ask(payment)
    return settle(payment, said)


@transaction.atomic
def settle(payment: Payment, said: Said) -> Payment:
    """Make our books say what the gateway says. Harmless to repeat."""
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    payment.order = order
    if said.outcome is Outcome.SUCCEEDED and not payment.is_ours:
        _receive(order, payment, said)
    elif said.outcome is Outcome.DECLINED and payment.state == Payment.State.STARTED:
        _end(payment, Payment.State.DECLINED)
    if payment.is_ours:
        books.book_fee(payment, said.fee)
        refunds.catch_up(payment, said.refunded)
        disputes.catch_up(payment, said.dispute, said.disputed)
    return payment


def _receive(order: Order, payment: Payment, said: Said) -> None:
    if (said.amount, said.currency) != (payment.amount, payment.currency):
        differences.found(
            Difference.Kind.AMOUNT,
            payment,
            ours=shown(payment.amount, payment.currency),
            theirs=shown(said.amount, said.currency),
            came=said.amount,
        )
        return
    differences.settle(payment)
    payment.gateway_reference = said.gateway_reference or payment.gateway_reference
    if not _is_wanted(order):
        orders.expire(order)
        _return_surplus(payment)
        return
    _end(payment, Payment.State.SUCCEEDED)
    books.book_payment(payment)
    _fulfil(order, _method(payment, said))


def _is_wanted(order: Order) -> bool:
    """Whether money for it still buys something. Late money has to reserve again."""
    if order.member.erased_at or not sellable.kind_of(order).is_wanted(order):
        return False
    if order.kind == Order.Kind.CHANGE and not subscriptions.credit_stands(order):
        return False
    if order.state == Order.State.OPEN:
        return True
    if order.state != Order.State.EXPIRED or fulfilment.is_pointless(order):
        return False
    try:
        with transaction.atomic():
            reductions.current().take_again(order)
            order.is_reserved = orders.reserve(order.offer)
    except (SoldOut, ReductionGone):
        return False
    return True


def _method(payment: Payment, said: Said) -> Method:
    """What later periods can be charged to, if the gateway does that."""
    if said.method and gateways.by_name(payment.gateway).can_charge:
        return Method(payment.gateway, said.method)
    return NO_METHOD


def _fulfil(order: Order, method: Method = NO_METHOD) -> Order:
    order.state = Order.State.PAID
    order.paid_at = timezone.now()
    order.save(update_fields=["state", "paid_at", "is_reserved"])
    reductions.current().paid(order)
    fulfilment.fulfil(order, method)
    record_activity(member=order.member, verb=Verb.PAID, target=order)
    return order


def _return_surplus(payment: Payment) -> None:
    """The order was paid already: what came now goes back where it came from."""
    _end(payment, Payment.State.RETURNED)
    books.book_surplus(payment)
    refunds.give_back_surplus(payment)


def _end(payment: Payment, state: str) -> None:
    payment.state = state
    payment.settled_at = timezone.now()
    payment.save(update_fields=["state", "settled_at", "gateway_reference"])


@transaction.atomic
def confirm_transfer(*, payment: Payment, amount: int, by: User) -> Payment:
    """An operator saw the money on the bank's statement; how the payment stands then.

    Another amount than was asked for leaves it waiting, and is listed as a difference.
    """
    was_ours = Payment.objects.get(pk=payment.pk).is_ours
    said = Said(
        reference=payment.reference,
        outcome=Outcome.SUCCEEDED,
        amount=amount,
        currency=payment.currency,
    )
    settled = settle(payment, said)
    if settled.is_ours and not was_ours:
        audit.record(
            act="confirmed a transfer",
            actor=by,
            target=payment,
            amount=amount,
            currency=payment.currency,
            member=payment.order.member_id,
        )
    return settled


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
        open_for = gateways.by_name(payment.gateway).open_for
    except (GatewayDown, KeyError):
        return False
    except Exception:  # of a gateway's library: the others do not wait for it
        logger.exception("%s could not be asked about", payment)
        return False
    if payment.settled_at:
        return True
    if payment.created_at < timezone.now() - open_for:
        # Not settled: should the money come after all, its notice still counts.
        Payment.objects.filter(pk=payment.pk, state=Payment.State.STARTED).update(
            state=Payment.State.EXPIRED
        )
    return False
