"""Which deeds are paid, and how much: one reading of the log in its order.

The bell gives it one deed, the sweep what arrived, the trial of a rule and the replay
a window of days: all by `decide`, so that a trial says what would truly be granted.
It knows neither the database nor a clock.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# Of a deed: what it came to. Only the first two stand for the thing they were done to.
PAID, NOT_YET, CAPPED, RESTING, NO_BUDGET = (
    *("paid", "not_yet", "capped", "resting", "no_budget"),
)
STANDING = {PAID, NOT_YET}
EVERY, NTH, EACH_NTH, STREAK = "every", "nth", "each_nth", "streak"
# Names of people in the details of a deed: nobody is paid for what they did to, for or
# by themselves.
OTHERS = ("asker", "by", "expert", "other", "whom")
DAYS_OF_WEEK = 7


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a rule, as `PointRule` keeps it."""

    pk: int
    family: Any
    verb: str
    points: int
    since: dt.datetime
    until: dt.datetime | None = None
    # The causes that, when they fall, take the points back.
    falls: frozenset[str] = frozenset()
    # Conditions
    space: int | None = None
    kind: str = ""
    detail: str = ""
    detail_from: int | None = None
    detail_to: int | None = None
    role: str = ""
    turn: str = EVERY
    turn_number: int = 1
    once_a_thing: bool = True
    # How much
    per: str = ""
    most: int | None = None
    further_percent: int = 100
    further_in_week: bool = False
    # Bounds
    cap_day: int | None = None
    cap_week: int | None = None
    cap_all: int | None = None
    rest: dt.timedelta = dt.timedelta(0)

    def is_in_force(self, at: dt.datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class Deed(NamedTuple):
    """A line of the log. `day` is the day it was where the house stands."""

    pk: int
    at: dt.datetime
    day: int
    member: int
    verb: str
    space: int | None
    kind: str
    number: int
    times: int
    data: dict[str, Any]


class Grant(NamedTuple):
    """What a deed came to by a rule. `since` is when its waiting time began."""

    terms: Terms
    deed: Deed
    points: int
    outcome: str
    since: dt.datetime
    occasion: int

    @property
    def key(self) -> "Key":
        deed = self.deed
        return deed.member, deed.kind, deed.number, self.terms.family, self.occasion


class Fall(NamedTuple):
    """A payment whose cause has fallen with `deed`; `key` says which."""

    family: Any
    key: "Key"
    deed: Deed


Decision = Grant | Fall
Key = tuple[int, str, int, Any, int]  # member, kind, number, family, occasion


class Stand(NamedTuple):
    """A payment that stands, or a deed that is counted towards one."""

    points: int
    at: dt.datetime
    since: dt.datetime
    day: int
    rule: int


@dataclass(slots=True)
class Day:
    counted: int = 0
    paid: int = 0
    points: int = 0


@dataclass(slots=True)
class Tally:
    """What one member has of one rule so far."""

    counted: int = 0
    points: int = 0
    last_paid: dt.datetime | None = None
    days: dict[int, Day] = field(default_factory=dict)

    def on(self, day: int) -> Day:
        return self.days.get(day, NO_DAY)

    def in_week(self, day: int) -> list[Day]:
        """The days of this week, from its Monday (ordinal 1 was one)."""
        monday = day - (day - 1) % DAYS_OF_WEEK
        return [self.on(it) for it in range(monday, monday + DAYS_OF_WEEK)]

    def add(self, day: int, points: int, sign: int) -> None:
        its = self.days.setdefault(day, Day())
        its.counted += sign
        its.paid += sign * (points > 0)
        its.points += sign * points
        self.counted += sign
        self.points += sign * points


NO_DAY = Day()
Thing = tuple[int, str, int]
Span = tuple[dt.datetime, dt.datetime]
OpenSpan = tuple[dt.datetime, dt.datetime | None]


@dataclass
class State:
    """What was granted before; `decide` carries it on."""

    tallies: dict[tuple[Any, int], Tally] = field(default_factory=dict)
    # By thing, then by rule and occasion.
    standing: dict[Thing, dict[tuple[Any, int], Stand]] = field(default_factory=dict)
    # What fell with the removal of its thing, and when.
    fallen: dict[Thing, dict[tuple[Any, int], tuple[Stand, dt.datetime]]] = field(
        default_factory=dict
    )
    # From when to when what has fallen stood: what was done then was done again.
    stood: dict[Thing, list[tuple[tuple[Any, int], Span]]] = field(default_factory=dict)
    settled: set[tuple[Any, int]] = field(default_factory=set)
    roles: dict[tuple[int, str], list[OpenSpan]] = field(default_factory=dict)
    # What the rule's budget did not hold when it was to be paid: the ledger knows.
    refused: set[tuple[Any, int]] = field(default_factory=set)

    def tally(self, family: Any, member: int) -> Tally:
        found = self.tallies.get((family, member))
        if found is None:
            found = self.tallies[family, member] = Tally()
        return found

    def stand(self, key: Key, stand: Stand) -> None:
        member, kind, number, family, occasion = key
        self.standing.setdefault((member, kind, number), {})[family, occasion] = stand
        self.tally(family, member).add(stand.day, stand.points, 1)


@dataclass(frozen=True)
class Rules:
    """All versions, found by deed; and which deeds undo others.

    `removals` take back whatever was paid for the thing, by any rule; `returns`, each
    with its removal, bring that back.
    """

    by_verb: dict[str, list[list[Terms]]]
    by_pk: dict[int, Terms]
    removals: frozenset[str]
    returns: frozenset[str]
    undoing: frozenset[str]

    @property
    def verbs(self) -> set[str]:
        return {*self.by_verb, *self.undoing, *self.removals, *self.returns}


def rules_of(
    versions: Iterable[Terms],
    removals: Iterable[str] = (),
    returns: Iterable[str] = (),
) -> Rules:
    by_family: dict[Any, list[Terms]] = {}
    by_pk: dict[int, Terms] = {}
    for terms in sorted(versions, key=lambda it: (it.since, it.pk), reverse=True):
        by_family.setdefault(terms.family, []).append(terms)
        by_pk[terms.pk] = terms
    by_verb: dict[str, list[list[Terms]]] = {}
    for family in sorted(by_family.values(), key=lambda it: it[-1].pk):
        for verb in dict.fromkeys(terms.verb for terms in family):
            of_verb = [terms for terms in family if terms.verb == verb]
            by_verb.setdefault(verb, []).append(of_verb)
    undoing = frozenset(verb for terms in by_pk.values() for verb in terms.falls)
    return Rules(by_verb, by_pk, frozenset(removals), frozenset(returns), undoing)


def decide(deeds: Iterable[Deed], rules: Rules, state: State) -> Iterator[Decision]:
    """What each deed comes to, in the order of the deeds."""
    by_verb = rules.by_verb
    undo = rules.undoing | rules.removals
    for deed in deeds:
        verb = deed.verb
        if verb in undo:
            yield from _fall(deed, rules, state)
        elif verb in rules.returns:
            yield from _return(deed, rules, state)
        for versions in by_verb.get(verb, ()):
            grant = _grant(deed, versions, state)
            if grant is not None:
                yield grant


def _fall(deed: Deed, rules: Rules, state: State) -> Iterator[Fall]:
    thing = (deed.member, deed.kind, deed.number)
    standing = state.standing.get(thing)
    if not standing:
        return
    is_removal = deed.verb in rules.removals
    for place, stand in list(standing.items()):
        terms = rules.by_pk.get(stand.rule)
        is_its = is_removal or (terms is not None and deed.verb in terms.falls)
        if not is_its or stand.at > deed.at:
            continue
        del standing[place]
        if is_removal:
            state.fallen.setdefault(thing, {})[place] = (stand, deed.at)
        state.tally(place[0], deed.member).add(stand.day, stand.points, -1)
        yield Fall(place[0], (*thing, *place), deed)


def _return(deed: Deed, rules: Rules, state: State) -> Iterator[Grant]:
    """What fell with the removal of the thing is given again, as it was."""
    thing = (deed.member, deed.kind, deed.number)
    fallen = state.fallen.get(thing, {})
    for place, (stand, ended) in list(fallen.items()):
        if ended > deed.at:  # it was removed again, later
            continue
        del fallen[place]
        family, occasion = place
        terms = rules.by_pk.get(stand.rule)
        is_there = place in state.standing.get(thing, {})
        if terms is None or is_there or (family, deed.pk) in state.settled:
            continue
        state.settled.add((family, deed.pk))
        state.stand((*thing, *place), stand._replace(at=deed.at))
        outcome = PAID if stand.points else NOT_YET
        yield Grant(terms, deed, stand.points, outcome, stand.since, occasion)


def _grant(deed: Deed, versions: list[Terms], state: State) -> Grant | None:
    terms = next((it for it in versions if it.is_in_force(deed.at)), None)
    if terms is None or not _applies(terms, deed, state):
        return None
    family, member = terms.family, deed.member
    if (family, deed.pk) in state.settled:
        return None
    occasion = 0 if terms.once_a_thing else deed.pk
    thing = (member, deed.kind, deed.number)
    if _is_repeated(thing, (family, occasion), deed.at, state):
        return None
    tally = state.tally(family, member)
    if terms.turn == NTH and tally.last_paid:
        return None
    points, outcome = _worth(terms, deed, tally, state)
    state.settled.add((family, deed.pk))
    if outcome in STANDING:
        stand = Stand(points, deed.at, deed.at, deed.day, terms.pk)
        state.stand((*thing, family, occasion), stand)
    if points:
        tally.last_paid = max(tally.last_paid or deed.at, deed.at)
    return Grant(terms, deed, points, outcome, deed.at, occasion)


def _is_repeated(
    thing: Thing, place: tuple[Any, int], at: dt.datetime, state: State
) -> bool:
    if place in state.standing.get(thing, ()):
        return True
    return any(
        its == place and begun <= at < ended
        for its, (begun, ended) in state.stood.get(thing, ())
    )


def _applies(terms: Terms, deed: Deed, state: State) -> bool:
    data = deed.data
    if data and any(data.get(name) == deed.member for name in OTHERS):
        return False
    if terms.space is not None and deed.space != terms.space:
        return False
    if terms.kind and deed.kind != terms.kind:
        return False
    return _has_detail(terms, data) and _has_role(terms, deed, state)


def _has_detail(terms: Terms, data: dict[str, Any]) -> bool:
    if not terms.detail:
        return True
    value = data.get(terms.detail)
    if value is None:
        return False
    above = terms.detail_from is None or value >= terms.detail_from
    return above and (terms.detail_to is None or value <= terms.detail_to)


def _has_role(terms: Terms, deed: Deed, state: State) -> bool:
    if not terms.role:
        return True
    times = state.roles.get((deed.member, terms.role), ())
    return any(
        begun <= deed.at and (ended is None or deed.at < ended)
        for begun, ended in times
    )


def _worth(terms: Terms, deed: Deed, tally: Tally, state: State) -> tuple[int, str]:
    last = tally.last_paid
    if terms.rest and last is not None and abs(deed.at - last) < terms.rest:
        return 0, RESTING
    if not _is_its_turn(terms, deed, tally):
        return 0, NOT_YET
    points = min(_amount(terms, deed, tally), _left(terms, deed, tally))
    if points <= 0:
        return 0, CAPPED
    if (terms.family, deed.pk) in state.refused:
        return 0, NO_BUDGET
    return points, PAID


def _is_its_turn(terms: Terms, deed: Deed, tally: Tally) -> bool:
    if terms.turn == EVERY:
        return True
    if terms.turn == NTH:
        return tally.counted + 1 >= terms.turn_number
    if terms.turn == EACH_NTH:
        return (tally.counted + 1) % terms.turn_number == 0
    # A streak ends with its payment: the next day begins another.
    before = [tally.on(deed.day - n) for n in range(1, terms.turn_number)]
    return all(day.counted and not day.paid for day in before) and not (
        tally.on(deed.day).paid
    )


def _amount(terms: Terms, deed: Deed, tally: Tally) -> int:
    points = terms.points
    if terms.per:
        units = deed.times if terms.per == "count" else deed.data.get(terms.per, 0)
        points *= units if isinstance(units, int) else 0
    if terms.most is not None:
        points = min(points, terms.most)
    if terms.further_percent < 100:
        days = (
            tally.in_week(deed.day) if terms.further_in_week else [tally.on(deed.day)]
        )
        before = sum(day.paid for day in days)
        points = points * terms.further_percent**before // 100**before
    return points


def _left(terms: Terms, deed: Deed, tally: Tally) -> int:
    """What the caps leave of this member's day, week and all time."""
    left = []
    if terms.cap_day is not None:
        left.append(terms.cap_day - tally.on(deed.day).points)
    if terms.cap_week is not None:
        week = sum(day.points for day in tally.in_week(deed.day))
        left.append(terms.cap_week - week)
    if terms.cap_all is not None:
        left.append(terms.cap_all - tally.points)
    return min(left, default=NO_END)


NO_END = 2**31 - 1
