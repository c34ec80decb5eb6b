"""Looks each night for points that members made for one another, or too fast.

What is found waits (`suspicions`); here it is only gathered and found. What somebody
has looked at already is no evidence any more, whatever came of it.
"""

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.models import Referral, User, Verb
from incentives.models import Award, Tally
from incentives.numerics.gaming import Brought, Deed, Favour, Pace, find
from incentives.services import suspicions

WINDOW = dt.timedelta(days=60)
# Only what members do one by one themselves: the house writes other deeds in heaps.
PACES: dict[str, Pace] = {
    Verb.LESSON_DONE: Pace(usual=10, possible=30),
    Verb.ITEM_READ: Pace(usual=10, possible=30),
    Verb.WATCHED: Pace(usual=5, possible=10),
    Verb.QUIZ_PASSED: Pace(usual=5, possible=15),
    Verb.TOPIC_STARTED: Pace(usual=5, possible=15),
    Verb.REPLIED: Pace(usual=10, possible=30),
    Verb.RATED: Pace(usual=15, possible=40),
    Verb.LIKED: Pace(usual=40, possible=120),
    Verb.REACTED: Pace(usual=40, possible=120),
    Verb.VOTED: Pace(usual=20, possible=60),
    Verb.WELCOMED: Pace(usual=20, possible=60),
}
# Who accepted, asked or was served: whoever of them the deed names first did it.
FAVOURS = """
SELECT award.id, giver.id, award.member_id, award.points, award.awarded_at,
       award.awarded_at - giver.date_joined
  FROM incentives_award AS award
  JOIN accounts_activity AS deed
    ON deed.id = award.activity_id AND deed.at = award.awarded_at
  JOIN accounts_user AS giver
    ON giver.id = coalesce(
         (deed.data->>'by')::bigint, (deed.data->>'asker')::bigint,
         (deed.data->>'whom')::bigint, (deed.data->>'other')::bigint,
         CASE WHEN deed.object_kind = %(person)s THEN deed.object_id END)
 WHERE award.awarded_at >= %(since)s AND award.awarded_at < %(now)s
   AND deed.at >= %(since)s AND deed.at < %(now)s
   AND award.points > 0 AND award.undone_at IS NULL AND giver.id <> award.member_id
"""


def look(now: dt.datetime | None = None) -> int:
    """Gather, find, and have what is found wait; how many new suspicions."""
    now = now or timezone.now()
    since, known = now - WINDOW, suspicions.looked_at()
    favours = [it for it in _favours(since, now) if it.award not in known]
    deeds = [it for it in _deeds(since, now) if it.award not in known]
    brought = [it for it in _brought(since, now) if it.award not in known]
    findings = find(favours, deeds, PACES, brought)
    return sum(suspicions.suspect(finding, at=now) for finding in findings)


def _favours(since: dt.datetime, now: dt.datetime) -> list[Favour]:
    values: dict[str, Any] = {"since": since, "now": now, "person": User.activity_kind}
    with connection.cursor() as cursor:
        cursor.execute(FAVOURS, values)
        return [Favour(*row) for row in cursor.fetchall()]


def _awards(since: dt.datetime, now: dt.datetime) -> QuerySet[Award]:
    standing = Award.objects.filter(points__gt=0, undone_at=None).order_by()
    return standing.filter(awarded_at__gte=since, awarded_at__lt=now)


def _deeds(since: dt.datetime, now: dt.datetime) -> list[Deed]:
    """By when they were done: what came back with a restored post comes at once."""
    rows = _awards(since, now).filter(rule__verb__in=PACES)
    columns = ("pk", "member_id", "rule__verb", "points", "counts_from")
    return [Deed(*row) for row in rows.values_list(*columns).iterator()]


def _brought(since: dt.datetime, now: dt.datetime) -> list[Brought]:
    paid = _awards(since, now).filter(object_kind=Referral.activity_kind)
    columns = ("pk", "member_id", "object_id", "points")
    rows = list(paid.values_list(*columns))
    referred = Referral.objects.filter(pk__in=[number for _, _, number, _ in rows])
    members = dict(referred.values_list("pk", "member_id"))
    days = _days_here(set(members.values()))
    return [
        Brought(pk, by, members[number], points, days.get(members[number], 0))
        for pk, by, number, points in rows
        if number in members
    ]


def _days_here(members: set[int]) -> dict[int, int]:
    visits = Tally.objects.filter(member__in=members, verb=Verb.VISITED)
    return dict(visits.order_by().values_list("member").annotate(Count("pk")))
