"""What we need of a chat group's robot; each service is one module beside this one."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol


@dataclass(frozen=True)
class Message:
    title: str
    text: str  # what kind of news it is
    url: str

    @property
    def plain(self) -> str:
        return f"{self.text}\n{self.title}\n{self.url}"


@dataclass(frozen=True)
class Asked:
    """What is posted, and where."""

    url: str
    payload: dict[str, Any]


class Outcome(Enum):
    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"


class Service(Protocol):
    title: Any
    hosts: frozenset[str]  # its webhooks have addresses there, and nowhere else

    def ask(self, url: str, secret: str, message: Message, now: datetime) -> Asked:
        """The message, signed where the service has signatures and a secret is set."""

    def outcome(self, status: int, body: bytes) -> Outcome:
        """What an answer means; "ok" may be told by the body alone."""


def by_status(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    is_for_now = status in (408, 425, 429) or status >= 500
    return Outcome.LATER if is_for_now else Outcome.REFUSED


def by_code(
    status: int, body: bytes, *, names: tuple[str, ...], for_now: frozenset[int]
) -> Outcome:
    """Of the services that answer 200 and say in the body how it went."""
    if by_status(status) != Outcome.ACCEPTED:
        return by_status(status)
    told = read(body)
    code = next((told[name] for name in names if name in told), None)
    if code == 0:
        return Outcome.ACCEPTED
    return Outcome.LATER if code in for_now else Outcome.REFUSED


def read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def signature(key: str, text: str) -> str:
    made = hmac.new(key.encode(), text.encode(), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()
