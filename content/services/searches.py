"""What members search for, counted without who: what is missing shows here first.

A member counts once a week for the same words. That they have been counted is known for
a week at most, outside of the database and under a key that names neither the member
nor the words. What fewer than `FEWEST` members searched for in a week is shown to
nobody, and forgotten when the week is over.
"""

import datetime as dt
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.models import User
from community.lib.dates import site_day
from community.lib.words import runs_of
from content.models import SearchDay

FEWEST = 5
LONGEST = 60
KEPT_DAYS = 180
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Searched:
    """So many different members at least, in the week when most did."""

    words: str
    members: int
    in_vain: int


def normal(words: str) -> str:
    """The same for everybody who means the same words."""
    return " ".join(run for _place, run in runs_of(words))[:LONGEST].strip()


def note_search(*, member: User, words: str, in_vain: bool) -> None:
    """Count it, once a member and week; without Redis, not at all."""
    words, today = normal(words), site_day()
    if not words or not _is_first(member, words, today):
        return
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"day": today, "words": words, "in_vain": int(in_vain)})


COUNT = """
INSERT INTO content_searchday AS counted (day, words, members, in_vain)
VALUES (%(day)s, %(words)s, 1, %(in_vain)s)
ON CONFLICT (day, words) DO UPDATE
   SET members = counted.members + 1, in_vain = counted.in_vain + excluded.in_vain
"""


def _is_first(member: User, words: str, today: dt.date) -> bool:
    year, week, weekday = today.isocalendar()
    who = salted_hmac("searches", f"{year}-{week} {member.pk} {words}").hexdigest()
    return bool(cache.add(f"searched:{who}", 1, (8 - weekday) * 24 * 3600))


BY_WEEK = """
SELECT words, date_trunc('week', day::timestamp)::date AS week,
       sum(members) AS members, sum(in_vain) AS in_vain
  FROM content_searchday
 GROUP BY 1, 2
"""
OFTEN = f"""
SELECT words, max(members)::int,
       max(CASE WHEN in_vain >= %(fewest)s THEN in_vain ELSE 0 END)::int
  FROM ({BY_WEEK}) AS weekly
 WHERE members >= %(fewest)s AND week >= %(since)s AND week <= %(until)s
 GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT %(most)s
"""  # noqa: S608 - made of our own parts


def searched(since: dt.date, until: dt.date, most: int = 500) -> list[Searched]:
    """What at least `FEWEST` members searched for in one of the weeks that begin in
    these days, most in vain first; a smaller number in vain counts as none."""
    with connection.cursor() as cursor:
        cursor.execute(
            OFTEN, {"fewest": FEWEST, "since": since, "until": until, "most": most}
        )
        return [Searched(*row) for row in cursor.fetchall()]


FORGET = f"""
DELETE FROM content_searchday AS counted USING ({BY_WEEK}) AS weekly
 WHERE weekly.words = counted.words
   AND weekly.week = date_trunc('week', counted.day::timestamp)::date
   AND weekly.members < %(fewest)s AND weekly.week <= %(over)s
"""  # noqa: S608


def forget(today: dt.date) -> int:
    """Each night: what few searched for in a week that is over, and what is old."""
    old = SearchDay.objects.filter(day__lt=today - dt.timedelta(days=KEPT_DAYS))
    gone = old.delete()[0]
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"fewest": FEWEST, "over": today - WEEK})
        return gone + cursor.rowcount
