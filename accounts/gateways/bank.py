"""A transfer to the community's account, seen on its statement by an operator."""

import datetime as dt
from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import BadSignature, GatewayDown
from accounts.gateways import base
from accounts.gateways.base import Message, Outcome, Said, Start
from accounts.models import Payment, Refund


class BankGateway:
    name = "bank"
    title = gettext_lazy("Bank transfer")
    currencies: frozenset[str] = frozenset()
    can_charge = False
    apart_on_phone = False
    open_for = dt.timedelta(days=14)
    answer = ("", "text/plain")

    def start(
        self,
        payment: Payment,
        *,
        return_url: str,
        notice_url: str,
        on_phone: bool,
        client_ip: str,
    ) -> Start:
        number = payment.order.number
        return Start(address=reverse("accounts:payment", args=[number, payment.pk]))

    def read(self, body: bytes, headers: Mapping[str, str]) -> Message:
        raise BadSignature(self.name)  # a bank sends none

    def ask(self, payment: Payment) -> Said:
        """What the operators have said so far: nobody else knows."""
        if not payment.is_ours:
            return base.waiting(payment)
        return Said(
            reference=payment.reference,
            outcome=Outcome.SUCCEEDED,
            amount=payment.amount,
            currency=payment.currency,
            refunded=payment.refunded,
        )

    def refund(self, refund: Refund) -> None:
        raise GatewayDown(_("Transfer it back, then say here that it is done."))

    def close(self, payment: Payment) -> Said:
        raise GatewayDown("bank: closes nothing")

    def charge(self, payment: Payment, *, method: str) -> Said:
        raise GatewayDown("bank: keeps no method to charge")
