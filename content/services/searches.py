"""What members search for, counted without who: what is missing shows here first.

A member counts once a week for the same words. That they have been counted is known for
a week at most, by a mark that names neither the member nor the words. The marks are in
the database: where a cache lost them, one member would count as several. What fewer
than `FEWEST` members searched for in a week is shown to nobody, and forgotten when the
week is over.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.models import User
from community.lib.dates import site_day
from community.lib.words import runs_of
from content.models import SearchDay, SearchMark

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
    """Count it, once a member and week."""
    words, today = normal(words), site_day()
    if not words:
        return
    week = _monday(today)
    who = _who(member, words, week)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [week, who, today, words, int(in_vain)])


COUNT = """
WITH marked AS (
    INSERT INTO content_searchmark (week, who) VALUES (%s, %s)
    ON CONFLICT (who) DO NOTHING RETURNING 1
)
INSERT INTO content_searchday AS counted (day, words, members, in_vain)
SELECT %s, %s, 1, %s FROM marked
ON CONFLICT (day, words) DO UPDATE
   SET members = counted.members + 1, in_vain = counted.in_vain + excluded.in_vain
"""


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _who(member: User, words: str, week: dt.date) -> str:
    told = f"{week} {member.pk} {words}"
    return salted_hmac("searches", told, algorithm="sha256").hexdigest()


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
    SearchMark.objects.filter(week__lt=_monday(today)).delete()
    old = SearchDay.objects.filter(day__lt=today - dt.timedelta(days=KEPT_DAYS))
    gone = old.delete()[0]
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"fewest": FEWEST, "over": today - WEEK})
        return gone + cursor.rowcount
