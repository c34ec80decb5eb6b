"""Alipay: its page on a computer, its app on a phone; signed with RSA2."""

import datetime as dt
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.errors import BadSignature, GatewayDown
from accounts.gateways import base
from accounts.gateways.base import Message, Outcome, Said, Start
from accounts.models import Payment, Refund

BEIJING = ZoneInfo("Asia/Shanghai")  # Alipay's clock
DONE = "10000"
# Alipay knows of a trade only once the buyer has signed in on its page.
NOT_YET = "ACQ.TRADE_NOT_EXIST"


class AlipayGateway:
    name = "alipay"
    title = _("Alipay")
    currencies = frozenset({"CNY"})
    can_charge = False
    apart_on_phone = False
    open_for = dt.timedelta(hours=24)
    answer = ("success", "text/plain")

    def start(
        self,
        payment: Payment,
        *,
        return_url: str,
        notice_url: str,
        on_phone: bool,
        client_ip: str,
    ) -> Start:
        client = _client()
        announce = (
            client.api_alipay_trade_wap_pay
            if on_phone
            else client.api_alipay_trade_page_pay
        )
        closes_at = (payment.created_at + self.open_for).astimezone(BEIJING)
        query = announce(
            subject=re.sub("[/=&]", " ", payment.order.title),  # Alipay takes no such
            out_trade_no=payment.reference,
            total_amount=_yuan(payment.amount),
            return_url=return_url,
            notify_url=notice_url,
            time_expire=f"{closes_at:%Y-%m-%d %H:%M:%S}",
        )
        return Start(address=f"{settings.ALIPAY_GATEWAY}?{query}")

    def read(self, body: bytes, headers: Mapping[str, str]) -> Message:
        told = _verified(body)
        try:
            if "trade_status" not in told:
                return Message(told["notify_id"], None)
            refunded = _fen(told.get("refund_fee") or "0")
            return Message(told["notify_id"], _said(told, refunded))
        except (KeyError, ArithmeticError) as error:
            raise BadSignature(self.name) from error

    def ask(self, payment: Payment) -> Said:
        told = _call(
            lambda client: client.api_alipay_trade_query(out_trade_no=payment.reference)
        )
        if told.get("sub_code") == NOT_YET:
            return base.waiting(payment)
        _check(told)
        return _said(told, _refunded(payment))

    def refund(self, refund: Refund) -> None:
        told = _call(
            lambda client: client.api_alipay_trade_refund(
                _yuan(refund.amount),
                out_trade_no=refund.payment.reference,
                out_request_no=refund.reference,
            )
        )
        _check(told)

    def close(self, payment: Payment) -> Said:
        raise GatewayDown("alipay: closes nothing")

    def charge(self, payment: Payment, *, method: str) -> Said:
        raise GatewayDown("alipay: keeps no method to charge")


def _client() -> Any:
    return _make_client(
        settings.ALIPAY_APP_ID,
        settings.ALIPAY_PRIVATE_KEY,
        settings.ALIPAY_PUBLIC_KEY,
        settings.ALIPAY_GATEWAY,
        base.TIMEOUT,
    )


@lru_cache(maxsize=1)
def _make_client(
    app_id: str, private_key: str, public_key: str, address: str, timeout: float
) -> Any:
    from alipay import AliPay
    from alipay.utils import AliPayConfig

    client = AliPay(
        appid=app_id,
        app_private_key_string=_key(private_key),
        alipay_public_key_string=_key(public_key),
        config=AliPayConfig(timeout=timeout),
    )
    # The library knows only the two addresses that Alipay had when it was made.
    client._gateway = address
    return client


def _key(text: str) -> str | bytes:
    """As PEM, or as Alipay's own tool shows it: only the base64 between the lines."""
    return text if text.startswith("-----") else b64decode(text)


def _call(ask: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Alipay's signed answer. Raises GatewayDown."""
    from alipay.exceptions import AliPayException, AliPayValidationError

    # An answer without a signature, or without anything in it, breaks the library in
    # its own ways.
    broken = (AliPayException, AliPayValidationError, ValueError, AttributeError)
    try:
        return ask(_client())
    except (OSError, HTTPException, *broken) as error:
        raise GatewayDown(f"alipay: {type(error).__name__}") from error


def _check(told: dict[str, Any]) -> None:
    if told.get("code") != DONE:
        raise GatewayDown(f"alipay: {told.get('sub_code') or told.get('code')}")


def _verified(body: bytes) -> dict[str, str]:
    """The notice, signed by Alipay and meant for us. Raises BadSignature."""
    try:
        told = dict(parse_qsl(body.decode(), keep_blank_values=True))
        # A signature covers neither itself nor its type, which the library takes away.
        is_signed = _client().verify(told, told.pop("sign"))
    except Exception as error:  # bad base64, another type: the library's many ways
        raise BadSignature("alipay") from error
    is_ours = (told.get("app_id"), told.get("seller_id")) == (
        settings.ALIPAY_APP_ID,
        settings.ALIPAY_SELLER_ID,
    )
    if not is_signed or not is_ours:
        raise BadSignature("alipay")
    return told


def _said(told: dict[str, Any], refunded: int) -> Said:
    amount = _fen(told["total_amount"])
    status = told["trade_status"]
    was_paid = "gmt_payment" in told or "send_pay_date" in told
    outcome = Outcome.WAITING
    if status in {"TRADE_SUCCESS", "TRADE_FINISHED"}:
        outcome = Outcome.SUCCEEDED
    elif status == "TRADE_CLOSED" and was_paid:
        # Closed after it was paid: it was given back in full.
        outcome, refunded = Outcome.SUCCEEDED, amount
    elif status == "TRADE_CLOSED":
        outcome = Outcome.DECLINED
    return Said(
        reference=told["out_trade_no"],
        outcome=outcome,
        amount=amount,
        currency=told.get("trans_currency", "CNY"),
        gateway_reference=told["trade_no"],
        refunded=refunded,
    )


def _refunded(payment: Payment) -> int:
    """Alipay tells it one by one when asked, and the sum only in its notices."""
    known = sum(_refund_done(one) for one in payment.refunds.all())
    return max(known, base.refunded_as_told(payment))


def _refund_done(refund: Refund) -> int:
    told = _call(
        lambda client: client.api_alipay_trade_fastpay_refund_query(
            refund.reference, out_trade_no=refund.payment.reference
        )
    )
    is_done = told.get("refund_status") == "REFUND_SUCCESS"
    return _fen(told["refund_amount"]) if is_done else 0


def _yuan(fen: int) -> str:
    return str(Decimal(fen).scaleb(-2))


def _fen(yuan: str) -> int:
    return int(Decimal(yuan).scaleb(2))
