"""What the stand-ins of the providers share: a small server, trades and manners."""

import itertools
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]


class Notice(NamedTuple):
    body: bytes
    headers: dict[str, str]


@dataclass
class Trade:
    """A payment as the provider knows it."""

    reference: str  # ours
    number: str  # theirs
    amount: int
    currency: str
    state: str = "open"  # then paid or closed
    refunds: dict[str, int] = field(default_factory=dict)
    more: dict = field(default_factory=dict)

    @property
    def refunded(self):
        return sum(self.refunds.values())


class StandIn:
    """A provider on a loopback address. Subclasses speak as one provider does.

    `manners`: "well"; "dead" hears nothing; "mute" does what it is asked and does not
    answer; "slow" answers after a second.
    """

    name: ClassVar[str]
    announces = True  # is asked before the buyer goes there

    def __init__(self):
        self.trades: dict[str, Trade] = {}
        self.manners = "well"
        self.refuses_refunds = False
        self.asked: list[str] = []
        self.numbers = itertools.count(1)

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,)).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    def settings(self) -> dict[str, str]:
        """What an operator would set."""
        raise NotImplementedError

    def answer(self, method, path, headers, body) -> Answer:
        raise NotImplementedError

    def visit(self, where) -> Trade:
        """The buyer follows the address, or scans the code."""
        raise NotImplementedError

    def pay(self, trade):
        trade.state = "paid"

    def refuse(self, trade):
        """The buyer does not pay, and the provider gives up."""
        trade.state = "closed"

    def notice(self, trade, *, at=None, key=None) -> Notice:
        """What it sends about the last thing that happened to a trade."""
        raise NotImplementedError

    def dull_notice(self) -> Notice:
        """One that is well signed and about nothing of ours."""
        raise NotImplementedError

    def signed(self, body) -> Notice:
        """Any words, signed as its notices are."""
        raise NotImplementedError

    def tamper(self, notice) -> Notice:
        """The same notice with another amount in it."""
        raise NotImplementedError

    def give_back(self, trade, amount):
        """A refund made on the provider's own pages, not by us."""
        trade.refunds[f"by-hand-{next(self.numbers)}"] = amount


def _handler(stand_in):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if stand_in.manners == "dead":
                return
            size = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(size)
            stand_in.asked.append(f"{self.command} {self.path.partition('?')[0]}")
            answer = stand_in.answer(self.command, self.path, self.headers, body)
            if stand_in.manners == "slow":
                time.sleep(1)
            if stand_in.manners != "mute":
                self.say(answer)

        do_POST = do_GET  # noqa: N815 - the name that the library calls

        def say(self, answer):
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            except OSError:
                pass  # the other side did not wait

        def log_message(self, *args):
            pass

    return Handler


@cache
def make_key(whose):
    """One key per name for the whole run: making them is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key):
    return (
        key.public_key()
        .public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        .decode()
    )
