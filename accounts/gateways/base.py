"""What the shop needs of a way to pay; each gateway is one module beside this one."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from accounts.models import Payment


class Outcome(Enum):
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


@dataclass(frozen=True)
class Said:
    """What a gateway says about one payment, by notice or when asked."""

    reference: str
    outcome: Outcome
    amount: int  # minor units of `currency`
    currency: str
    notice_id: str = ""


class Gateway(Protocol):
    name: str
    title: Any  # text, translated when shown

    def start(self, payment: Payment, *, return_path: str) -> str:
        """Announce the payment; returns the address where the member pays.

        Raises GatewayDown. Announcing the same reference again is harmless.
        """

    def read(self, body: bytes, signature: str) -> Said:
        """A notice's content. Raises BadSignature, whatever is wrong with it."""

    def ask(self, payment: Payment) -> Said:
        """What became of the payment. Raises GatewayDown."""

    def refund(self, payment: Payment) -> None:
        """Give the money back; repeating it is harmless. Raises GatewayDown."""
