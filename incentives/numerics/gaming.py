"""Points that members made for one another, or faster than anybody can.

A finding is a reason to look, never a proof: what is found waits until a person has
looked at it. Each names its awards and says in numbers why. Of too little nothing is
found: four favours, or a share that chance explains, say nothing about anybody.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, comb
from typing import Any, NamedTuple

RING, FARM, PACE, REFERRALS = "ring", "farm", "pace", "referrals"

FEWEST_GIVEN = 3  # of less, nobody says whom a giver prefers
CONCENTRATED = 1 / 4  # of what a giver gave, to one receiver
FEWEST_FAVOURS = 5
INSIDE = 0.7
SMALL = 1 / 4  # of all who receive
YOUNG = dt.timedelta(days=14)
HOLLOW_DAYS = 2  # who was here on no more days did not stay
CHANCE = 0.01  # that anybody of the community would be found by chance

IN_A_WINDOW = dt.timedelta(minutes=10)
QUANTILE = 0.995
TIMES = 2
FEWEST_OTHERS = 20


class Favour(NamedTuple):
    """Points that one member has because another did something."""

    award: int
    giver: int
    receiver: int
    points: int
    at: dt.datetime
    age: dt.timedelta  # of the giver's account, then


class Deed(NamedTuple):
    award: int
    member: int
    verb: str
    points: int
    at: dt.datetime


class Brought(NamedTuple):
    """A member who was brought by another; `days` is on how many they were here."""

    award: int
    by: int
    member: int
    points: int
    days: int


class Pace(NamedTuple):
    """How often something is done in ten minutes: below `usual` it says nothing,
    above `possible` nobody can, whatever others do."""

    usual: int
    possible: int


@dataclass(frozen=True)
class Finding:
    """`score` is the share, or the multiple of what is possible, that was seen."""

    kind: str
    member: int
    awards: tuple[int, ...]
    points: int
    score: float
    numbers: dict[str, Any] = field(default_factory=dict)


def find(
    favours: Sequence[Favour],
    deeds: Iterable[Deed] = (),
    paces: Mapping[str, Pace] | None = None,
    brought: Sequence[Brought] = (),
) -> list[Finding]:
    favours = [it for it in favours if it.giver != it.receiver]
    return [
        *rings(favours),
        *farms(favours),
        *impossible_pace(deeds, paces or {}),
        *referral_loops(brought, favours),
    ]


# Rings ------------------------------------------------------------------------------


def rings(favours: Sequence[Favour]) -> Iterator[Finding]:
    """Few who give mostly to each other, and have most of what they have from there."""
    receivers = {it.receiver for it in favours}
    received = defaultdict(list)
    for it in favours:
        received[it.receiver].append(it)
    for ring in _components(_concentrated(favours)):
        if not 1 < len(ring) <= SMALL * len(receivers):
            continue
        theirs = [it for member in ring for it in received[member]]
        inside = [it for it in theirs if it.giver in ring]
        share = _points(inside) / _points(theirs)
        if len(inside) >= FEWEST_FAVOURS and share >= INSIDE:
            yield from _of_ring(ring, inside, share)


def _concentrated(favours: Iterable[Favour]) -> dict[int, list[int]]:
    pairs = Counter((it.giver, it.receiver) for it in favours)
    given: Counter[int] = Counter()
    for (giver, _), times in pairs.items():
        given[giver] += times
    edges: dict[int, list[int]] = defaultdict(list)
    for (giver, receiver), times in pairs.items():
        if given[giver] >= FEWEST_GIVEN and times >= CONCENTRATED * given[giver]:
            edges[giver].append(receiver)
    return edges


def _of_ring(
    ring: set[int], inside: Sequence[Favour], share: float
) -> Iterator[Finding]:
    pairs = Counter((it.giver, it.receiver) for it in inside)
    numbers = {
        "members": sorted(ring),
        "share": round(share, 3),
        "favours": len(inside),
        "pairs": [[*pair, times] for pair, times in sorted(pairs.items())],
    }
    for member in sorted(ring):
        mine = [it for it in inside if it.receiver == member]
        awards = tuple(it.award for it in mine)
        yield Finding(RING, member, awards, _points(mine), share, numbers)


def _components(edges: Mapping[int, Sequence[int]]) -> Iterator[set[int]]:
    """Who reaches each other by following the edges: strongly connected components,
    by Kosaraju's two walks."""
    back: dict[int, list[int]] = defaultdict(list)
    for start, ends in edges.items():
        for end in ends:
            back[end].append(start)
    seen: set[int] = set()
    order = [it for start in list(edges) for it in _walk(start, edges, seen)]
    seen = set()
    for start in reversed(order):
        if found := set(_walk(start, back, seen)):
            yield found


def _walk(
    start: int, edges: Mapping[int, Sequence[int]], seen: set[int]
) -> Iterator[int]:
    """Depth first, each after all that it leads to; without recursion, however deep."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(edges.get(start, ())))]
    while path:
        here, onward = path[-1]
        step = next((it for it in onward if it not in seen), None)
        if step is None:
            path.pop()
            yield here
        else:
            seen.add(step)
            path.append((step, iter(edges.get(step, ()))))


# Farms ------------------------------------------------------------------------------


def farms(favours: Sequence[Favour]) -> Iterator[Finding]:
    """Who has most from accounts that had just been made and gave to nobody else.

    Where newcomers are welcomed, and where all are new, that is so for many: it is
    held against what the others of the community receive."""
    given_to = defaultdict(set)
    for it in favours:
        given_to[it.giver].add(it.receiver)
    suspect = [it for it in favours if it.age < YOUNG and len(given_to[it.giver]) == 1]
    yield from _unlike_others(
        FARM,
        favours=[(it.receiver, it.giver, it.award, it.points) for it in favours],
        suspect={it.award for it in suspect},
    )


def referral_loops(
    brought: Sequence[Brought], favours: Sequence[Favour] = ()
) -> Iterator[Finding]:
    """Who brought members that were hardly here, or here for nobody but them."""
    given_to = defaultdict(set)
    for it in favours:
        given_to[it.giver].add(it.receiver)
    hollow = {
        it.award
        for it in brought
        if it.days <= HOLLOW_DAYS or given_to.get(it.member) == {it.by}
    }
    yield from _unlike_others(
        REFERRALS,
        favours=[(it.by, it.member, it.award, it.points) for it in brought],
        suspect=hollow,
    )


def _unlike_others(
    kind: str, *, favours: Sequence[tuple[int, int, int, int]], suspect: set[int]
) -> Iterator[Finding]:
    """Whose (receiver, giver, award, points) are suspect, and those of others not."""
    received = defaultdict(list)
    for receiver, *favour in favours:
        received[receiver].append(favour)
    all_suspect = len(suspect)
    for receiver, mine in sorted(received.items()):
        from_farm = [it for it in mine if it[1] in suspect]
        points = sum(it[2] for it in from_farm)
        share = points / sum(it[2] for it in mine)
        if len(from_farm) < FEWEST_FAVOURS or share < INSIDE:
            continue
        others = len(favours) - len(mine)
        usual = (all_suspect - len(from_farm) + 1) / (others + 2)
        if _chance(len(from_farm), len(mine), usual) * len(received) > CHANCE:
            continue
        pairs = Counter(giver for giver, _, _ in from_farm)
        numbers = {
            "share": round(share, 3),
            "usual": round(usual, 3),
            "favours": len(from_farm),
            "pairs": [[giver, receiver, n] for giver, n in sorted(pairs.items())],
        }
        awards = tuple(award for _, award, _ in from_farm)
        yield Finding(kind, receiver, awards, points, share, numbers)


def _chance(hits: int, of: int, usual: float) -> float:
    """That so many or more of so many are, where `usual` is the share of them."""
    return sum(
        comb(of, n) * usual**n * (1 - usual) ** (of - n) for n in range(hits, of + 1)
    )


# Pace -------------------------------------------------------------------------------


def impossible_pace(
    deeds: Iterable[Deed], paces: Mapping[str, Pace]
) -> Iterator[Finding]:
    """Who did more in ten minutes than can be done: twice what all but one in two
    hundred of the others ever do. Bots that are many raise that only up to what is
    possible at all."""
    by_verb: dict[str, dict[int, list[Deed]]] = defaultdict(lambda: defaultdict(list))
    for deed in deeds:
        if deed.verb in paces:
            by_verb[deed.verb][deed.member].append(deed)
    found: dict[int, list[Finding]] = defaultdict(list)
    for verb, of_members in sorted(by_verb.items()):
        for finding in _of_verb(verb, of_members, paces[verb]):
            found[finding.member].append(finding)
    for _, findings in sorted(found.items()):
        yield _joined(findings)


def _of_verb(
    verb: str, of_members: Mapping[int, list[Deed]], pace: Pace
) -> Iterator[Finding]:
    for rows in of_members.values():
        rows.sort(key=lambda it: it.at)
    peaks = {member: max(_counts(rows)) for member, rows in of_members.items()}
    ranked = sorted(peaks.values())
    for member, peak in peaks.items():
        limit = _limit(ranked, peak, pace)
        if peak <= limit:
            continue
        fast = _faster_than(limit, of_members[member])
        yield Finding(
            PACE,
            member,
            tuple(it.award for it in fast),
            _points(fast),
            peak / limit,
            {"verb": verb, "most": peak, "possible": limit, "deeds": len(fast)},
        )


def _limit(ranked: Sequence[int], own: int, pace: Pace) -> int:
    """What the others do; `ranked` are the peaks of all, one of them `own`."""
    others = len(ranked) - 1
    if others < FEWEST_OTHERS:
        return pace.possible
    place = ceil(QUANTILE * others) - 1
    its = ranked[place] if ranked[place] < own else ranked[place + 1]
    return min(max(pace.usual, TIMES * its), pace.possible)


def _counts(rows: Sequence[Deed]) -> list[int]:
    """For each deed, how many there were in the ten minutes that it ends."""
    counts, first = [], 0
    for last, deed in enumerate(rows):
        while rows[first].at <= deed.at - IN_A_WINDOW:
            first += 1
        counts.append(last - first + 1)
    return counts


def _faster_than(limit: int, rows: Sequence[Deed]) -> list[Deed]:
    """All deeds of the windows in which there were too many."""
    within: set[int] = set()
    for last, count in enumerate(_counts(rows)):
        if count > limit:
            within.update(range(last - count + 1, last + 1))
    return [rows[index] for index in sorted(within)]


def _joined(findings: Sequence[Finding]) -> Finding:
    """Of one member: told by the verb that is furthest off."""
    worst = max(findings, key=lambda it: it.score)
    return Finding(
        PACE,
        worst.member,
        tuple(award for it in findings for award in it.awards),
        sum(it.points for it in findings),
        worst.score,
        worst.numbers,
    )


def _points(rows: Iterable[Favour | Deed]) -> int:
    return sum(it.points for it in rows)
