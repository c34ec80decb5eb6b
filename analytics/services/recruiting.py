"""From the click to staying, by channel and by campaign."""

from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from analytics.numerics.recruiting import Rates, shrunk_rates

DAYS_KEPT = (30, 90, 180)
ALIVE = 28  # days

# A member is still here at day N after joining when, in the 28 days before it, they did
# something or held something paid. Only who joined long enough ago is counted.
FUNNEL = """
WITH came AS (
    SELECT member.id, member.date_joined AS at, {group} AS grp
      FROM accounts_user AS member
      JOIN accounts_origin AS origin ON origin.member_id = member.id
      LEFT JOIN accounts_trackedlink AS link ON link.id = origin.last_link_id
     WHERE {group} IS NOT NULL
), kept AS (
    SELECT came.id, came.grp, days.n,
           EXISTS (SELECT FROM accounts_activity AS did
                    WHERE did.member_id = came.id
                      AND did.at > came.at + make_interval(days => days.n - %(alive)s)
                      AND did.at <= came.at + make_interval(days => days.n))
        OR EXISTS (SELECT FROM accounts_entitlement AS held
                    WHERE held.member_id = came.id AND held.revoked_at IS NULL
                      AND held.starts_at <= came.at + make_interval(days => days.n)
                      AND coalesce(held.ends_at > came.at
                          + make_interval(days => days.n - %(alive)s), true)) AS here
      FROM came CROSS JOIN unnest(%(days)s::int[]) AS days (n)
     WHERE came.at + make_interval(days => days.n) <= now()
)
SELECT grp, count(*),
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM accounts_order AS bought WHERE bought.member_id = came.id
              AND bought.state = 'paid' AND bought.amount > 0)),
       (SELECT coalesce(sum(did.count), 0) FROM accounts_activity AS did
         WHERE did.member_id = ANY (array_agg(came.id))
           AND did.verb IN ('topic_started', 'replied', 'answer_accepted')),
       {kept}
  FROM came GROUP BY grp
"""
KEPT = (
    "(SELECT count(*) FROM kept WHERE kept.grp = came.grp AND n = {n}),"
    "(SELECT count(*) FROM kept WHERE kept.grp = came.grp AND n = {n} AND here)"
)
GROUPS = {"channel": "origin.channel_id", "campaign": "link.campaign_id"}

SPENT = """
SELECT {key}, max(name), coalesce(sum(visits), 0), coalesce(max(cost), 0),
       max(currency)
  FROM ({rows}) AS it GROUP BY 1
"""
ROWS = {
    "channel": """
        SELECT channel.id, channel.name, day.visits, spent.cost, spent.currency
          FROM accounts_channel AS channel
          LEFT JOIN accounts_trackedlink AS link ON link.channel_id = channel.id
          LEFT JOIN accounts_linkday AS day ON day.link_id = link.id
          LEFT JOIN (SELECT channel_id, sum(cost) AS cost, max(currency) AS currency
                       FROM accounts_campaign GROUP BY 1) AS spent
            ON spent.channel_id = channel.id""",
    "campaign": """
        SELECT campaign.id, campaign.name, day.visits, campaign.cost,
               campaign.currency
          FROM accounts_campaign AS campaign
          LEFT JOIN accounts_trackedlink AS link ON link.campaign_id = campaign.id
          LEFT JOIN accounts_linkday AS day ON day.link_id = link.id""",
}


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
class Source:
    """One channel or campaign; money in minor units."""

    name: str
    visits: int
    joined: int
    paid: int
    contributions: int
    kept: list[Kept]
    cost: int
    currency: str

    @property
    def cost_a_kept_member(self) -> int | None:
        """Of the whole cost, for each who is still here after 90 days."""
        here = self.kept[1].here
        return self.cost // here if here and self.cost else None

    @property
    def contributions_a_member(self) -> float:
        return self.contributions / self.joined if self.joined else 0.0


def funnel(by: str) -> list[Source]:
    """Every "channel" or "campaign", the best at keeping first."""
    with connection.cursor() as cursor:
        cursor.execute(SPENT.format(key="id", rows=ROWS[by]))
        spent = {row[0]: row[1:] for row in cursor.fetchall()}
        kept = ", ".join(KEPT.format(n=n) for n in DAYS_KEPT)
        cursor.execute(
            FUNNEL.format(group=GROUPS[by], kept=kept),
            {"alive": ALIVE, "days": list(DAYS_KEPT)},
        )
        came = {row[0]: row[1:] for row in cursor.fetchall()}
    keys = sorted(spent)
    nobody = (0,) * (3 + 2 * len(DAYS_KEPT))
    counts = np.array([came.get(key, nobody) for key in keys], dtype=np.int64)
    counts = counts.reshape(len(keys), len(nobody))
    rates = [
        shrunk_rates(counts[:, 4 + 2 * n], counts[:, 3 + 2 * n])
        for n in range(len(DAYS_KEPT))
    ]
    found = [_source(spent[key], counts[i], rates, i) for i, key in enumerate(keys)]
    return sorted(found, key=lambda it: -it.kept[1].rate)


def _source(
    spent: tuple[str, int, int, str | None],
    counts: NDArray[np.int64],
    rates: list[Rates],
    i: int,
) -> Source:
    name, visits, cost, currency = spent
    return Source(
        name=name,
        visits=int(visits),
        joined=int(counts[0]),
        paid=int(counts[1]),
        contributions=int(counts[2]),
        kept=[
            Kept(
                days=days,
                here=int(counts[4 + 2 * n]),
                old_enough=int(counts[3 + 2 * n]),
                rate=float(rates[n].rate[i]),
                low=float(rates[n].low[i]),
                high=float(rates[n].high[i]),
            )
            for n, days in enumerate(DAYS_KEPT)
        ],
        cost=int(cost),
        currency=currency or "CNY",
    )
