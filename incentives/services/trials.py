"""What a rule would have given in the days past, before it is put in force.

Decided by the same function as real awards, over the same log: a trial of a rule in
force names, row by row, what it truly gave.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Activity, User
from incentives.models import Award, PointRule
from incentives.numerics.awarding import PAID, Decision, Fall, Grant, Key, decide
from incentives.numerics.shares import gini
from incentives.services.awarding import (
    DAY,
    book_of,
    deeds_in,
    load_state,
    seen_in,
    terms_of,
)

DAYS = 30
MOST_DAYS = 180
MOST_DEEDS = 200_000  # read while an operator waits
NEW_FOR = 30 * DAY
TOP = 20


@dataclass(frozen=True)
class Receiver:
    member: User
    points: int
    times: int


@dataclass(frozen=True)
class Trial:
    """`gini`: 0 where all who receive get the same; `newcomers`: the share of points
    that goes to members in their first thirty days."""

    days: int
    points: int
    times: int
    members: int
    gini: float
    newcomers: float
    top: list[Receiver]
    by_day: list[tuple[dt.date, int]]
    unpaid: list[tuple[str, int]]


def try_out(
    rule: PointRule, *, days: int = DAYS, now: dt.datetime | None = None
) -> Trial:
    now = now or timezone.now()
    days = _days_that_can_be_read(rule, min(max(days, 1), MOST_DAYS), now)
    return _told(decisions_of(rule, days=days, now=now), days)


def decisions_of(rule: PointRule, *, days: int, now: dt.datetime) -> list[Decision]:
    """Grants and what fell of them. A draft is taken as if it were in force all the
    time; a rule in force with its versions as they were."""
    since = now - days * DAY
    if rule.is_draft:
        book = book_of([rule], [terms_of(rule, since=since)])
    else:
        book = book_of(PointRule.objects.filter(family=rule.family).exclude(since=None))
    deeds = _deeds(since, now).filter(verb__in=book.rules.verbs)
    state = load_state(seen_in(deeds, since), book, before=since)
    if rule.is_draft:
        state.refused = set()  # another version's budget had run out
    found = decide(deeds_in(deeds), book.rules, state)
    return [it for it in found if _is_of(it, rule)]


def _is_of(decision: Decision, rule: PointRule) -> bool:
    if isinstance(decision, Fall):
        return decision.family == rule.family
    return decision.terms.family == rule.family


def _deeds(since: dt.datetime, now: dt.datetime) -> QuerySet[Activity]:
    return Activity.objects.filter(at__gte=since, at__lt=now)


def _days_that_can_be_read(rule: PointRule, days: int, now: dt.datetime) -> int:
    while days > 1:
        deeds = _deeds(now - days * DAY, now).filter(verb=rule.verb)
        if deeds.order_by()[: MOST_DEEDS + 1].count() <= MOST_DEEDS:
            break
        days //= 2
    return days


def net(decisions: Iterable[Decision]) -> list[Grant]:
    """The payments that stand at the end."""
    standing: dict[Key, Grant] = {}
    for it in decisions:
        if isinstance(it, Fall):
            standing.pop(it.key, None)
        elif it.points:
            standing[it.key] = it
    return list(standing.values())


def _told(decisions: list[Decision], days: int) -> Trial:
    paid = net(decisions)
    points, times, by_day = Counter[int](), Counter[int](), Counter[int]()
    for it in paid:
        points[it.deed.member] += it.points
        times[it.deed.member] += 1
        by_day[it.deed.day] += it.points
    total = points.total()
    unpaid = Counter(it.outcome for it in decisions if isinstance(it, Grant))
    people = User.objects.in_bulk(points)
    joined = {pk: person.date_joined for pk, person in people.items()}
    new = sum(
        it.points
        for it in paid
        if (since := joined.get(it.deed.member)) and it.deed.at - since < NEW_FOR
    )
    return Trial(
        days=days,
        points=total,
        times=len(paid),
        members=len(points),
        gini=gini(list(points.values())),
        newcomers=new / total if total else 0.0,
        top=[
            Receiver(people[pk], given, times[pk])
            for pk, given in points.most_common(TOP)
        ],
        by_day=[(dt.date.fromordinal(day), by_day[day]) for day in sorted(by_day)],
        unpaid=[
            (str(Award.Outcome(outcome).label), n)
            for outcome, n in unpaid.items()
            if outcome != PAID
        ],
    )
