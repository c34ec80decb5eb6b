"""What the shop needs of a way to pay; each gateway is one module beside this one."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from accounts.models import Payment, Refund

TIMEOUT = 10  # seconds to wait for a gateway


class Outcome(Enum):
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


@dataclass(frozen=True)
class Said:
    """What a gateway says about one payment, by notice or when asked.

    Always the whole of what it knows, never what changed: so a notice may come late,
    twice or before an earlier one and still leads to the same books.
    """

    reference: str  # ours
    outcome: Outcome
    amount: int  # minor units of `currency`
    currency: str
    gateway_reference: str = ""
    fee: int = 0  # what the gateway keeps of it
    refunded: int = 0  # given back so far
    dispute: str = ""  # one of Dispute.State
    disputed: int = 0  # how much it is about; 0: not said
    method: str = ""  # what later periods may be charged to


@dataclass(frozen=True)
class Start:
    """Where the member goes on: the gateway's page, or ours with a code to scan."""

    address: str = ""
    scan: str = ""  # shown as a QR code
    gateway_reference: str = ""


@dataclass(frozen=True)
class Message:
    """A notice whose signature is good. `said` is None when it is of no interest."""

    notice_id: str
    said: Said | None


class Gateway(Protocol):
    name: str
    title: Any  # text, translated when shown
    currencies: frozenset[str]  # empty: any
    can_charge: bool  # takes later periods from a saved method by itself
    apart_on_phone: bool  # what was begun on a computer cannot go on on a phone
    open_for: dt.timedelta  # how long a payment may take
    answer: tuple[str, str]  # what a notice is answered with, and its content type

    def start(
        self,
        payment: Payment,
        *,
        return_url: str,
        notice_url: str,
        on_phone: bool,
        client_ip: str,
    ) -> Start:
        """Announce the payment. Raises GatewayDown.

        Announcing the same reference again is harmless and leads to the same place.
        """

    def read(self, body: bytes, headers: Mapping[str, str]) -> Message:
        """A notice's content.

        Raises BadSignature, whatever is wrong with it; GatewayDown when it has to be
        asked for the rest and does not answer (the gateway will send it again).
        """

    def ask(self, payment: Payment) -> Said:
        """What became of the payment. Raises GatewayDown."""

    def refund(self, refund: Refund) -> None:
        """Give `refund.amount` back; the same reference again is harmless.

        Raises GatewayDown, also when the gateway refuses, with its reason.
        """

    def close(self, payment: Payment) -> Said:
        """See that nobody can pay it by hand any more; how it stands then.

        Only where `can_charge`. Raises GatewayDown.
        """

    def charge(self, payment: Payment, *, method: str) -> Said:
        """Take the payment from a saved method, without the member.

        Only where `can_charge`. The same reference again is harmless. Raises
        GatewayDown.
        """


def waiting(payment: Payment) -> Said:
    return Said(payment.reference, Outcome.WAITING, payment.amount, payment.currency)


def declined(payment: Payment) -> Said:
    return Said(payment.reference, Outcome.DECLINED, payment.amount, payment.currency)


def refunded_as_told(payment: Payment) -> int:
    """The most that the gateway's notices said was given back.

    Some gateways tell only there of what was given back on their own pages.
    """
    said = payment.notices.exclude(said=None).values_list("said__refunded", flat=True)
    return max(said, default=0)
