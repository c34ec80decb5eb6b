"""A stand-in of WeChat Pay v3: signed both ways, notices sealed with AES-GCM."""

import datetime as dt
import json
import re
import secrets
import time
from base64 import b64decode, b64encode
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from tests.gateways.loopback import (
    Answer,
    Notice,
    StandIn,
    Trade,
    make_key,
    private_pem,
    public_pem,
)

MCHID, APPID = "1900000001", "wx0000000000000001"
SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
APIV3_KEY = "only-for-tests-32-characters-xxx"
KEY_ID = "PUB_KEY_ID_0119000000012026112300000000"
PLATFORM_SERIAL = 0x1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C
AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')


class WeChatStandIn(StandIn):
    name = "wechat"

    def __init__(self):
        super().__init__()
        self.signs_as = KEY_ID
        self.refund_status = "SUCCESS"

    def settings(self):
        return {
            "WECHAT_MCHID": MCHID,
            "WECHAT_APPID": APPID,
            "WECHAT_PRIVATE_KEY": private_pem(make_key("shop")),
            "WECHAT_CERT_SERIAL": SERIAL,
            "WECHAT_APIV3_KEY": APIV3_KEY,
            "WECHAT_PUBLIC_KEY": public_pem(make_key("wechat")),
            "WECHAT_PUBLIC_KEY_ID": KEY_ID,
        }

    # What it is asked

    def answer(self, method, path, headers, body):
        if not _is_signed_by_shop(method, path, headers, body):
            return self._signed({"code": "SIGN_ERROR", "message": "签名错误"}, 401)
        asked = json.loads(body or b"{}")
        match [method, *urlsplit(path).path.split("/")[2:]]:
            case ["POST", "pay", "transactions", ("native" | "h5") as kind]:
                return self._announce(asked, kind)
            case ["GET", "pay", "transactions", "out-trade-no", reference]:
                return self._query(reference)
            case ["POST", "refund", "domestic", "refunds"]:
                return self._refund(asked)
            case ["GET", "refund", "domestic", "refunds", name]:
                return self._refund_query(name)
            case ["GET", "certificates"]:
                return self._signed({"data": [_certificate_told()]})
        raise AssertionError(path)

    def _announce(self, asked, kind):
        assert (asked["mchid"], asked["appid"]) == (MCHID, APPID)
        old = self.trades.get(asked["out_trade_no"])
        if old is not None and old.more["asked"] != asked:
            return self._signed({"code": "INVALID_REQUEST"}, 400)
        if old is None:
            number = f"42000000{next(self.numbers):020}"
            self.trades[asked["out_trade_no"]] = Trade(
                reference=asked["out_trade_no"],
                number=number,
                amount=asked["amount"]["total"],
                currency=asked["amount"]["currency"],
                more={"asked": asked},
            )
        name = asked["out_trade_no"]
        if kind == "native":
            return self._signed({"code_url": f"weixin://wxpay/bizpayurl?pr={name}"})
        page = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb"
        return self._signed({"h5_url": f"{page}?prepay_id={name}&package=1"})

    def _query(self, reference):
        trade = self.trades.get(reference)
        if trade is None:
            return self._signed({"code": "ORDER_NOT_EXIST"}, 404)
        return self._signed(_transaction(trade))

    def _refund(self, asked):
        trade, name = self.trades[asked["out_trade_no"]], asked["out_refund_no"]
        amount = asked["amount"]["refund"]
        is_too_much = trade.refunded + amount > trade.amount
        if self.refuses_refunds or (name not in trade.refunds and is_too_much):
            return self._signed({"code": "NOT_ENOUGH", "message": "余额不足"}, 403)
        trade.refunds.setdefault(name, amount)
        trade.more["refund_notify_url"] = asked["notify_url"]
        return self._signed(self._refund_told(trade, name))

    def _refund_query(self, name):
        for trade in self.trades.values():
            if name in trade.refunds:
                return self._signed(self._refund_told(trade, name))
        return self._signed({"code": "RESOURCE_NOT_EXISTS"}, 404)

    def _refund_told(self, trade, name):
        return {
            "out_refund_no": name,
            "out_trade_no": trade.reference,
            "status": self.refund_status,
            "amount": {"total": trade.amount, "refund": trade.refunds[name]},
        }

    def _signed(self, told, status=200):
        body = json.dumps(told, ensure_ascii=False)
        headers = self._signature(body) | {"Content-Type": "application/json"}
        return Answer(status, body.encode(), headers)

    def _signature(self, body, *, at=None, key=None):
        at, nonce = str(int(at or time.time())), secrets.token_hex(16)
        text = f"{at}\n{nonce}\n{body}\n".encode()
        key = key or make_key("wechat")
        return {
            "Wechatpay-Timestamp": at,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self.signs_as,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Signature": b64encode(
                key.sign(text, PKCS1v15(), SHA256())
            ).decode(),
        }

    # What its buyers do

    def visit(self, where):
        return self.trades[re.findall(r"(?:pr|prepay_id)=([\w-]+)", where)[0]]

    # What it sends

    def notice(self, trade, *, at=None, key=None, **changed):
        if trade.refunds:
            name = list(trade.refunds)[-1]
            about = {
                "mchid": MCHID,
                "out_trade_no": trade.reference,
                "out_refund_no": name,
                "refund_status": "SUCCESS",
                "amount": {"total": trade.amount, "refund": trade.refunds[name]},
            }
            return self.sealed("REFUND.SUCCESS", about | changed, at=at, key=key)
        about = _transaction(trade) | changed
        return self.sealed("TRANSACTION.SUCCESS", about, at=at, key=key)

    def sealed(self, kind, about, *, at=None, key=None, apiv3_key=APIV3_KEY):
        body = json.dumps(
            {
                "id": f"EV-{next(self.numbers)}",
                "create_time": "2026-11-23T12:00:05+08:00",
                "event_type": kind,
                "resource_type": "encrypt-resource",
                "resource": _seal(json.dumps(about), "transaction", apiv3_key),
            }
        )
        return self.signed(body.encode(), at=at, key=key)

    def signed(self, body, *, at=None, key=None):
        headers = self._signature(body.decode(), at=at, key=key)
        return Notice(body, headers | {"Content-Type": "application/json"})

    def dull_notice(self):
        return self.sealed("REFUND.ABNORMAL", {"mchid": MCHID})

    def tamper(self, notice):
        told = json.loads(notice.body)
        text = told["resource"]["ciphertext"]
        told["resource"]["ciphertext"] = ("B" if text[0] == "A" else "A") + text[1:]
        return Notice(json.dumps(told).encode(), notice.headers)


def _is_signed_by_shop(method, path, headers, body):
    kind, _, rest = headers["Authorization"].partition(" ")
    told = dict(AUTHORIZATION.findall(rest))
    parts = [method, path, told["timestamp"], told["nonce_str"], body.decode()]
    text = "".join(f"{part}\n" for part in parts)
    if kind != "WECHATPAY2-SHA256-RSA2048" or told["serial_no"] != SERIAL:
        return False
    try:
        make_key("shop").public_key().verify(
            b64decode(told["signature"]), text.encode(), PKCS1v15(), SHA256()
        )
    except InvalidSignature:
        return False
    return told["mchid"] == MCHID


def _transaction(trade):
    told = {
        "mchid": MCHID,
        "appid": APPID,
        "out_trade_no": trade.reference,
        "trade_state": _state(trade),
    }
    if trade.state == "paid":
        told |= {
            "transaction_id": trade.number,
            "payer": {"openid": "o-buyer"},
            "amount": {
                "total": trade.amount,
                "payer_total": trade.amount,
                "currency": trade.currency,
            },
        }
    return told


def _state(trade):
    if trade.state == "paid":
        return "REFUND" if trade.refunds else "SUCCESS"
    return "CLOSED" if trade.state == "closed" else "NOTPAY"


def _seal(text, about, apiv3_key=APIV3_KEY):
    nonce = secrets.token_hex(6)
    sealed = AESGCM(apiv3_key.encode()).encrypt(
        nonce.encode(), text.encode(), about.encode()
    )
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "associated_data": about,
        "nonce": nonce,
        "ciphertext": b64encode(sealed).decode(),
    }


def _certificate_told():
    pem = _certificate().public_bytes(serialization.Encoding.PEM).decode()
    return {
        "serial_no": f"{PLATFORM_SERIAL:X}",
        "effective_time": "2026-01-01T00:00:00+08:00",
        "expire_time": "2031-01-01T00:00:00+08:00",
        "encrypt_certificate": _seal(pem, "certificate"),
    }


def _certificate():
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(make_key("wechat").public_key())
        .serial_number(PLATFORM_SERIAL)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .sign(make_key("wechat"), SHA256())
    )
