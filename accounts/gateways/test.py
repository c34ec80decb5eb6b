"""The test gateway: a page that accepts, declines or never answers.

It stands in for the world outside, with the world's manners: it signs its notices,
sends each one twice, and sometimes before the buyer is back.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.errors import BadSignature, GatewayDown
from accounts.gateways.base import Message, Outcome, Said, Start
from accounts.models import Payment, Refund, TestCharge

OUTCOMES = {
    TestCharge.State.OPEN: Outcome.WAITING,
    TestCharge.State.ACCEPTED: Outcome.SUCCEEDED,
    TestCharge.State.DECLINED: Outcome.DECLINED,
}


class TestGateway:
    __test__ = False  # not a test case, whatever pytest thinks

    name = "test"
    title = _("Test payment (no real money)")
    currencies: frozenset[str] = frozenset()
    can_charge = True
    apart_on_phone = False
    open_for = dt.timedelta(hours=24)
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
        TestCharge.objects.get_or_create(
            reference=payment.reference,
            defaults={
                "amount": payment.amount,
                "currency": payment.currency,
                "return_path": reverse("accounts:order", args=[payment.order.number]),
            },
        )
        return Start(address=reverse("accounts:test_charge", args=[payment.reference]))

    def read(self, body: bytes, headers: Mapping[str, str]) -> Message:
        if not hmac.compare_digest(
            sign(body).encode(), headers.get("X-Signature", "").encode()
        ):
            raise BadSignature(self.name)
        try:
            told = json.loads(body)
            notice_id = told.pop("id")
            outcome = Outcome(told.pop("outcome"))
            return Message(notice_id, Said(outcome=outcome, **told))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadSignature(self.name) from error

    def ask(self, payment: Payment) -> Said:
        charge = TestCharge.objects.filter(reference=payment.reference).first()
        if charge is None:
            raise GatewayDown(self.name)
        return _said(charge)

    @transaction.atomic
    def refund(self, refund: Refund) -> None:
        charges = TestCharge.objects.select_for_update()
        charge = charges.get(reference=refund.payment.reference)
        if charge.refunds.get(refund.reference) is None:
            charge.refunds[refund.reference] = refund.amount
            charge.save(update_fields=["refunds"])

    def close(self, payment: Payment) -> Said:
        return _said(decide(payment.reference, accept=False))

    def charge(self, payment: Payment, *, method: str) -> Said:
        states = TestCharge.State
        charge, _ = TestCharge.objects.get_or_create(
            reference=payment.reference,
            defaults={
                "amount": payment.amount,
                "currency": payment.currency,
                "state": states.ACCEPTED if method == "good" else states.DECLINED,
                "method": method,
            },
        )
        return _said(charge)


def sign(body: bytes) -> str:
    key = f"test-gateway:{settings.SECRET_KEY}".encode()
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def decide(reference: str, *, accept: bool, method: str = "good") -> TestCharge:
    """The buyer's choice on the gateway's page. The first choice stands."""
    with transaction.atomic():
        charge = TestCharge.objects.select_for_update().get(reference=reference)
        if charge.state == TestCharge.State.OPEN:
            states = TestCharge.State
            charge.state = states.ACCEPTED if accept else states.DECLINED
            charge.method = method if accept else ""
            charge.save(update_fields=["state", "method"])
    return charge


def notice_about(charge: TestCharge) -> str:
    """The notice that says how the charge stands."""
    said = _said(charge)
    return json.dumps(
        {
            "id": f"{charge.reference}-{said.outcome.value}-{said.refunded}",
            "reference": charge.reference,
            "outcome": said.outcome.value,
            "amount": charge.amount,
            "currency": charge.currency,
            "gateway_reference": said.gateway_reference,
            "fee": said.fee,
            "refunded": said.refunded,
            "method": said.method,
        }
    )


def _said(charge: TestCharge) -> Said:
    return Said(
        reference=charge.reference,
        outcome=OUTCOMES[TestCharge.State(charge.state)],
        amount=charge.amount,
        currency=charge.currency,
        gateway_reference=f"tc_{charge.pk}",
        fee=charge.amount * 6 // 1000,
        refunded=sum(charge.refunds.values()),
        method=charge.method,
    )
