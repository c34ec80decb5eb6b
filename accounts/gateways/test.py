"""The test gateway: a page that accepts, declines or never answers.

It stands in for the world outside, with the world's manners: it signs its notices,
sends each one twice, and sometimes before the buyer is back.
"""

import hashlib
import hmac
import json

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.errors import BadSignature, GatewayDown
from accounts.gateways.base import Outcome, Said
from accounts.models import Payment, TestCharge

OUTCOMES = {
    TestCharge.State.OPEN: Outcome.WAITING,
    TestCharge.State.ACCEPTED: Outcome.SUCCEEDED,
    TestCharge.State.REFUNDED: Outcome.SUCCEEDED,
    TestCharge.State.DECLINED: Outcome.DECLINED,
}


class TestGateway:
    __test__ = False  # not a test case, whatever pytest thinks

    name = "test"
    title = _("Test payment (no real money)")

    def start(self, payment: Payment, *, return_path: str) -> str:
        TestCharge.objects.get_or_create(
            reference=payment.reference,
            defaults={
                "amount": payment.amount,
                "currency": payment.currency,
                "return_path": return_path,
            },
        )
        return reverse("accounts:test_charge", args=[payment.reference])

    def read(self, body: bytes, signature: str) -> Said:
        if not hmac.compare_digest(sign(body).encode(), signature.encode()):
            raise BadSignature(self.name)
        try:
            said = json.loads(body)
            return Said(
                reference=said["reference"],
                outcome=Outcome(said["outcome"]),
                amount=said["amount"],
                currency=said["currency"],
                notice_id=said["id"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BadSignature(self.name) from error

    def ask(self, payment: Payment) -> Said:
        charge = TestCharge.objects.filter(reference=payment.reference).first()
        if charge is None:
            raise GatewayDown(self.name)
        return _said(charge)

    def refund(self, payment: Payment) -> None:
        TestCharge.objects.filter(
            reference=payment.reference, state=TestCharge.State.ACCEPTED
        ).update(state=TestCharge.State.REFUNDED)


def sign(body: bytes) -> str:
    key = f"test-gateway:{settings.SECRET_KEY}".encode()
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def decide(reference: str, *, accept: bool) -> tuple[TestCharge, str]:
    """The buyer's choice on the gateway's page: the charge, and the notice to send.

    The first choice stands; the notice says what stands.
    """
    with transaction.atomic():
        charge = TestCharge.objects.select_for_update().get(reference=reference)
        if charge.state == TestCharge.State.OPEN:
            states = TestCharge.State
            charge.state = states.ACCEPTED if accept else states.DECLINED
            charge.save(update_fields=["state"])
    said = _said(charge)
    notice = {
        "id": f"{charge.reference}-{said.outcome.value}",
        "reference": charge.reference,
        "outcome": said.outcome.value,
        "amount": charge.amount,
        "currency": charge.currency,
    }
    return charge, json.dumps(notice)


def _said(charge: TestCharge) -> Said:
    return Said(
        reference=charge.reference,
        outcome=OUTCOMES[TestCharge.State(charge.state)],
        amount=charge.amount,
        currency=charge.currency,
    )
