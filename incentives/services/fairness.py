"""Who receives what share of the points, beside who was there.

A rule may be just in every case and still give all to the same few. So each group's
share of the points stands beside its share of those who were here in that time.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Space, User, Verb
from community.lib.dates import site_day
from incentives.models import Award, Tally
from incentives.numerics.shares import Inequality, inequality

DAY = dt.timedelta(days=1)
DAYS, MOST_DAYS = 90, 366
NEW_FOR, YOUNG_FOR = 30 * DAY, 365 * DAY
FEWEST = 5  # a group of less would tell of persons


@dataclass(frozen=True)
class Share:
    """One group: of those who were here, and of the points."""

    name: str
    members: int
    points: int
    of_members: float
    of_points: float


@dataclass(frozen=True)
class Fairness:
    """`top`: what part of the points the tenth goes to that receives most, of those who
    were here. Groups of fewer than five are told of together."""

    days: int
    members: int
    receiving: int
    points: int
    top: float
    spread: Inequality | None
    by_time: list[Share]
    by_level: list[Share]
    by_space: list[Share]


@dataclass(frozen=True)
class _Person:
    joined: dt.datetime
    level: int


def look(*, days: int = DAYS, now: dt.datetime | None = None) -> Fairness:
    now = now or timezone.now()
    since = now - days * DAY
    people = _here(since, now)
    points = _points(since, now)
    given = {pk: points.get(pk, 0) for pk in people}
    total = sum(given.values())
    return Fairness(
        days=days,
        members=len(people),
        receiving=sum(1 for amount in given.values() if amount),
        points=total,
        top=_top_tenth(given, total),
        spread=inequality(list(given.values())),
        by_time=_shares(people, given, lambda it: _time_of(it, now), _time_name),
        by_level=_shares(people, given, lambda it: it.level, _level_name),
        by_space=_by_space(since, now, set(people)),
    )


def _here(since: dt.datetime, now: dt.datetime) -> dict[int, _Person]:
    """Who visited in that time, or received something; nobody of the staff."""
    visited = Tally.objects.filter(
        verb=Verb.VISITED, day__gte=site_day(since), day__lte=site_day(now)
    )
    paid = _awards(since, now)
    rows = User.objects.people().filter(is_staff=False).order_by()
    here = rows.filter(pk__in=visited.values("member")) | rows.filter(
        pk__in=paid.values("member")
    )
    known = here.values_list("pk", "date_joined", "level").distinct()
    return {pk: _Person(joined, level) for pk, joined, level in known.iterator()}


def _awards(since: dt.datetime, now: dt.datetime) -> QuerySet[Award]:
    return Award.objects.filter(
        undone_at=None, points__gt=0, awarded_at__gte=since, awarded_at__lt=now
    ).order_by()


def _points(since: dt.datetime, now: dt.datetime) -> dict[int, int]:
    return dict(_awards(since, now).values_list("member").annotate(total=Sum("points")))


def _top_tenth(given: dict[int, int], total: int) -> float:
    best = sorted(given.values(), reverse=True)[: max(len(given) // 10, 1)]
    return sum(best) / total if total else 0.0


def _time_of(person: _Person, now: dt.datetime) -> int:
    """How many of the bounds are behind them."""
    return sum(now - person.joined >= bound for bound in (NEW_FOR, YOUNG_FOR))


def _time_name(time: int) -> str:
    names = (
        _("in their first thirty days"),
        _("in their first year"),
        _("here for longer"),
    )
    return names[time]


def _level_name(level: int) -> str:
    return _("level %(number)s") % {"number": level}


def _shares(
    people: dict[int, _Person],
    given: dict[int, int],
    group_of: Callable[[_Person], int],
    name_of: Callable[[int], str],
) -> list[Share]:
    members, points = Counter[int](), Counter[int]()
    for pk, person in people.items():
        group = group_of(person)
        members[group] += 1
        points[group] += given[pk]
    rows = [(name_of(it), members[it], points[it]) for it in sorted(members)]
    return _told(rows)


def _by_space(since: dt.datetime, now: dt.datetime, people: set[int]) -> list[Share]:
    """Of each space, who received something for what was done in it."""
    earned: dict[int | None, Counter[int]] = defaultdict(Counter)
    totals = _awards(since, now).values_list("space", "member").annotate(Sum("points"))
    for space, member, points in totals.iterator():
        if member in people:
            earned[space][member] += points
    known = Space.objects.filter(pk__in=[pk for pk in earned if pk])
    names = dict(known.values_list("pk", "name"))
    rows = [
        (names.get(space or 0, _("outside of spaces")), len(it), it.total())
        for space, it in earned.items()
    ]
    return _told(sorted(rows, key=lambda row: -row[2]))


def _told(rows: Iterable[tuple[str, int, int]]) -> list[Share]:
    """Small groups together, and left out where even together they are few."""
    rows = list(rows)
    small = [row for row in rows if row[1] < FEWEST]
    shown = [row for row in rows if row[1] >= FEWEST]
    if sum(row[1] for row in small) >= FEWEST:
        joined = (sum(row[1] for row in small), sum(row[2] for row in small))
        shown.append((_("smaller groups together"), *joined))
    members = sum(row[1] for row in shown) or 1
    points = sum(row[2] for row in shown) or 1
    return [Share(*row, row[1] / members, row[2] / points) for row in shown]
