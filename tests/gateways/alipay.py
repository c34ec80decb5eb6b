"""A stand-in of Alipay: one address, RSA2 over sorted fields and over raw answers."""

import json
from base64 import b64decode, b64encode
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.gateways.loopback import (
    Answer,
    Notice,
    StandIn,
    Trade,
    make_key,
    private_pem,
    public_pem,
)

APP, SELLER = "2021000000000001", "2088000000000001"


class AlipayStandIn(StandIn):
    name = "alipay"
    announces = False  # the buyer brings the signed order along

    def __init__(self):
        super().__init__()
        self.spoils_signatures = False

    def settings(self):
        # As its own tool shows them: without the lines around.
        ours = "".join(private_pem(make_key("shop")).splitlines()[1:-1])
        return {
            "ALIPAY_APP_ID": APP,
            "ALIPAY_SELLER_ID": SELLER,
            "ALIPAY_PRIVATE_KEY": ours,
            "ALIPAY_PUBLIC_KEY": public_pem(make_key("alipay")),
            "ALIPAY_GATEWAY": f"{self.address}/gateway.do",
        }

    # What it is asked

    def answer(self, method, path, headers, body):
        asked = dict(parse_qsl(urlsplit(path).query))
        sign = asked.pop("sign")
        try:
            make_key("shop").public_key().verify(
                b64decode(sign), _sorted(asked).encode(), PKCS1v15(), SHA256()
            )
        except InvalidSignature:
            return Answer(200, b'{"error_response": {"code": "40002"}}', {})
        assert (asked["app_id"], asked["sign_type"]) == (APP, "RSA2")
        content = json.loads(asked["biz_content"])
        match asked["method"]:
            case "alipay.trade.page.pay" | "alipay.trade.wap.pay":
                return self._open(content, asked)
            case "alipay.trade.query":
                return self._signed(asked, self._query(content))
            case "alipay.trade.refund":
                return self._signed(asked, self._refund(content))
            case "alipay.trade.fastpay.refund.query":
                return self._signed(asked, self._refund_query(content))
        raise AssertionError(asked["method"])

    def _open(self, content, asked):
        """The buyer has signed in: from now on there is a trade."""
        number = f"2026112322001{next(self.numbers):06}"
        trade = Trade(
            reference=content["out_trade_no"],
            number=number,
            amount=_fen(content["total_amount"]),
            currency="CNY",
            more={"method": asked["method"], "notify_url": asked["notify_url"]},
        )
        trade = self.trades.setdefault(trade.reference, trade)
        return Answer(200, trade.reference.encode(), {})

    def _query(self, content):
        trade = self.trades.get(content["out_trade_no"])
        if trade is None:
            return _failed("ACQ.TRADE_NOT_EXIST")
        told = {
            "code": "10000",
            "msg": "Success",
            "buyer_logon_id": "buy***@example.org",
            "out_trade_no": trade.reference,
            "trade_no": trade.number,
            "trade_status": _status(trade),
            "total_amount": _yuan(trade.amount),
        }
        if trade.state == "paid":
            told["send_pay_date"] = "2026-11-23 12:00:00"
        return told | _currency(trade)

    def _refund(self, content):
        trade = self.trades[content["out_trade_no"]]
        amount, name = _fen(content["refund_amount"]), content["out_request_no"]
        if self.refuses_refunds:
            return _failed("ACQ.SELLER_BALANCE_NOT_ENOUGH")
        if name not in trade.refunds and trade.refunded + amount > trade.amount:
            return _failed("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
        is_new = trade.refunds.setdefault(name, amount) is not None
        return {
            "code": "10000",
            "out_trade_no": trade.reference,
            "trade_no": trade.number,
            "fund_change": "Y" if is_new else "N",
            "refund_fee": _yuan(trade.refunded),
        }

    def _refund_query(self, content):
        trade = self.trades[content["out_trade_no"]]
        amount = trade.refunds.get(content["out_request_no"])
        if amount is None:
            return {"code": "10000", "msg": "Success"}
        return {
            "code": "10000",
            "refund_status": "REFUND_SUCCESS",
            "refund_amount": _yuan(amount),
        }

    def _signed(self, asked, told):
        name = asked["method"].replace(".", "_") + "_response"
        raw = json.dumps(told, separators=(",", ":"))
        sign = _sign(raw, make_key("alipay"))
        if self.spoils_signatures:
            raw = raw.replace("9900", "100").replace("99.00", "1.00")
        body = f'{{"{name}":{raw},"sign":"{sign}"}}'
        return Answer(200, body.encode(), {"Content-Type": "application/json"})

    # What its buyers do

    def visit(self, where):
        assert where.startswith(self.address)
        with urlopen(where) as page:  # noqa: S310
            return self.trades[page.read().decode()]

    # What it sends

    def notice(self, trade, *, at=None, key=None, **changed):
        told = {
            "notify_id": f"2026112300222{next(self.numbers):06}",
            "notify_type": "trade_status_sync",
            "notify_time": "2026-11-23 12:00:05",
            "app_id": APP,
            "seller_id": SELLER,
            "buyer_logon_id": "buy***@example.org",
            "out_trade_no": trade.reference,
            "trade_no": trade.number,
            "trade_status": _status(trade),
            "total_amount": _yuan(trade.amount),
            "charset": "utf-8",
            "passback_params": "",
        }
        if trade.state == "paid":
            told["gmt_payment"] = "2026-11-23 12:00:00"
        if trade.refunds:
            told |= {
                "gmt_refund": "2026-11-23 12:00:04.123",
                "refund_fee": _yuan(trade.refunded),
            }
        return _posted(told | _currency(trade) | changed, key)

    def dull_notice(self):
        told = {"notify_id": "dull", "app_id": APP, "seller_id": SELLER}
        return _posted(told)

    def signed(self, body):
        return _posted({"charset": "utf-8", "passback_params": body.decode()})

    def tamper(self, notice):
        return Notice(notice.body.replace(b"99.00", b"0.01"), notice.headers)


def _posted(told, key=None):
    sign = _sign(_sorted(told), key or make_key("alipay"))
    body = urlencode(told | {"sign": sign, "sign_type": "RSA2"}).encode()
    return Notice(body, {"Content-Type": "application/x-www-form-urlencoded"})


def _sorted(fields):
    return "&".join(f"{name}={value}" for name, value in sorted(fields.items()))


def _sign(text, key):
    return b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def _status(trade):
    if trade.state == "paid":
        return "TRADE_CLOSED" if trade.refunded == trade.amount else "TRADE_SUCCESS"
    return "TRADE_CLOSED" if trade.state == "closed" else "WAIT_BUYER_PAY"


def _currency(trade):
    """Told only where it is another one."""
    return {} if trade.currency == "CNY" else {"trans_currency": trade.currency}


def _failed(why):
    return {"code": "40004", "msg": "Business Failed", "sub_code": why}


def _yuan(fen):
    return f"{fen // 100}.{fen % 100:02}"


def _fen(yuan):
    return int(Decimal(yuan) * 100)
