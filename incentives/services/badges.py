"""Badges: who has done something so often, or on so many days in a row."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Notification, User, Verb
from accounts.services.activity import record_activity
from accounts.services.notifications import tell
from community.lib.dates import site_day
from community.lib.streaks import Streak, streak_of
from incentives.models import Badge, BadgeHolder, Tally

AT_ONCE = 1000
REST_DAYS = 1  # of the days in a row that everybody sees of themselves
LOOKS_BACK = dt.timedelta(days=400)

# A day that closes a window of so many days, so many of which were done.
IN_A_ROW = """
SELECT DISTINCT member_id FROM (
    SELECT member_id, count(*) OVER (
               PARTITION BY member_id ORDER BY day
               RANGE BETWEEN make_interval(days => %(window)s - 1) PRECEDING
                         AND CURRENT ROW) AS done
      FROM incentives_tally
     WHERE verb = %(verb)s AND number > 0 AND day > %(since)s) AS days
 WHERE done >= %(number)s
"""


def award_badges(now: dt.datetime | None = None) -> int:
    """Give every badge to who has come to earn it; returns how many were given."""
    now = now or timezone.now()
    return sum(_award(badge, now) for badge in Badge.objects.filter(is_active=True))


def _award(badge: Badge, now: dt.datetime) -> int:
    earned = _by_days(badge) if badge.how == Badge.How.DAYS else _by_times(badge)
    holders = BadgeHolder.objects.filter(badge=badge).values_list("member", flat=True)
    new = sorted(earned - set(holders))
    for start in range(0, len(new), AT_ONCE):
        _give(badge, new[start : start + AT_ONCE], now)
    Badge.objects.filter(pk=badge.pk).update(looked_through=site_day(now))
    return len(new)


@transaction.atomic
def _give(badge: Badge, members: list[int], now: dt.datetime) -> None:
    people = User.objects.people().filter(pk__in=members)
    for member in people:
        _holder, is_new = BadgeHolder.objects.get_or_create(
            badge=badge, member=member, defaults={"earned_at": now}
        )
        if is_new:
            record_activity(member=member, verb=Verb.EARNED_BADGE, target=badge)
    tell(
        [member.pk for member in people],
        kind=Notification.Kind.BADGE_EARNED,
        key=f"badge:{badge.pk}",
        target=badge,
    )


def _by_times(badge: Badge) -> set[int]:
    counted = Tally.objects.filter(verb=badge.verb).order_by()
    totals = counted.values("member").annotate(total=Sum("number"))
    enough = totals.filter(total__gte=badge.number)
    return set(enough.values_list("member", flat=True))


def _by_days(badge: Badge) -> set[int]:
    """So many days of a window as long as they and the rest days together."""
    window = badge.number + badge.rest_days
    since = dt.date.min
    if badge.looked_through:  # late rows change the days before by a week at most
        since = badge.looked_through - dt.timedelta(days=window + 7)
    values: dict[str, Any] = {
        "verb": badge.verb,
        "number": badge.number,
        "window": window,
        "since": since,
    }
    with connection.cursor() as cursor:
        cursor.execute(IN_A_ROW, values)
        return {member for (member,) in cursor.fetchall()}


@dataclass(frozen=True)
class Shown:
    """A badge as a member sees it: earned when, or how far they have come."""

    name: str
    meaning: str
    earned_at: dt.datetime | None
    done: int
    number: int
    holders: int


def shown_for(member: User, *, language: str) -> list[Shown]:
    """Earned ones first, the others with how far the member has come."""
    badges = Badge.objects.annotate(held_by=Count("holders")).order_by(
        "verb", "how", "number"
    )
    earned = dict(member.badges.values_list("badge", "earned_at"))
    done = _totals(member)
    found = [
        Shown(
            name=badge.name_in(language),
            meaning=badge.meaning_in(language),
            earned_at=earned.get(badge.pk),
            done=min(done.get(badge.verb, 0), badge.number),
            number=badge.number if badge.how == Badge.How.TIMES else 0,
            holders=badge.held_by,
        )
        for badge in badges
        if badge.is_active or badge.pk in earned
    ]
    return sorted(found, key=lambda it: it.earned_at is None)


def _totals(member: User) -> dict[str, int]:
    counted = member.tallies.order_by().values_list("verb").annotate(Sum("number"))
    return dict(counted)


def days_in_a_row(member: User, today: dt.date) -> Streak:
    """Of the last year, with the rest days that everybody has; today is still open."""
    first = today - LOOKS_BACK
    days = member.tallies.filter(verb=Verb.VISITED, day__gte=first)
    return streak_of(
        set(days.values_list("day", flat=True)),
        first=first,
        open_from=today,
        rest=REST_DAYS,
    )


def earned_by(member: User, *, language: str, most: int = 8) -> list[Shown]:
    """The latest, for the member's page."""
    held = member.badges.select_related("badge")[:most]
    return [
        Shown(
            it.badge.name_in(language),
            it.badge.meaning_in(language),
            it.earned_at,
            it.badge.number,
            it.badge.number,
            0,
        )
        for it in held
    ]


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    language = get_language() or ""
    badges = Badge.objects.filter(pk__in=numbers)
    return {it.pk: (it.name_in(language), "/points/badges/") for it in badges}
