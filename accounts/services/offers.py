from collections.abc import Iterable

from accounts.models import Offer
from accounts.services import entitlements


def opening(what: str) -> list[Offer]:
    """The offers on sale that open `what`, by itself or in a bundle."""
    keys = entitlements.keys_opening(what)
    return list(Offer.objects.on_sale().filter(what__in=keys))


def for_keys(keys: Iterable[str]) -> dict[str, Offer]:
    """The first offer on sale for each of `keys` that has one, in one query."""
    found: dict[str, Offer] = {}
    for offer in Offer.objects.on_sale().filter(what__in=list(keys)):
        found.setdefault(offer.what, offer)
    return found


def plans() -> list[Offer]:
    return list(Offer.objects.on_sale().plans())
