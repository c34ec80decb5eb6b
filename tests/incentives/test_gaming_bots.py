"""Bots in a community of the honest, by the rules that a new community starts with.

For sixty days they do what they can and spend at once what they have, before anybody
looks at night. Nobody decides about what is found: what waits, waits.
"""

import datetime as dt
import random
from collections import Counter
from itertools import count

import pytest
from django.db import connection
from django.db.models import Sum

from accounts.models import Activity, Referral, User, Verb
from accounts.services import ledger
from incentives.models import Award, Grant, PointRule, Suspicion, Tally
from incentives.numerics.gaming import FEWEST_FAVOURS, FEWEST_GIVEN
from incentives.services import gaming, points
from incentives.services.awarding import award_all
from tests.incentives.deeds import DAY, noon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log")]

HONEST, DAYS = 200, 60
MINUTE = dt.timedelta(minutes=1)
ANSWER, LESSONS_A_DAY = 15, 100  # points of the starting rules

# What can become usable, whatever they do, and why no more:
# a ring of five is closed when each has accepted so many that it says whom they prefer;
RING_GAINS = 5 * FEWEST_GIVEN * ANSWER
# a farm can accept one answer less than are looked at, and its referrals wait longer
# than a night;
FARM_GAINS = (FEWEST_FAVOURS - 1) * ANSWER
# a forger has one day, up to its cap, for lessons do not wait;
FORGER_GAINS = LESSONS_A_DAY
# and nobody is paid for accepting an answer of their own.
SELF_GAINS = 0


class World:
    def __init__(self):
        self.dice = random.Random(20)
        self.start = noon(-40)
        self.things = count(1)
        self.spent = Counter()
        self.log = []
        self.honest = self._people("honest", HONEST, self._joined)
        self.circle = {it: self.dice.randrange(5) for it in self.honest}
        self.eager = {it: self.dice.paretovariate(1.3) for it in self.honest}
        long_ago = self.start - 400 * DAY
        self.ring = self._people("ring", 5, lambda: long_ago)
        self.patient = self._people("patient", 5, lambda: long_ago)
        self.loner, self.forger, self.owner = self._people("bot", 3, lambda: long_ago)
        self.farm = self._people("farm", 20, lambda: self.start + 3 * DAY)
        self.bots = {
            *(*self.ring, *self.patient, *self.farm),
            *(self.loner, self.forger, self.owner),
        }
        self.members = User.objects.in_bulk(self.bots)
        self.referrals = self._brought()

    def _people(self, name, number, joined):
        rows = User.objects.bulk_create(
            User(
                username=f"{name}{n}",
                email=f"{name}{n}@example.org",
                date_joined=joined(),
            )
            for n in range(number)
        )
        return [it.pk for it in rows]

    def _joined(self):
        is_old = self.dice.random() < 0.8
        days = -400 if is_old else self.dice.randrange(DAYS)
        return self.start + days * DAY

    def _brought(self):
        """Half of the newest were brought; some of them are hardly ever here."""
        rows = []
        for member in self.honest[100:140]:
            rows.append((self.dice.choice(self.honest[:60]), member))
            self._visits(member, self.dice.choice([1, 5, 12, 25]))
        for member in self.farm:
            rows.append((self.owner, member))
            self._visits(member, 1)
        made = Referral.objects.bulk_create(
            Referral(referrer_id=by, member_id=member, at=self.start)
            for by, member in rows
        )
        return [(it.referrer_id, it.pk) for it in made]

    def _visits(self, member, days):
        first = self.start.date()
        Tally.objects.bulk_create(
            Tally(member_id=member, verb=Verb.VISITED, day=first + n * DAY, number=1)
            for n in range(days)
        )

    # What they do

    def do(self, member, verb, at, kind="thing", number=None, **data):
        self.log.append(
            Activity(
                member_id=member,
                verb=verb,
                at=at,
                object_kind=kind,
                object_id=number or next(self.things),
                data=data,
            )
        )

    def accept(self, asker, author, at):
        self.do(author, Verb.ANSWER_ACCEPTED, at, "post", asker=asker, by=asker)

    def live(self, number):
        day = self.start + number * DAY
        self._talk(day)
        self._learn(day)
        self._cheat(number, day)
        if number in (31, 34):
            half = self.referrals[number == 34 :: 2]
            for n, (by, pk) in enumerate(half):
                self.do(by, Verb.REFERRAL_STAYED, day + n * MINUTE, "referral", pk)

    def _talk(self, day):
        for n in range(20):
            asker = self.dice.choice(self.honest)
            others = [
                it
                for it in self.honest
                if it != asker
                and (self.circle[it] == self.circle[asker] or self.dice.random() < 0.1)
            ]
            weights = [self.eager[it] for it in others]
            (author,) = self.dice.choices(others, weights)
            self.accept(asker, author, day + n * MINUTE)

    def _learn(self, day):
        for member in self.honest:
            if self.dice.random() < 0.15:
                pause = self.dice.randrange(1, 20) * MINUTE
                for n in range(min(int(self.dice.paretovariate(1.2)), 12)):
                    self.do(member, Verb.LESSON_DONE, day + n * pause)

    def _cheat(self, number, day):
        for n, giver in enumerate(self.ring):
            for receiver in self.ring:
                if receiver != giver:
                    self.accept(giver, receiver, day + n * MINUTE)
        turn = number % 5
        self.accept(self.patient[turn], self.patient[turn - 1], day)
        for n in range(10):
            self.accept(self.loner, self.loner, day + n * MINUTE)
        for n in range(30):
            self.do(self.forger, Verb.LESSON_DONE, day + n * MINUTE / 10)
        if 6 <= number < 16:
            for member in self.farm[2 * (number - 6) :][:2]:
                self.accept(member, self.owner, day)

    # What comes of it

    def pass_day(self, number):
        self.live(number)
        Activity.objects.bulk_create(self.log)
        self.log = []
        day = self.start + number * DAY
        award_all(Activity.objects.filter(at__gte=day, at__lt=day + DAY / 2))
        self._spend(day)
        night = day + DAY / 2
        gaming.look(night)
        points.mature(night)
        self._spend(night)

    def _spend(self, at):
        for pk, member in self.members.items():
            if usable := points.balance(member):
                key = f"spent:{pk}:{at}"
                points.spend(member=member, points=usable, key=key, cause="reward")
                self.spent[pk] += usable

    def gains(self, *bots):
        return sum(self.spent[it] for it in bots)


def tell_planner():
    """How much there is by now, as the database itself would notice of a night."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE accounts_activity, accounts_user, accounts_ledgeraccount,"
            " accounts_transfer, incentives_award, incentives_grant"
        )


def _awarded(members):
    mine = Award.objects.filter(member__in=members)
    return mine.aggregate(all=Sum("points"))["all"] or 0


def test_bots_gain_next_to_nothing_and_the_honest_lose_nothing():
    PointRule.objects.update(since=noon(-100))
    rules = {it.verb: it for it in PointRule.objects.all()}
    assert rules[Verb.ANSWER_ACCEPTED].points == ANSWER
    assert rules[Verb.LESSON_DONE].cap_day == LESSONS_A_DAY
    world = World()

    for number in range(DAYS):
        world.pass_day(number)
        if number % 5 == 0:
            tell_planner()

    assert world.gains(*world.ring) <= RING_GAINS
    assert world.gains(*world.patient) <= RING_GAINS
    assert world.gains(world.owner, *world.farm) <= FARM_GAINS
    assert world.gains(world.forger) <= FORGER_GAINS
    assert world.gains(world.loner) == SELF_GAINS
    # It is not that they were paid nothing: what they made waits.
    assert _awarded(world.ring) > 50 * RING_GAINS
    assert _awarded([world.owner]) > 10 * FARM_GAINS
    kinds = Suspicion.objects.filter(member=world.owner).values_list("kind", flat=True)
    assert set(kinds) == {"farm", "referrals"}

    end = world.start + DAYS * DAY
    late = Grant.objects.filter(member__in=world.honest, matures_at__lt=end)
    waits = late.aggregate(all=Sum("pending"))["all"] or 0
    assert waits < _awarded(world.honest) / 100
    looked_at = Suspicion.objects.filter(member__in=world.honest)
    assert looked_at.values("member").distinct().count() < HONEST / 100
    assert ledger.check() == {}
