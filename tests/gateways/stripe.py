"""A stand-in of Stripe: bearer keys, form posts, idempotency keys, signed events."""

import hashlib
import hmac
import json
import re
import time
from urllib.parse import parse_qs, urlsplit

from tests.gateways.loopback import Answer, Notice, StandIn, Trade

KEY, SECRET = "sk_test_only_here", "whsec_only_here"


class StripeStandIn(StandIn):
    name = "stripe"

    def __init__(self):
        super().__init__()
        self.finds_new_charges = True
        self.done = {}  # idempotency key: what was asked, and answered
        self.declines_cards = False

    def settings(self):
        return {
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "STRIPE_API_BASE": self.address,
        }

    # What it is asked

    def answer(self, method, path, headers, body):
        if headers["Authorization"] != f"Bearer {KEY}" or not headers["Stripe-Version"]:
            return _error(401, "api_key_invalid")
        url = urlsplit(path)
        asked = {k: v[0] for k, v in parse_qs(url.query + "&" + body.decode()).items()}
        key = headers["Idempotency-Key"]
        if method == "GET":
            return self._route(method, url.path, asked)
        if key in self.done and self.done[key][0] != asked:
            return _error(400, "idempotency_error", "idempotency_error")
        if key not in self.done:
            self.done[key] = asked, self._route(method, url.path, asked)
        return self.done[key][1]

    def _route(self, method, path, asked):
        parts = path.removeprefix("/v1/").split("/")
        match [method, *parts]:
            case ["POST", "checkout", "sessions"]:
                return _json(self._session(self._announce(asked)))
            case ["GET", "checkout", "sessions", session_id]:
                return _json(self._session(self._by("session", session_id)))
            case ["POST", "checkout", "sessions", session_id, "expire"]:
                return self._expire(self._by("session", session_id))
            case ["POST", "payment_intents"]:
                return self._charge(asked)
            case ["GET", "payment_intents", "search"]:
                return _json(_list(self._search(asked["query"])))
            case ["GET", "payment_intents", number]:
                return _json(self._intent(self._by("intent", number)))
            case ["GET", "refunds"]:
                return _json(_list(self._refunds(asked["payment_intent"])))
            case ["POST", "refunds"]:
                return self._refund(asked)
            case ["GET", "disputes"]:
                return _json(_list(self._disputes(asked["charge"])))
        return _error(404, "resource_missing")

    def _announce(self, asked):
        price = "line_items[0][price_data]"
        number = f"{next(self.numbers):04}"
        trade = Trade(
            reference=asked["client_reference_id"],
            number=f"pi_{number}",
            amount=int(asked[f"{price}[unit_amount]"]),
            currency=asked[f"{price}[currency]"].upper(),
            more={
                "session": f"cs_{number}",
                "metadata": asked["payment_intent_data[metadata][reference]"],
                "keeps": asked.get("payment_intent_data[setup_future_usage]"),
            },
        )
        return self._keep(trade)

    def _expire(self, trade):
        if trade.state != "open":
            return _error(400, "resource_missing")
        trade.state = "closed"
        return _json(self._session(trade))

    def _charge(self, asked):
        trade = Trade(
            reference=asked["metadata[reference]"],
            number=f"pi_{next(self.numbers):04}",
            amount=int(asked["amount"]),
            currency=asked["currency"].upper(),
            more={
                "session": None,
                "metadata": asked["metadata[reference]"],
                "customer": asked["customer"],
                "method": asked["payment_method"],
                "refused": self.declines_cards,
            },
        )
        self._keep(trade)
        if self.declines_cards:
            return _error(402, "card_declined", "card_error")
        self.pay(trade)
        return _json(self._intent(trade))

    def _refund(self, asked):
        trade = self._by("intent", asked["payment_intent"])
        amount = int(asked["amount"])
        if self.refuses_refunds or trade.refunded + amount > trade.amount:
            return _error(400, "charge_already_refunded")
        trade.refunds[asked["metadata[reference]"]] = amount
        return _json({"id": "re_1", "object": "refund", "status": "succeeded"})

    def _keep(self, trade):
        self.trades[trade.number] = trade
        return trade

    def _by(self, what, name):
        found = {"session": lambda t: t.more["session"], "intent": lambda t: t.number}
        return next(t for t in self.trades.values() if found[what](t) == name)

    def _search(self, query):
        [reference] = re.findall(r"^metadata\['reference'\]:'(.*)'$", query)
        trades = self.trades.values() if self.finds_new_charges else ()
        return [self._intent(t) for t in trades if t.more["metadata"] == reference]

    def _refunds(self, number):
        trade = self._by("intent", number)
        return [
            {"id": f"re_{n}", "object": "refund", "metadata": {"reference": name}}
            for n, name in enumerate(trade.refunds)
        ]

    def _disputes(self, charge):
        trade = self._by("intent", charge.replace("ch_", "pi_"))
        status, amount = trade.more["dispute"]
        return [{"id": "dp_1", "object": "dispute", "status": status, "amount": amount}]

    # What it knows

    def _session(self, trade):
        is_begun = trade.state == "paid" or trade.more.get("refused")
        states = {"open": "open", "paid": "complete", "closed": "expired"}
        return {
            "id": trade.more["session"],
            "object": "checkout.session",
            "url": f"{self.address}/c/pay/{trade.more['session']}",
            "client_reference_id": trade.reference,
            "status": trade.more.get("status", states[trade.state]),
            "payment_status": "paid" if trade.state == "paid" else "unpaid",
            "amount_total": trade.amount,
            "currency": trade.currency.lower(),
            "payment_intent": self._intent(trade) if is_begun else None,
        }

    def _intent(self, trade):
        is_paid = trade.state == "paid"
        status = "succeeded" if is_paid else "requires_payment_method"
        return {
            "id": trade.number,
            "object": "payment_intent",
            "status": trade.more.get("intent_status", status),
            "amount": trade.amount,
            "currency": trade.currency.lower(),
            "customer": trade.more.get("customer"),
            "payment_method": trade.more.get("method"),
            "metadata": {"reference": trade.more["metadata"]},
            "latest_charge": self._one_charge(trade) if is_paid else None,
        }

    def _one_charge(self, trade):
        return {
            "id": trade.number.replace("pi_", "ch_"),
            "object": "charge",
            "payment_intent": trade.number,
            "currency": trade.currency.lower(),
            "amount_refunded": trade.refunded,
            "disputed": "dispute" in trade.more,
            "balance_transaction": {
                "id": "txn_1",
                "object": "balance_transaction",
                "currency": trade.currency.lower(),
                "fee": 321,
            },
        }

    # What its buyers do

    def visit(self, where):
        return self._by("session", where.rpartition("/")[2])

    def pay(self, trade):
        super().pay(trade)
        trade.more.setdefault("method", "pm_card")
        if trade.more.get("keeps"):
            trade.more["customer"] = "cus_buyer"

    # What it sends

    def notice(self, trade, *, at=None, key=SECRET):
        if trade.refunds:
            kind, thing = "charge.refunded", self._one_charge(trade)
        elif trade.more["session"] is None:
            kind, thing = "payment_intent.succeeded", self._intent(trade)
        elif trade.state == "closed":
            kind, thing = "checkout.session.expired", self._session(trade)
        else:
            kind, thing = "checkout.session.completed", self._session(trade)
        return self.event(kind, thing, at=at, key=key)

    def event(self, kind, thing, *, at=None, key=SECRET):
        body = json.dumps(
            {
                "id": f"evt_{next(self.numbers)}",
                "object": "event",
                "type": kind,
                "api_version": "2026-10-28.endive",
                "created": int(time.time()),
                "data": {"object": thing},
            }
        ).encode()
        return self.signed(body, at=at, key=key)

    def signed(self, body, *, at=None, key=SECRET):
        return Notice(body, {"Stripe-Signature": signature(body, at=at, key=key)})

    def dull_notice(self):
        return self.event("customer.created", {"id": "cus_1", "object": "customer"})

    def dispute(self, trade, status, amount=None):
        amount = trade.amount if amount is None else amount
        trade.more["dispute"] = status, amount
        thing = {
            "id": "dp_1",
            "object": "dispute",
            "status": status,
            "amount": amount,
            "payment_intent": trade.number,
        }
        is_over = status in {"won", "lost"}
        kind = f"charge.dispute.{'closed' if is_over else 'created'}"
        return self.event(kind, thing)

    def tamper(self, notice):
        return Notice(notice.body.replace(b"9900", b"1"), notice.headers)


def signature(body, *, at=None, key=SECRET):
    at = int(at or time.time())
    signed = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def _json(thing, status=200):
    body = json.dumps(thing).encode()
    return Answer(status, body, {"Content-Type": "application/json"})


def _list(things):
    return {"object": "list", "data": things, "has_more": False, "url": "/v1/list"}


def _error(status, code, kind="invalid_request_error"):
    words = {"type": kind, "code": code, "message": "Told to buyer@example.org."}
    return _json({"error": words}, status)
