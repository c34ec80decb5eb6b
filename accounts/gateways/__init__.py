"""Ways to pay. Which ones this site offers is the setting PAYMENT_GATEWAYS."""

from django.conf import settings

from accounts.gateways.alipay import AlipayGateway
from accounts.gateways.bank import BankGateway
from accounts.gateways.base import Gateway
from accounts.gateways.stripe import StripeGateway
from accounts.gateways.test import TestGateway
from accounts.gateways.wechat import WeChatGateway

# Each imports its library only when it is used: it costs nothing where it is not.
_ALL: dict[str, Gateway] = {
    "stripe": StripeGateway(),
    "alipay": AlipayGateway(),
    "wechat": WeChatGateway(),
    "bank": BankGateway(),
    "test": TestGateway(),
}


def offered(currency: str) -> list[Gateway]:
    """The ways to pay in this currency."""
    found = [_ALL[name] for name in settings.PAYMENT_GATEWAYS]
    return [way for way in found if not way.currencies or currency in way.currencies]


def by_name(name: str) -> Gateway:
    """Raises KeyError for a gateway that this site does not offer."""
    if name not in settings.PAYMENT_GATEWAYS:
        raise KeyError(name)
    return _ALL[name]


def exists(name: str) -> bool:
    return name in _ALL
