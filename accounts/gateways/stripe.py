"""Stripe: its hosted page, saved methods for later periods, refunds and disputes.

Its events are taken as a hint that something changed, and Stripe is asked how things
stand: so their order does not matter, nor what version of its API they were made by.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.errors import BadSignature, GatewayDown
from accounts.gateways import base
from accounts.gateways.base import Message, Outcome, Said, Start
from accounts.models import Dispute, Order, Payment, Refund

EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "charge.updated",  # its fee is known
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
}

# Warnings are only questions so far: no money moves.
DISPUTES = {
    "needs_response": Dispute.State.OPEN,
    "under_review": Dispute.State.OPEN,
    "won": Dispute.State.WON,
    "lost": Dispute.State.LOST,
    "appeal_needs_response": Dispute.State.LOST,
    "appeal_under_review": Dispute.State.LOST,
}

INTENT = "latest_charge.balance_transaction"


class StripeGateway:
    name = "stripe"
    title = _("Card or wallet (Stripe)")
    currencies: frozenset[str] = frozenset()
    can_charge = True
    apart_on_phone = False
    open_for = dt.timedelta(hours=24)  # as long as Stripe keeps its page open
    answer = ("ok", "text/plain")

    def start(
        self,
        payment: Payment,
        *,
        return_url: str,
        notice_url: str,
        on_phone: bool,
        client_ip: str,
    ) -> Start:
        with _stripe() as client:
            session = client.v1.checkout.sessions.create(
                _session_for(payment, return_url),
                {"idempotency_key": f"start-{payment.reference}"},
            )
        return Start(address=session.url, gateway_reference=session.id)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Message:
        event = _event(body, headers)
        if event["type"] not in EVENTS:
            return Message(event["id"], None)
        return Message(event["id"], _told(event["data"]["object"]))

    def ask(self, payment: Payment) -> Said:
        if payment.gateway_reference.startswith("cs_"):
            return _session_said(payment.gateway_reference)
        if payment.gateway_reference:
            return _intent_said(_intent(payment.gateway_reference))
        found = _search(payment.reference)
        return _intent_said(found) if found else base.waiting(payment)

    def refund(self, refund: Refund) -> None:
        # Stripe forgets idempotency keys after a day; its list of refunds stays.
        if not _knows(refund):
            _give_back(refund)

    def close(self, payment: Payment) -> Said:
        import stripe

        if not payment.gateway_reference:
            return base.declined(payment)  # Stripe's page was never reached
        closed_already = suppress(stripe.InvalidRequestError)  # it was paid, or is old
        with _stripe() as client, closed_already:
            client.v1.checkout.sessions.expire(payment.gateway_reference)
        return _session_said(payment.gateway_reference)

    def charge(self, payment: Payment, *, method: str) -> Said:
        customer, _, saved = method.partition(" ")
        with _stripe() as client:
            try:
                intent = client.v1.payment_intents.create(
                    {
                        "amount": payment.amount,
                        "currency": payment.currency.lower(),
                        "customer": customer,
                        "payment_method": saved,
                        "description": payment.order.title,
                        "metadata": {"reference": payment.reference},
                        "off_session": True,
                        "confirm": True,
                        "expand": [INTENT],
                    },
                    {"idempotency_key": f"charge-{payment.reference}"},
                )
            except _card_error():
                return base.declined(payment)
        return _intent_said(intent.to_dict())


def _session_for(payment: Payment, return_url: str) -> Any:
    """What to announce. The same every time: a repeated key must not come with other
    words."""
    order = payment.order
    intent: dict[str, Any] = {"metadata": {"reference": payment.reference}}
    params: dict[str, Any] = {
        "mode": "payment",
        "client_reference_id": payment.reference,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": payment.currency.lower(),
                    "unit_amount": payment.amount,
                    "product_data": {"name": order.title},
                },
            }
        ],
        "payment_intent_data": intent,
        "success_url": return_url,
        "cancel_url": return_url,
    }
    if order.offer.renews and order.kind != Order.Kind.GIFT:
        intent["setup_future_usage"] = "off_session"
        params["customer_creation"] = "always"
    return params


# Asking Stripe --------------------------------------------------------------------


@contextmanager
def _stripe() -> Iterator[Any]:
    import stripe

    try:
        yield _client()
    except stripe.StripeError as error:
        # Its words may name a person: only what kind of error it is goes on.
        kind = error.code or type(error).__name__
        raise GatewayDown(f"stripe: {kind}") from error


def _client() -> Any:
    return _make_client(
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, base.TIMEOUT
    )


@lru_cache(maxsize=1)
def _make_client(key: str, api_base: str, timeout: float) -> Any:
    import stripe

    return stripe.StripeClient(
        key,
        base_addresses={"api": api_base},
        http_client=stripe.RequestsClient(timeout=timeout),
        max_network_retries=0,  # our tasks try again, with the same keys
    )


def _card_error() -> type[Exception]:
    import stripe

    return stripe.CardError


def _event(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Raises BadSignature, also for one that is older than five minutes."""
    import stripe

    signature = headers.get("Stripe-Signature", "")
    try:
        event = _client().construct_event(
            body, signature, settings.STRIPE_WEBHOOK_SECRET
        )
    except (stripe.SignatureVerificationError, ValueError, AttributeError) as error:
        raise BadSignature("stripe") from error
    if not {"id", "type", "data"} <= event.to_dict().keys():
        raise BadSignature("stripe")
    return event.to_dict()


def _intent(intent_id: str) -> dict[str, Any]:
    with _stripe() as client:
        found = client.v1.payment_intents.retrieve(intent_id, {"expand": [INTENT]})
    return found.to_dict()


def _search(reference: str) -> dict[str, Any] | None:
    """A charge whose answer was lost. A new one is found after a minute."""
    with _stripe() as client:
        found = client.v1.payment_intents.search(
            {
                "query": f"metadata['reference']:'{reference}'",
                "expand": [f"data.{INTENT}"],
            }
        )
    intents = [intent.to_dict() for intent in found.data]
    return max(intents, key=lambda one: one["status"] == "succeeded", default=None)


def _knows(refund: Refund) -> bool:
    with _stripe() as client:
        known = client.v1.refunds.list(
            {"payment_intent": refund.payment.gateway_reference, "limit": 100}
        )
    return any(
        (one.to_dict().get("metadata") or {}).get("reference") == refund.reference
        for one in known.data
    )


def _give_back(refund: Refund) -> None:
    with _stripe() as client:
        client.v1.refunds.create(
            {
                "payment_intent": refund.payment.gateway_reference,
                "amount": refund.amount,
                "metadata": {"reference": refund.reference},
            },
            {"idempotency_key": refund.reference},
        )


# What Stripe says -----------------------------------------------------------------


def _told(thing: dict[str, Any]) -> Said | None:
    """How the payment stands that an event is about; None when it is not ours."""
    if thing["object"] == "checkout.session":
        return _session_said(thing["id"]) if thing["client_reference_id"] else None
    is_intent = thing["object"] == "payment_intent"
    intent_id = thing["id"] if is_intent else thing.get("payment_intent")
    intent = _intent(intent_id) if intent_id else None
    if intent is None or not _reference(intent) or intent["status"] != "succeeded":
        # A card that was refused on Stripe's page: the buyer may take another one.
        return None
    return _intent_said(intent)


def _reference(intent: dict[str, Any]) -> str:
    return intent["metadata"].get("reference", "")


def _session_said(session_id: str) -> Said:
    with _stripe() as client:
        session = client.v1.checkout.sessions.retrieve(
            session_id, {"expand": [f"payment_intent.{INTENT}"]}
        ).to_dict()
    intent = session["payment_intent"]
    if intent and intent["status"] == "succeeded":
        return _intent_said(intent)
    return Said(
        reference=session["client_reference_id"],
        outcome=_session_outcome(session, intent),
        amount=session["amount_total"],
        currency=session["currency"].upper(),
        gateway_reference=session["id"],
    )


def _session_outcome(session: dict[str, Any], intent: dict[str, Any] | None) -> Outcome:
    """Open until Stripe closes it, whatever was refused on the way."""
    is_refused = session["status"] == "complete" and (
        intent is not None and intent["status"] != "processing"
    )
    if session["status"] == "expired" or is_refused:
        return Outcome.DECLINED
    return Outcome.WAITING


def _intent_said(intent: dict[str, Any]) -> Said:
    outcomes = {"succeeded": Outcome.SUCCEEDED, "processing": Outcome.WAITING}
    charge = intent["latest_charge"] or {}
    dispute, disputed = _dispute(charge)
    method = [intent["customer"], intent["payment_method"]]
    return Said(
        reference=_reference(intent),
        outcome=outcomes.get(intent["status"], Outcome.DECLINED),
        amount=intent["amount"],
        currency=intent["currency"].upper(),
        gateway_reference=intent["id"],
        fee=_fee(charge),
        refunded=charge.get("amount_refunded", 0),
        dispute=dispute,
        disputed=disputed,
        method=" ".join(method) if all(method) else "",
    )


def _fee(charge: dict[str, Any]) -> int:
    """Once it is settled, and if it is settled in the currency that was paid."""
    settled = charge.get("balance_transaction")
    if not settled or settled["currency"] != charge["currency"]:
        return 0
    return settled["fee"]


def _dispute(charge: dict[str, Any]) -> tuple[str, int]:
    """How the newest dispute stands, and what it is about."""
    if not charge.get("disputed"):
        return "", 0
    with _stripe() as client:
        newest = client.v1.disputes.list({"charge": charge["id"], "limit": 1})
    found = ((DISPUTES.get(one.status, ""), one.amount) for one in newest.data)
    return next(found, ("", 0))
