"""From the activity log to how often each member did what on which day.

A night looks only at what arrived since the last one: each day that something of
arrived is counted anew, so late rows, doubles and a second run end in the same tallies.
"""

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Verb
from community.lib.dates import end_of, site_zone, start_of
from incentives.models import Badge, Ladder, Tallied, Tally
from incentives.models.levels import POINTS

# A slow transaction may commit behind a faster one.
OVERLAP = dt.timedelta(hours=6)
# Of a verb that was never counted the whole past is.
BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
# What takes back a deed counts against it.
TAKEN_BACK_BY = {
    Verb.ANSWER_ACCEPTED: Verb.ANSWER_UNACCEPTED,
    Verb.ANSWER_CHOSEN: Verb.ANSWER_UNCHOSEN,
    Verb.TOPIC_FEATURED: Verb.TOPIC_UNFEATURED,
    Verb.JOINED_SPACE: Verb.LEFT_SPACE,
    Verb.EVENT_REGISTERED: Verb.EVENT_LEFT,
}
ALWAYS = {Verb.VISITED}  # the days in a row that everybody sees of themselves

DAYS = """
SELECT DISTINCT (at AT TIME ZONE %(zone)s)::date
  FROM accounts_activity
 WHERE verb IN (%(verb)s, %(back)s) AND ingested_at >= %(since)s
"""
# The same thing twice a day counts once, and nobody's dealings with themselves do.
COUNT = """
INSERT INTO incentives_tally (member_id, verb, day, number)
SELECT deed.member_id, %(verb)s, %(day)s, sum(deed.sign)
  FROM (SELECT DISTINCT member_id, object_kind, object_id,
               CASE WHEN verb = %(verb)s THEN 1 ELSE -1 END AS sign
          FROM accounts_activity
         WHERE at >= %(start)s AND at < %(end)s AND verb IN (%(verb)s, %(back)s)
           AND coalesce(data->>'asker', '') <> member_id::text
           AND coalesce(data->>'by', '') <> member_id::text) AS deed
  JOIN accounts_user AS member ON member.id = deed.member_id
 WHERE member.erased_at IS NULL
 GROUP BY deed.member_id
HAVING sum(deed.sign) <> 0
"""


def verbs_in_use() -> list[str]:
    named = {
        *ALWAYS,
        *Badge.objects.filter(is_active=True).values_list("verb", flat=True),
    }
    measures = Ladder.objects.exclude(measure=POINTS).values_list("measure", flat=True)
    return sorted({*named, *measures})


def count_arrived(now: dt.datetime | None = None) -> int:
    """Bring the tallies up to now; returns how many days were counted anew."""
    now = now or timezone.now()
    return sum(_count_verb(verb, now) for verb in verbs_in_use())


@transaction.atomic
def _count_verb(verb: str, now: dt.datetime) -> int:
    last = Tallied.objects.select_for_update().filter(verb=verb).first()
    days = _days_to_count(verb, last.through - OVERLAP if last else BEGINNING)
    for day in days:
        _count_day(verb, day)
    Tallied.objects.update_or_create(verb=verb, defaults={"through": now})
    return len(days)


def _days_to_count(verb: str, since: dt.datetime) -> list[dt.date]:
    with connection.cursor() as cursor:
        cursor.execute(DAYS, _values(verb, since=since))
        return [day for (day,) in cursor.fetchall()]


def _count_day(verb: str, day: dt.date) -> None:
    Tally.objects.filter(verb=verb, day=day).delete()
    values = _values(verb, day=day, start=start_of(day), end=end_of(day))
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)


def _values(verb: str, **more: Any) -> dict[str, Any]:
    back = TAKEN_BACK_BY.get(Verb(verb), verb)
    return {"verb": verb, "back": back, "zone": site_zone().key, **more}
