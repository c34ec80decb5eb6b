"""What a key can open: each app names its kind, so that forms offer what there is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import MEMBERSHIP, Bundle, Order, Space


def _always(order: Order) -> bool:
    return True


def _nothing(order: Order) -> None:
    pass


@dataclass(frozen=True)
class Kind:
    """The rows that keys such as "item:12" name; `rows` are those worth selling.

    Whoever sells may hear of it in the transaction that pays an order or gives all of
    it back, while the order is locked: `is_wanted` says whether money that has come
    still buys something, `paid` and `closed` act on it. What `is_held` is paid for
    before it is done: the money is owed to the buyer until `held.release`.
    """

    prefix: str
    title: Any  # text, translated when shown
    rows: Callable[[], QuerySet[Any]]
    is_held: bool = False
    is_wanted: Callable[[Order], bool] = _always
    paid: Callable[[Order], None] = _nothing
    closed: Callable[[Order], None] = _nothing

    def choices(self) -> list[tuple[str, str]]:
        return [(f"{self.prefix}:{row.pk}", str(row)) for row in self.rows()]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.prefix] = kind


register(Kind("space", _("Spaces"), Space.objects.all))


def kind_of(order: Order) -> Kind:
    """What the order buys; a bundle, or the membership, asks for nothing special."""
    prefix = order.offer.what.partition(":")[0]
    return _kinds.get(prefix) or Kind(prefix, prefix, Space.objects.none)


def is_reserved(key: str) -> bool:
    """Whether it names something else than a bundle."""
    return key == MEMBERSHIP or key.partition(":")[0] in _kinds


def choices() -> list[tuple[Any, Any]]:
    """All that can be sold, grouped, for a select."""
    bundles = [(bundle.key, bundle.title) for bundle in Bundle.objects.all()]
    return [("", "---------"), *parts()[:1], (_("Bundles"), bundles), *parts()[1:]]


def parts() -> list[tuple[Any, Any]]:
    """What a bundle can open; another bundle would open nothing."""
    kinds = [(kind.title, kind.choices()) for kind in _kinds.values()]
    return [(MEMBERSHIP, _("The membership")), *kinds]
