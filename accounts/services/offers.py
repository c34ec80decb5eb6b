from collections.abc import Iterable

from accounts.models import Offer


def for_key(what: str) -> list[Offer]:
    """The offers on sale that open `what`, cheapest place first."""
    return list(Offer.objects.on_sale().filter(what=what))


def for_keys(keys: Iterable[str]) -> dict[str, Offer]:
    """The first offer on sale for each of `keys` that has one, in one query."""
    found: dict[str, Offer] = {}
    for offer in Offer.objects.on_sale().filter(what__in=list(keys)):
        found.setdefault(offer.what, offer)
    return found


def plans() -> list[Offer]:
    return list(Offer.objects.on_sale().plans())
