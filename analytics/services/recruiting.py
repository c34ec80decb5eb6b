"""From the click to staying, by channel and by campaign."""

import datetime as dt
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from analytics.numerics.recruiting import Rates, shrunk_rates
from analytics.services import figures
from community.lib.dates import end_of

DAYS_KEPT = (30, 90, 180)
JUDGED_AFTER = 90
ALIVE = 28  # days

# A member is still here at day N after joining when, in the 28 days before it, they did
# something or held something that was paid for, as it was then: what was given back or
# changed since does not alter it. Only who joined long enough ago is counted.
FUNNEL = """
WITH came AS (
    SELECT member.id, member.date_joined AS at, {group} AS grp
      FROM accounts_user AS member
      JOIN accounts_origin AS origin ON origin.member_id = member.id
      LEFT JOIN accounts_trackedlink AS link ON link.id = origin.last_link_id
     WHERE {group} IS NOT NULL AND member.date_joined < %(until)s
), kept AS (
    SELECT came.id, came.grp, days.n,
           EXISTS (SELECT FROM accounts_activity AS did
                    WHERE did.member_id = came.id
                      AND did.at > came.at + make_interval(days => days.n - %(alive)s)
                      AND did.at <= came.at + make_interval(days => days.n))
        OR EXISTS (SELECT FROM accounts_entitlement AS held
                    WHERE held.member_id = came.id
                      AND held.source IN ('order', 'gift', 'resumed')
                      AND held.starts_at <= came.at + make_interval(days => days.n)
                      AND least(held.ends_at, held.revoked_at, 'infinity') > came.at
                          + make_interval(days => days.n - %(alive)s)
                      AND coalesce(held.revoked_at > held.starts_at, true)) AS here
      FROM came CROSS JOIN unnest(%(days)s::int[]) AS days (n)
     WHERE came.at + make_interval(days => days.n) <= %(until)s
)
SELECT grp, count(*),
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM accounts_order AS bought WHERE bought.member_id = came.id
              AND bought.state = 'paid' AND bought.amount > 0
              AND bought.paid_at < %(until)s)),
       (SELECT coalesce(sum(did.count), 0) FROM accounts_activity AS did
         WHERE did.member_id = ANY (array_agg(came.id)) AND did.at < %(until)s
           AND did.verb IN ('topic_started', 'replied', 'answer_accepted')),
       {kept}
  FROM came GROUP BY grp
"""
KEPT = (
    "(SELECT count(*) FROM kept WHERE kept.grp = came.grp AND n = {n}),"
    "(SELECT count(*) FROM kept WHERE kept.grp = came.grp AND n = {n} AND here)"
)
VISITS = """
SELECT source.id, source.name, coalesce(sum(day.visits), 0)
  FROM {source} AS source
  LEFT JOIN accounts_trackedlink AS link ON link.{link} = source.id
  LEFT JOIN accounts_linkday AS day ON day.link_id = link.id AND day.day <= %(as_of)s
 GROUP BY 1, 2
"""
# Of the newest campaigns nobody can be kept yet: their cost says nothing of it.
COSTS = """
SELECT {key}, currency, sum(cost),
       coalesce(sum(cost) FILTER (WHERE starts_on <= %(as_of)s - %(days)s), 0)
  FROM accounts_campaign
 WHERE cost > 0 AND starts_on <= %(as_of)s
 GROUP BY 1, 2 ORDER BY 1, 2
"""
TABLES = {
    "channel": {
        "source": "accounts_channel",
        "link": "channel_id",
        "key": "channel_id",
        "group": "origin.channel_id",
    },
    "campaign": {
        "source": "accounts_campaign",
        "link": "campaign_id",
        "key": "id",
        "group": "link.campaign_id",
    },
}
REPORT = "recruiting"


@dataclass(frozen=True)
class Kept:
    """Of those old enough, how many are still here, and the shrunk share."""

    days: int
    here: int
    old_enough: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Cost:
    """What was spent in one currency, in minor units; and of what was spent long enough
    ago, the part for each member who is still here after 90 days."""

    currency: str
    amount: int
    a_kept_member: int | None


@dataclass(frozen=True)
class Source:
    """One channel or campaign."""

    name: str
    visits: int
    joined: int
    paid: int
    contributions: int
    contributions_a_member: float
    kept: list[Kept]
    costs: list[Cost]


def make_report(as_of: dt.date) -> dict[str, Any]:
    """Count both tables and keep them for the page; an older day replaces no newer."""
    tables = figures.keep(REPORT, as_of, _tables)
    if tables is None:
        return {"kept": "a later day"}
    return {f"{by}s": len(rows) for by, rows in tables.items()}


def _tables(as_of: dt.date) -> dict[str, list[dict[str, Any]]]:
    return {by: [asdict(it) for it in funnel(by, as_of)] for by in TABLES}


def funnel(by: str, as_of: dt.date) -> list[Source]:
    """Every "channel" or "campaign" as it stood at the end of a day, the best at
    keeping first."""
    table = TABLES[by]
    came = _came(table["group"], end_of(as_of))
    costs = _costs(table["key"], as_of)
    named = _rows(VISITS.format(**table), as_of=as_of)
    nobody = [0] * (3 + 2 * len(DAYS_KEPT))
    counts = np.array([came.get(key, nobody) for key, *_ in named], dtype=np.int64)
    counts = counts.reshape(len(named), len(nobody))
    rates = [
        shrunk_rates(counts[:, 4 + 2 * n], counts[:, 3 + 2 * n])
        for n in range(len(DAYS_KEPT))
    ]
    found = [
        _source(name, visits, counts[i], _kept(counts[i], rates, i), costs[key])
        for i, (key, name, visits) in enumerate(named)
    ]
    return sorted(found, key=lambda it: (-it.kept[1].rate, it.name))


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _came(group: str, until: dt.datetime) -> dict[int, list[int]]:
    kept = ", ".join(KEPT.format(n=n) for n in DAYS_KEPT)
    statement = FUNNEL.format(group=group, kept=kept)
    found = _rows(statement, alive=ALIVE, days=list(DAYS_KEPT), until=until)
    return {key: counts for key, *counts in found}


def _costs(key: str, as_of: dt.date) -> defaultdict[int, list[tuple[str, int, int]]]:
    """(currency, spent, of it long enough ago) of each channel or campaign."""
    costs = defaultdict(list)
    rows = _rows(COSTS.format(key=key), as_of=as_of, days=JUDGED_AFTER)
    for source, currency, spent, long_ago in rows:
        costs[source].append((currency, int(spent), int(long_ago)))
    return costs


def _kept(counts: NDArray[np.int64], rates: list[Rates], i: int) -> list[Kept]:
    return [
        Kept(
            days=days,
            here=int(counts[4 + 2 * n]),
            old_enough=int(counts[3 + 2 * n]),
            rate=float(rates[n].rate[i]),
            low=float(rates[n].low[i]),
            high=float(rates[n].high[i]),
        )
        for n, days in enumerate(DAYS_KEPT)
    ]


def _source(
    name: str,
    visits: int,
    counts: NDArray[np.int64],
    kept: list[Kept],
    spent: list[tuple[str, int, int]],
) -> Source:
    here = kept[DAYS_KEPT.index(JUDGED_AFTER)].here
    joined, paid, contributions = map(int, counts[:3])
    return Source(
        name=name,
        visits=int(visits),
        joined=joined,
        paid=paid,
        contributions=contributions,
        contributions_a_member=contributions / joined if joined else 0.0,
        kept=kept,
        costs=[
            Cost(currency, amount, long_ago // here if here and long_ago else None)
            for currency, amount, long_ago in spent
        ],
    )
