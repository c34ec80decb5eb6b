"""Revenue as it was, from the ledger and the history of plans. Defined once, here.

MRR at a moment is the sum of what running plans are worth a month: the plan's price
divided by its months, while it is paid for or in its days of grace. A trial, a
pause, a gift and what is bought once are worth nothing; free days do not lower it.

Each month a member's MRR moves in exactly one way:

| movement | at the month's beginning → at its end |
|---|---|
| new | nothing → something, for the first time |
| reactivation | nothing → something, after an earlier plan |
| resumed / paused | out of a pause / into one |
| expansion / contraction | something → more / less |
| churn | something → nothing |

so that beginning + gains − losses = end, always. A plan that is changed is an
expansion or contraction, never a churn and a new one.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection
from django.utils import timezone

from community.lib.dates import site_day, site_time, site_zone

MOVEMENTS = """
WITH month AS (
    SELECT * FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS month (starts_at, ends_at)
), edge AS (
    SELECT month.starts_at, phase.member_id,
           sum(phase.monthly) FILTER (WHERE phase.starts_at <= month.starts_at AND
               coalesce(phase.ends_at > month.starts_at, true)) AS before,
           sum(phase.monthly) FILTER (WHERE phase.starts_at <= month.ends_at AND
               coalesce(phase.ends_at > month.ends_at, true)) AS after,
           bool_or(phase.state = 'paused' AND phase.starts_at <= month.starts_at AND
               coalesce(phase.ends_at > month.starts_at, true)) AS paused_before,
           bool_or(phase.state = 'paused' AND phase.starts_at <= month.ends_at AND
               coalesce(phase.ends_at > month.ends_at, true)) AS paused_after
      FROM month
      JOIN accounts_subscriptionphase AS phase
        ON phase.starts_at <= month.ends_at
       AND coalesce(phase.ends_at > month.starts_at, true)
     WHERE phase.currency = %(currency)s
     GROUP BY 1, 2
), member AS (
    SELECT edge.starts_at, coalesce(before, 0) AS before, coalesce(after, 0) AS after,
           paused_before, paused_after,
           EXISTS (SELECT FROM accounts_subscriptionphase AS earlier
                    WHERE earlier.member_id = edge.member_id AND earlier.monthly > 0
                      AND earlier.starts_at <= edge.starts_at) AS known
      FROM edge
)
SELECT month.starts_at,
       coalesce(sum(before), 0),
       coalesce(sum(after) FILTER (WHERE before = 0 AND NOT known), 0),
       coalesce(sum(after) FILTER (WHERE before = 0 AND known
                                     AND NOT paused_before), 0),
       coalesce(sum(after) FILTER (WHERE before = 0 AND known AND paused_before), 0),
       coalesce(sum(after - before) FILTER (WHERE before > 0 AND after > before), 0),
       coalesce(sum(before - after) FILTER (WHERE after > 0 AND after < before), 0),
       coalesce(sum(before) FILTER (WHERE after = 0 AND paused_after), 0),
       coalesce(sum(before) FILTER (WHERE before > 0 AND after = 0
                                      AND NOT paused_after), 0),
       coalesce(sum(after), 0),
       count(*) FILTER (WHERE before > 0),
       count(*) FILTER (WHERE after > 0),
       count(*) FILTER (WHERE before > 0 AND after = 0 AND NOT paused_after)
  FROM month LEFT JOIN member USING (starts_at)
 GROUP BY 1 ORDER BY 1 DESC
"""


@dataclass(frozen=True)
class Month:
    """How MRR moved in one month; amounts in minor units."""

    first_day: dt.date
    before: int
    new: int
    reactivation: int
    resumed: int
    expansion: int
    contraction: int
    paused: int
    churn: int
    after: int
    members_before: int
    members_after: int
    members_churned: int

    @property
    def churned_share(self) -> float | None:
        """Of the revenue at the beginning, the part that was lost to churn."""
        return self.churn / self.before if self.before else None

    @property
    def arpu(self) -> int | None:
        """MRR a paying member at the end of the month."""
        return self.after // self.members_after if self.members_after else None


def movements(
    currency: str, months: int = 12, now: dt.datetime | None = None
) -> list[Month]:
    """The last `months`, the newest first; the month at hand up to its end so far."""
    last = _month_of(now or timezone.now())
    starts = [last - relativedelta(months=n) for n in range(months)]
    ends = [start + relativedelta(months=1) for start in starts]
    with connection.cursor() as cursor:
        cursor.execute(
            MOVEMENTS, {"starts": starts, "ends": ends, "currency": currency}
        )
        return [
            Month(site_day(row[0]), *map(int, row[1:])) for row in cursor.fetchall()
        ]


def _month_of(moment: dt.datetime) -> dt.datetime:
    return site_time(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


# What every sale came to, by the day of each booking: so a refund counts in the
# month in which it was made, and the sum of the months is what the books say.
SALES = """
SELECT max({name}), count(DISTINCT bought.id) FILTER (WHERE account.kind = 'revenue'),
       coalesce(-sum(entry.amount) FILTER (WHERE account.kind = 'revenue'), 0),
       coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'refunds'), 0),
       coalesce(sum(entry.amount) FILTER (WHERE account.kind LIKE 'fees %%'), 0),
       coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'share costs'), 0)
  FROM accounts_transfer AS transfer
  JOIN accounts_entry AS entry ON entry.transfer_id = transfer.id
  JOIN accounts_ledgeraccount AS account ON account.id = entry.account_id
  JOIN accounts_order AS bought
    ON transfer.object_kind = 'order' AND bought.id = transfer.object_id
  JOIN accounts_offer AS offer ON offer.id = bought.offer_id
  LEFT JOIN accounts_user AS creator ON creator.id = offer.creator_id
 WHERE transfer.unit = %(currency)s AND transfer.at >= %(since)s
 GROUP BY {key} ORDER BY {order}
"""
MONTH = """
to_char(date_trunc('month', transfer.at, %(zone)s) AT TIME ZONE %(zone)s, 'YYYY-MM')
""".strip()
# What makes a line of its own, and how it is called: names may stand twice.
BY = {
    "offer": ("offer.id", "offer.title"),
    "creator": (
        "creator.id",
        "concat_ws(' @', nullif(creator.name, ''), creator.username)",
    ),
    "month": (MONTH, MONTH),
}


@dataclass(frozen=True)
class Sales:
    """What was sold under one heading; amounts in minor units."""

    name: str
    orders: int
    gross: int
    refunds: int
    fees: int
    shares: int

    @property
    def net(self) -> int:
        """What stays with the community."""
        return self.gross - self.refunds - self.fees - self.shares


def sales(by: str, currency: str, since: dt.datetime) -> list[Sales]:
    """Sales since then by "offer", "creator" or "month"."""
    key, name = BY[by]
    with connection.cursor() as cursor:
        cursor.execute(
            SALES.format(
                key=key, name=name, order="1 DESC" if by == "month" else "3 DESC, 1"
            ),
            {
                "currency": currency,
                "since": since,
                "zone": str(site_zone()),
            },
        )
        return [Sales(row[0], *map(int, row[1:])) for row in cursor.fetchall()]


def report(now: dt.datetime | None = None, months: int = 12) -> list[dict[str, Any]]:
    """For each currency that ever moved: the movements and the sales."""
    since = _month_of(now or timezone.now()) - relativedelta(months=months - 1)
    return [
        {
            "currency": currency,
            "months": movements(currency, months, now),
            "by": [
                (name, sales(name, currency, since))
                for name in ("month", "offer", "creator")
            ],
        }
        for currency in _currencies()
    ]


def _currencies() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unit FROM accounts_ledgeraccount"
            " WHERE kind = 'revenue' ORDER BY 1"
        )
        return [unit for (unit,) in cursor.fetchall()]
