"""What must be set for the ways to pay that this site offers."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from accounts import gateways

NEEDED = {
    "stripe": ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"],
    "alipay": [
        "ALIPAY_APP_ID",
        "ALIPAY_SELLER_ID",
        "ALIPAY_PRIVATE_KEY",
        "ALIPAY_PUBLIC_KEY",
    ],
    "wechat": [
        "WECHAT_MCHID",
        "WECHAT_APPID",
        "WECHAT_PRIVATE_KEY",
        "WECHAT_CERT_SERIAL",
        "WECHAT_APIV3_KEY",
    ],
}


def gateways_are_set_up(**kwargs: Any) -> list[CheckMessage]:
    return [
        problem for name in settings.PAYMENT_GATEWAYS for problem in _problems(name)
    ]


def _problems(name: str) -> list[CheckMessage]:
    if not gateways.exists(name):
        return [Error(f"PAYMENT_GATEWAYS names {name!r}, which is none.", id="pay.E1")]
    missing = [key for key in NEEDED.get(name, []) if not getattr(settings, key)]
    if name == "wechat" and bool(settings.WECHAT_PUBLIC_KEY) != bool(
        settings.WECHAT_PUBLIC_KEY_ID
    ):
        missing.append("WECHAT_PUBLIC_KEY and WECHAT_PUBLIC_KEY_ID, both or none")
    return [
        Error(f"To take payments by {name} set {key}.", id="pay.E2") for key in missing
    ]
