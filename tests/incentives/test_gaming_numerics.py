"""What is found in favours and paces, and how seldom among those who are honest."""

import datetime as dt
import random
from collections import Counter

import pytest

from incentives.numerics.gaming import (
    FARM,
    PACE,
    REFERRALS,
    RING,
    Brought,
    Deed,
    Favour,
    Pace,
    find,
)

START = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
OLD = 400 * DAY
PACES = {"lesson_done": Pace(usual=10, possible=30)}


class Community:
    """Members who ask, answer, learn and bring others; all from one seed."""

    def __init__(self, size, seed=1, days=60, age=OLD):
        self.dice = random.Random(seed)
        self.members = range(size)
        self.favours, self.deeds, self.brought = [], [], []
        self.award = 0
        self.joined = {
            it: START - age
            if self.dice.random() < 0.8
            else START + self.dice.randrange(days) * DAY
            for it in self.members
        }
        self.eager = [self.dice.paretovariate(1.3) for _ in self.members]
        self.circle = [self.dice.randrange(max(size // 40, 1)) for _ in self.members]
        for day in range(days):
            self._talk(START + day * DAY)
            self._learn(START + day * DAY)
        self._bring()

    def _talk(self, day):
        here = [it for it in self.members if self.joined[it] <= day]
        for _ in range(len(here) // 10 + 1):
            asker = self.dice.choice(here)
            others = [
                it
                for it in here
                if self.circle[it] == self.circle[asker] or self.dice.random() < 0.1
            ]
            weights = [self.eager[it] for it in others]
            (helper,) = self.dice.choices(others, weights)
            self.favour(asker, helper, day + self.dice.randrange(600) * MINUTE)

    def _learn(self, day):
        for member in self.members:
            if self.dice.random() < 0.2:
                times = min(int(self.dice.paretovariate(1.2)), 12)
                for n in range(times):
                    self.deed(member, day + n * self.dice.randrange(1, 15) * MINUTE)

    def _bring(self):
        for member in self.members:
            if self.dice.random() < 0.1:
                days = [0, 1, 2, 5, 12, 30]
                for _ in range(int(self.dice.paretovariate(1))):
                    self.bring(member, self.dice.choice(days))

    def number(self):
        self.award += 1
        return self.award

    def favour(self, giver, receiver, at, points=15):
        age = at - self.joined.get(giver, START)
        row = Favour(self.number(), giver, receiver, points, at, age)
        self.favours.append(row)

    def deed(self, member, at):
        self.deeds.append(Deed(self.number(), member, "lesson_done", 5, at))

    def bring(self, by, days, member=-1):
        member = member if member >= 0 else 10**6 + self.award
        self.brought.append(Brought(self.number(), by, member, 50, days))

    def found(self):
        return find(self.favours, self.deeds, PACES, self.brought)

    def found_kinds(self, member):
        return {it.kind for it in self.found() if it.member == member}


RING_OF_5 = range(9000, 9005)


def close_ring(community, members=RING_OF_5, rounds=1):
    for n in range(rounds):
        for giver in members:
            for receiver in members:
                at = START + (10 + n) * DAY
                if giver != receiver:
                    community.favour(giver, receiver, at)


def test_a_ring_is_found_with_its_awards_and_who_gave_to_whom():
    community = Community(200)
    close_ring(community, rounds=2)

    found = [it for it in community.found() if it.kind == RING]

    assert [it.member for it in found] == [*RING_OF_5]
    assert all(it.points == 8 * 15 and len(it.awards) == 8 for it in found)
    assert found[0].score == 1
    assert [9000, 9001, 2] in found[0].numbers["pairs"]


def test_a_ring_that_also_helps_others_now_and_then_is_found():
    community = Community(200)
    close_ring(community, rounds=2)
    for n in range(10):
        community.favour(n, 9000, START + 20 * DAY)

    assert RING in community.found_kinds(9000)


def test_two_who_thanked_each_other_twice_are_no_ring():
    community = Community(200)
    for _ in range(2):
        community.favour(9000, 9001, START)
        community.favour(9001, 9000, START)

    assert not community.found_kinds(9000)


def test_where_all_belong_to_one_circle_there_is_no_ring():
    community = Community(0, days=0)
    close_ring(community, range(4), rounds=5)

    assert community.found() == []


def test_a_farm_is_found_with_its_owner_only():
    community = Community(200)
    for n in range(20):
        community.joined[9000 + n] = START + 5 * DAY
        community.favour(9000 + n, 8000, START + 8 * DAY)
    community.favour(3, 8000, START + 8 * DAY)

    (farm,) = [it for it in community.found() if it.kind == FARM]

    assert (farm.member, farm.numbers["favours"]) == (8000, 20)
    assert farm.score == pytest.approx(20 / 21)


def test_who_welcomes_newcomers_where_all_are_new_is_no_farmer():
    community = Community(0, days=0)
    for n in range(60):
        community.joined[n] = START
        community.favour(n, 8000 + n % 6, START + 2 * DAY)

    assert community.found() == []


def test_four_favours_say_nothing():
    community = Community(200)
    for n in range(4):
        community.joined[9000 + n] = START
        community.favour(9000 + n, 8000, START + DAY)

    assert not community.found_kinds(8000)


def test_thirty_lessons_within_five_minutes_are_not_learned():
    community = Community(200)
    for n in range(31):
        community.deed(9000, START + n * MINUTE / 6)
    community.deed(9000, START + 3 * DAY)

    (pace,) = [it for it in community.found() if it.kind == PACE]

    assert (pace.member, len(pace.awards)) == (9000, 31)
    assert pace.numbers["most"] == 31


def test_many_forgers_do_not_cover_for_each_other():
    community = Community(200)
    for forger in range(9000, 9050):
        for n in range(31):
            community.deed(forger, START + n * MINUTE / 6)

    found = {it.member for it in community.found() if it.kind == PACE}
    assert found == set(range(9000, 9050))


def test_a_quick_learner_among_few_is_left_alone():
    community = Community(5)
    for n in range(25):
        community.deed(9000, START + n * MINUTE / 6)

    assert not community.found_kinds(9000)


def test_brought_members_who_were_hardly_here_are_a_loop():
    community = Community(200)
    for _ in range(20):
        community.bring(9000, days=1)
    for _ in range(8):
        community.bring(9001, days=20)

    assert community.found_kinds(9000) == {REFERRALS}
    assert not community.found_kinds(9001)


def test_brought_members_who_only_serve_who_brought_them_are_a_loop():
    community = Community(200)
    for n in range(12):
        community.bring(9000, days=20, member=7000 + n)
        community.favour(7000 + n, 9000, START + 50 * DAY)

    assert REFERRALS in community.found_kinds(9000)


@pytest.mark.parametrize(("size", "runs"), [(20, 60), (200, 12), (2000, 1)])
def test_among_the_honest_less_than_one_in_a_hundred_is_looked_at(size, runs):
    alarms = Counter()
    for seed in range(runs):
        community = Community(size, seed)
        alarms += Counter({kind: len(of) for kind, of in _by_kind(community).items()})

    assert alarms.total() < size * runs / 100, alarms


def _by_kind(community):
    found = {}
    for it in community.found():
        found.setdefault(it.kind, set()).add(it.member)
    return found
