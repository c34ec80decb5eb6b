"""How spending is spread over members: whether few spend more than does them good.

Numbers only, and none about fewer than FEWEST members: nobody can be found by them.
"""

import datetime as dt
from dataclasses import dataclass
from math import ceil
from statistics import median

from django.db.models import Sum
from django.utils import timezone

from accounts.models import Order
from accounts.services import community
from accounts.services.ledger import POINTS
from accounts.services.own_limits import spending_of_points

FEWEST = 5
WINDOW = dt.timedelta(days=30)
TIMES = (5, 10)  # the median


@dataclass(frozen=True)
class Spread:
    """Of what was spent in one unit. None: it would be about too few."""

    unit: str
    members: int | None
    top_1: float | None = None  # % of all that was spent
    top_10: float | None = None
    above: tuple[tuple[int, int | None], ...] = ()  # (times the median, members)


def report() -> list[Spread]:
    since = timezone.now() - WINDOW
    currency = community.current().currency
    return [
        spread(POINTS, _points_by_member(since)),
        spread(currency, _money_by_member(currency, since)),
    ]


def spread(unit: str, spent: list[int]) -> Spread:
    """Of what each member has spent."""
    if len(spent) < FEWEST:
        return Spread(unit, None)
    middle = median(spent)
    above = tuple((k, _told(sum(one > k * middle for one in spent))) for k in TIMES)
    return Spread(unit, len(spent), _share(spent, 0.01), _share(spent, 0.1), above)


def _told(members: int) -> int | None:
    return members if members == 0 or members >= FEWEST else None


def _share(spent: list[int], part: float) -> float | None:
    """What those who spend most have spent, in percent of all."""
    count = ceil(len(spent) * part)
    if count < FEWEST:
        return None
    most = sorted(spent, reverse=True)[:count]
    return 100 * sum(most) / sum(spent)


def _points_by_member(since: dt.datetime) -> list[int]:
    found = spending_of_points(since).order_by()
    sums = found.values("account__member").annotate(total=Sum("amount"))
    return [-total for total in sums.values_list("total", flat=True) if total < 0]


def _money_by_member(currency: str, since: dt.datetime) -> list[int]:
    paid = Order.objects.filter(
        state=Order.State.PAID, currency=currency, paid_at__gte=since, amount__gt=0
    )
    sums = paid.order_by().values("member").annotate(total=Sum("amount"))
    return list(sums.values_list("total", flat=True))
