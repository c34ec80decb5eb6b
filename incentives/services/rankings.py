"""Who has earned how much of late: the few at the top, one's neighbours, oneself.

Whoever is far from the top sees those just before and after them, and their own
progress; who wants no part stands in no ranking, neither for others nor for themselves.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.models import Space, User
from accounts.services.members import hold_members
from community.lib.dates import site_day, start_of
from incentives.models import Award, OutOfRankings

TOP = 10
NEIGHBOURS = 3
KEPT_FOR = 300  # seconds
PERIODS = ("week", "month", "year")


@dataclass(frozen=True)
class Window:
    """From when to when points count; `before` is as much of the period before."""

    since: dt.datetime
    until: dt.datetime
    before: dt.datetime
    before_until: dt.datetime


@dataclass(frozen=True)
class Row:
    place: int
    member: User
    points: int
    is_mine: bool


@dataclass(frozen=True)
class Ranking:
    """`near` is empty for who stands among the top. `place` is None without points, and
    for who has left."""

    top: list[Row]
    near: list[Row]
    place: int | None
    of: int
    mine: int
    before: int
    has_left: bool


def window_of(period: str, now: dt.datetime) -> Window:
    today = site_day(now)
    first = {
        "week": today - dt.timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[period]
    since = start_of(first)
    last_of_before = first - dt.timedelta(days=1)
    first_before = {
        "week": first - dt.timedelta(days=7),
        "month": last_of_before.replace(day=1),
        "year": last_of_before.replace(month=1, day=1),
    }[period]
    before = start_of(first_before)
    # As far into it as today is into this one, and never beyond its end.
    return Window(since, now, before, min(before + (now - since), since))


def ranking_for(
    member: User, *, period: str, space: Space | None, now: dt.datetime | None = None
) -> Ranking:
    """What this member sees; a constant number of queries."""
    now = now or timezone.now()
    window = window_of(period, now)
    gone = set(OutOfRankings.objects.values_list("member", flat=True))
    order = [row for row in _order(period, space, window) if row[0] not in gone]
    at = next((n for n, (pk, _points) in enumerate(order) if pk == member.pk), None)
    near = _around(order, at) if at is not None and at >= TOP else []
    rows = _rows([*order[:TOP], *near], order, member)
    return Ranking(
        top=rows[: min(TOP, len(order))],
        near=rows[min(TOP, len(order)) :],
        place=_place(order, at) if at is not None else None,
        of=len(order),
        mine=_earned(member, space, window.since, window.until),
        before=_earned(member, space, window.before, window.before_until),
        has_left=member.pk in gone,
    )


def _order(period: str, space: Space | None, window: Window) -> list[tuple[int, int]]:
    """(member, points), the most first, kept for some minutes."""
    key = f"ranking:{period}:{window.since:%Y%m%d}:{space.pk if space else 0}"
    order: list[tuple[int, int]] | None = cache.get(key)
    if order is None:
        order = _count(space, window)
        cache.set(key, order, KEPT_FOR)
    return order


def _count(space: Space | None, window: Window) -> list[tuple[int, int]]:
    earned = _standing(space, window.since, window.until).filter(
        member__removed_at=None,
        member__suspended_at=None,
        member__erased_at=None,
        member__is_active=True,
        member__is_staff=False,
    )
    totals = earned.values_list("member").annotate(total=Sum("points"))
    return sorted(totals.filter(total__gt=0), key=lambda row: (-row[1], row[0]))


def _standing(
    space: Space | None, since: dt.datetime, until: dt.datetime
) -> QuerySet[Award]:
    awards = Award.objects.filter(
        undone_at=None, awarded_at__gte=since, awarded_at__lt=until
    ).order_by()
    return awards.filter(space=space) if space else awards


def _earned(
    member: User, space: Space | None, since: dt.datetime, until: dt.datetime
) -> int:
    mine = _standing(space, since, until).filter(member=member)
    return mine.aggregate(total=Sum("points"))["total"] or 0


def _around(order: list[tuple[int, int]], at: int) -> list[tuple[int, int]]:
    return order[max(at - NEIGHBOURS, TOP) : at + NEIGHBOURS + 1]


def _rows(
    shown: Sequence[tuple[int, int]], order: list[tuple[int, int]], reader: User
) -> list[Row]:
    people = User.objects.in_bulk([pk for pk, _points in shown])
    places = {pk: n for n, (pk, _points) in enumerate(order)}
    return [
        Row(_place(order, places[pk]), people[pk], points, pk == reader.pk)
        for pk, points in shown
    ]


def _place(order: list[tuple[int, int]], at: int) -> int:
    """Who has as many points shares a place."""
    points = order[at][1]
    while at and order[at - 1][1] == points:
        at -= 1
    return at + 1


@transaction.atomic
def leave(*, member: User) -> None:
    hold_members(member.pk)
    OutOfRankings.objects.get_or_create(member=member)


@transaction.atomic
def come_back(*, member: User) -> None:
    hold_members(member.pk)
    OutOfRankings.objects.filter(member=member).delete()
