"""Ways to pay. Which ones this site offers is the setting PAYMENT_GATEWAYS."""

from django.conf import settings

from accounts.gateways.base import Gateway
from accounts.gateways.test import TestGateway

_ALL: dict[str, Gateway] = {gateway.name: gateway for gateway in (TestGateway(),)}


def offered() -> list[Gateway]:
    return [_ALL[name] for name in settings.PAYMENT_GATEWAYS]


def by_name(name: str) -> Gateway:
    """Raises KeyError for a gateway that this site does not offer."""
    if name not in settings.PAYMENT_GATEWAYS:
        raise KeyError(name)
    return _ALL[name]
