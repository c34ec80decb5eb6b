"""What the members of a trial did before and after chance had put them in a group.

The day on which they were drawn is in neither window: 28 days end with the day before
it, 28 begin with the day after. Only members who agreed that their acts are used for
models are counted, and only those whose 28 days are over.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Verb
from accounts.services.consents import MAY_BE_PROFILED
from analytics.numerics.experiments import Arm, Floats
from community.lib.dates import end_of, site_day, start_of
from incentives.models import Campaign, Exposure, HoldOut
from incentives.services import campaigns

WINDOW = dt.timedelta(days=28)
Outcome = HoldOut.Outcome
# What is dealt again and again in front of an operator who waits.
MOST_REPLAYED = 10_000

COLUMNS = {
    Outcome.ACTIVE_DAYS: "count(DISTINCT day) FILTER (WHERE {})",
    Outcome.DAYS_TAKING_PART: (
        "count(DISTINCT day) FILTER (WHERE {} AND interactions > 0)"
    ),
}

# Who was drawn, and on which day of the house; %(zone)s is its time zone.
DRAWN = f"""
WITH allowed AS ({MAY_BE_PROFILED}), drawn AS (
    SELECT mine.member_id, mine.arm, (mine.at AT TIME ZONE %(zone)s)::date AS day0
      FROM incentives_exposure AS mine
     WHERE mine.hold_out_id = %(hold_out)s AND mine.at < %(before)s
       AND mine.member_id IN (SELECT member_id FROM allowed)
)
"""  # noqa: S608 - made of our own parts
DAYS = """
, did AS (
    SELECT member_id,
           count(DISTINCT day) FILTER (WHERE day < day0) AS x,
           {before} AS b, {after} AS y
      FROM drawn
      JOIN analytics_memberday USING (member_id)
     WHERE day >= day0 - 28 AND day <= day0 + 28
       AND day >= %(first)s AND day <= %(last)s
     GROUP BY 1
)
"""
PAYMENTS = """
, seen AS (
    SELECT member_id, count(DISTINCT day) FILTER (WHERE day < day0) AS x
      FROM drawn
      JOIN analytics_memberday USING (member_id)
     WHERE day >= day0 - 28 AND day < day0 AND day >= %(first)s AND day <= %(last)s
     GROUP BY 1
), paid AS (
    SELECT member_id,
           max(CASE WHEN day < day0 THEN 1 ELSE 0 END) AS b,
           max(CASE WHEN day > day0 THEN 1 ELSE 0 END) AS y
      FROM drawn
      JOIN (SELECT member_id, (at AT TIME ZONE %(zone)s)::date AS day
              FROM accounts_activity
             WHERE verb = %(verb)s AND at >= %(since)s AND at < %(until)s
           ) AS payment USING (member_id)
     WHERE day >= day0 - 28 AND day <= day0 + 28 AND day <> day0
     GROUP BY 1
), did AS (
    SELECT member_id, x, b, y FROM seen FULL JOIN paid USING (member_id)
)
"""
# Whole numbers, so that the order of the rows cannot change a digit.
SUMS = """
, counted AS (
    SELECT arm, coalesce(y, 0)::bigint AS y, coalesce(x, 0)::bigint AS x,
           coalesce(b, 0)::bigint AS b
      FROM drawn LEFT JOIN did USING (member_id)
)
SELECT arm, count(*), sum(y), sum(y * y), sum(x), sum(x * x), sum(x * y),
       sum(y - b), sum((y - b) * (y - b))
  FROM counted GROUP BY 1
"""


@dataclass(frozen=True)
class Group:
    """One group: its six sums, and what `after - before` adds up to."""

    arm: Arm
    change: float
    change_squared: float


NOBODY = Group(Arm(0, 0, 0, 0, 0, 0), 0, 0)


def groups(hold_out: HoldOut, as_of: dt.date) -> dict[str, Group]:
    """{group: its sums} of those drawn by the planned day whose window is over."""
    last = min(hold_out.until, as_of - WINDOW)
    started_at = hold_out.started_at or timezone.now()
    first = site_day(started_at) - WINDOW
    values = {
        "hold_out": hold_out.pk,
        "zone": settings.TIME_ZONE,
        "before": end_of(last),
        "first": first,
        "last": last + WINDOW,
        "since": start_of(first),
        "until": end_of(last + WINDOW),
        "verb": Verb.PAID,
    }
    rows = _rows(DRAWN + _did(hold_out.outcome) + SUMS, **values)
    found = {
        arm: Group(Arm(*map(float, sums)), float(change), float(squared))
        for arm, *sums, change, squared in rows
    }
    return {arm: found.get(arm, NOBODY) for arm in Exposure.Arm.values}


def _did(outcome: str) -> str:
    if outcome == Outcome.PAID:
        return PAYMENTS
    column = COLUMNS[Outcome(outcome)]
    return DAYS.format(
        before=column.format("day < day0"), after=column.format("day > day0")
    )


def drawn(hold_out: HoldOut) -> dict[str, int]:
    """{group: how many}, whoever they are: what chance is judged by."""
    rows = _rows(
        "SELECT arm, count(*) FROM incentives_exposure"
        " WHERE hold_out_id = %(hold_out)s GROUP BY 1",
        hold_out=hold_out.pk,
    )
    return dict.fromkeys(Exposure.Arm.values, 0) | dict(rows)


# Before the start -----------------------------------------------------------------

LIKELY = f"""
WITH allowed AS ({MAY_BE_PROFILED}), drawn AS (
    SELECT member_id, 'treated' AS arm, %(day0)s::date AS day0
      FROM unnest(%(members)s::bigint[]) AS member_id
     WHERE member_id IN (SELECT member_id FROM allowed)
)
"""  # noqa: S608 - made of our own parts
EACH = """
SELECT coalesce(y, 0), coalesce(x, 0)
  FROM drawn LEFT JOIN did USING (member_id) ORDER BY md5(member_id::text)
"""


@dataclass(frozen=True)
class Likely:
    """Who would have been drawn had it started earlier, and what they did since.

    members : how many can be expected, whether they agreed to be counted or not ·
    after, before : of those who agreed, the outcome in the last 28 days and the visits
    of the 28 before
    """

    members: int
    after: Floats
    before: Floats


def likely(hold_out: HoldOut, today: dt.date | None = None) -> Likely:
    """From the past: as many days as members will be counted in, up to today."""
    today = today or site_day()
    days = max((hold_out.until - today).days, 1)
    numbers = _eligible(hold_out, days)
    day0 = today - WINDOW - dt.timedelta(days=1)
    first = day0 - WINDOW
    values = {
        "members": numbers,
        "day0": day0,
        "zone": settings.TIME_ZONE,
        "first": first,
        "last": today,
        "since": start_of(first),
        "until": end_of(today),
        "verb": Verb.PAID,
    }
    rows = _rows(LIKELY + _did(hold_out.outcome) + EACH, **values)
    table = np.array(rows, dtype=np.float64).reshape(-1, 2)
    return Likely(len(numbers), table[:, 0], table[:, 1])


def _eligible(hold_out: HoldOut, days: int) -> list[int]:
    if hold_out.rule is not None:
        since = timezone.now() - dt.timedelta(days=days)
        did = _rows(
            "SELECT DISTINCT member_id FROM accounts_activity"
            " WHERE verb = %(verb)s AND at >= %(since)s",
            verb=hold_out.rule.verb,
            since=since,
        )
        return [member for (member,) in did]
    campaign = hold_out.campaign
    assert campaign is not None  # noqa: S101 - a constraint says so
    found = campaigns.audience(campaign, timezone.now())
    if campaign.audience == Campaign.Audience.NEWCOMERS:
        # Those of today and who joins until then, as many as joined lately.
        joined = timezone.now() - dt.timedelta(days=days + (campaign.days or 0))
        found = campaigns.people().filter(date_joined__gt=joined)
    return list(found.values_list("pk", flat=True))


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
