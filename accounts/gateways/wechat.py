"""WeChat Pay, version 3: a code to scan on a computer, its app on a phone."""

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.errors import BadSignature, GatewayDown
from accounts.gateways import base
from accounts.gateways.base import Message, Outcome, Said, Start
from accounts.models import Payment, Refund

OUTCOMES = {
    "SUCCESS": Outcome.SUCCEEDED,
    "REFUND": Outcome.SUCCEEDED,  # paid, then given back, all or a part
    "CLOSED": Outcome.DECLINED,
    "REVOKED": Outcome.DECLINED,
    "PAYERROR": Outcome.DECLINED,
}
UNDER_WAY = {"SUCCESS", "PROCESSING"}
FRESH = 300  # seconds that WeChat's signatures are good for
FETCHED_ONCE_IN = 600  # seconds
SIGNED_BY = [
    f"Wechatpay-{name}"
    for name in ("Signature", "Signature-Type", "Timestamp", "Nonce", "Serial")
]
BEIJING = ZoneInfo("Asia/Shanghai")


class WeChatGateway:
    name = "wechat"
    title = _("WeChat Pay")
    currencies = frozenset({"CNY"})
    can_charge = False
    apart_on_phone = True
    open_for = dt.timedelta(hours=2)  # as long as a code can be scanned
    answer = ('{"code": "SUCCESS"}', "application/json")

    def start(
        self,
        payment: Payment,
        *,
        return_url: str,
        notice_url: str,
        on_phone: bool,
        client_ip: str,
    ) -> Start:
        closes_at = (payment.created_at + self.open_for).astimezone(BEIJING)
        announced: dict[str, Any] = {
            "description": payment.order.title,
            "out_trade_no": payment.reference,
            "amount": {"total": payment.amount, "currency": payment.currency},
            "notify_url": notice_url,
            "time_expire": closes_at.isoformat(timespec="seconds"),
        }
        if not on_phone:
            told = _call(lambda client: client.pay(**announced))
            return Start(scan=told["code_url"])
        scene = {"payer_client_ip": client_ip, "h5_info": {"type": "Wap"}}
        told = _call(
            lambda client: client.pay(
                **announced, scene_info=scene, pay_type=_pay_type("H5")
            )
        )
        back = quote(return_url, safe="")
        return Start(address=f"{told['h5_url']}&redirect_url={back}")

    def read(self, body: bytes, headers: Mapping[str, str]) -> Message:
        told = _verified(body, headers)
        try:
            return Message(told["id"], self._told(told))
        except (KeyError, TypeError) as error:
            raise BadSignature(self.name) from error

    def _told(self, told: dict[str, Any]) -> Said | None:
        about = told["resource"]
        if about["mchid"] != settings.WECHAT_MCHID:
            raise BadSignature(self.name)
        if told["event_type"] == "TRANSACTION.SUCCESS":
            return _said(about, refunded=0)
        if told["event_type"] == "REFUND.SUCCESS":
            return self._refund_told(about)
        return None

    def _refund_told(self, about: dict[str, Any]) -> Said | None:
        """It names one refund: WeChat is asked for the rest."""
        payments = Payment.objects.filter(gateway=self.name)
        payment = payments.filter(reference=about["out_trade_no"]).first()
        if payment is None:
            return None
        return self._ask(payment, {about["out_refund_no"]})

    def ask(self, payment: Payment) -> Said:
        return self._ask(payment, set())

    def _ask(self, payment: Payment, refunds: set[str]) -> Said:
        told = _call(
            lambda client: client.query(out_trade_no=payment.reference), or_missing=True
        )
        if told is None or told["trade_state"] not in OUTCOMES:
            return base.waiting(payment)
        if OUTCOMES[told["trade_state"]] is Outcome.DECLINED:
            return base.declined(payment)
        known = refunds | set(payment.refunds.values_list("reference", flat=True))
        refunded = sum(_refund_under_way(reference) for reference in known)
        return _said(told, refunded=max(refunded, base.refunded_as_told(payment)))

    def refund(self, refund: Refund) -> None:
        payment = refund.payment
        told = _call(
            lambda client: client.refund(
                out_refund_no=refund.reference,
                out_trade_no=payment.reference,
                amount={
                    "refund": refund.amount,
                    "total": payment.amount,
                    "currency": payment.currency,
                },
                notify_url=settings.SITE_URL
                + reverse("accounts:notice", args=[self.name]),
            )
        )
        if told["status"] not in UNDER_WAY:
            raise GatewayDown(f"wechat: the refund is {told['status']}")

    def close(self, payment: Payment) -> Said:
        raise GatewayDown("wechat: closes nothing")

    def charge(self, payment: Payment, *, method: str) -> Said:
        raise GatewayDown("wechat: keeps no method to charge")


def _client() -> Any:
    return _make_client(
        settings.WECHAT_MCHID,
        settings.WECHAT_APPID,
        settings.WECHAT_PRIVATE_KEY,
        settings.WECHAT_CERT_SERIAL,
        settings.WECHAT_APIV3_KEY,
        settings.WECHAT_PUBLIC_KEY or None,
        settings.WECHAT_PUBLIC_KEY_ID or None,
        base.TIMEOUT,
    )


@lru_cache(maxsize=1)
def _make_client(
    mchid: str,
    appid: str,
    private_key: str,
    serial: str,
    apiv3_key: str,
    public_key: str | None,
    public_key_id: str | None,
    timeout: float,
) -> Any:
    """Without WeChat's public key this fetches its certificates."""
    from wechatpayv3 import WeChatPay

    return WeChatPay(
        wechatpay_type=_pay_type("NATIVE"),
        mchid=mchid,
        private_key=private_key,
        cert_serial_no=serial,
        appid=appid,
        apiv3_key=apiv3_key,
        public_key=public_key,
        public_key_id=public_key_id,
        timeout=timeout,
    )


def _pay_type(name: str) -> Any:
    from wechatpayv3 import WeChatPayType

    return WeChatPayType[name]


def _call(ask: Callable[[Any], tuple[int, str]], *, or_missing: bool = False) -> Any:
    """WeChat's signed answer; with `or_missing` None for what it does not know.

    Raises GatewayDown.
    """
    try:
        code, text = ask(_client())
        told = json.loads(text)
    except Exception as error:  # the library raises bare ones
        raise GatewayDown(f"wechat: {type(error).__name__}") from error
    if code == 404 and or_missing:
        return None
    if code != 200:
        raise GatewayDown(f"wechat: {told.get('code', code)}")
    return told


def _verified(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """The notice, opened. Raises BadSignature; GatewayDown without a certificate."""
    from requests import RequestException

    # The library would also believe other spellings, whose age nobody looked at.
    given = {name: headers.get(name, "") for name in SIGNED_BY}
    try:
        age = abs(time.time() - int(given["Wechatpay-Timestamp"]))
        serial = given["Wechatpay-Serial"]
        is_askable = age <= FRESH and _may_be_verified(_client(), serial)
        told = _client().callback(given, body) if is_askable else None
    except (RequestException, GatewayDown) as error:
        raise GatewayDown("wechat: no certificate") from error
    except Exception as error:  # the library raises bare ones
        raise BadSignature("wechat") from error
    if not told:
        raise BadSignature("wechat")
    return told


def _may_be_verified(client: Any, serial: str) -> bool:
    """Whether to hand it to the library, which fetches all certificates anew for each
    serial it does not know: forged ones may make it do so once in a while only.

    Raises GatewayDown for one that is unknown so soon after: WeChat sends it again.
    """
    if settings.WECHAT_PUBLIC_KEY_ID:
        return serial == settings.WECHAT_PUBLIC_KEY_ID
    known = {it.serial_number for it in client._core._certificates}
    if int(serial, 16) in known or cache.add("wechat certificates", 1, FETCHED_ONCE_IN):
        return True
    raise GatewayDown("wechat")


def _said(told: dict[str, Any], *, refunded: int) -> Said:
    return Said(
        reference=told["out_trade_no"],
        outcome=OUTCOMES.get(told["trade_state"], Outcome.WAITING),
        amount=told["amount"]["total"],
        currency=told["amount"]["currency"],
        gateway_reference=told["transaction_id"],
        refunded=refunded,
    )


def _refund_under_way(reference: str) -> int:
    told = _call(
        lambda client: client.query_refund(out_refund_no=reference), or_missing=True
    )
    is_under_way = told is not None and told["status"] in UNDER_WAY
    return told["amount"]["refund"] if is_under_way else 0
