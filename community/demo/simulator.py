"""A community whose truth is known: who responds to what, and how strongly.

Members come, learn, talk, pay and drift away by a stated random process, so that
every model and screen can be judged against what really happened. Arrays only;
turning them into rows is `writer`'s work.

The process, per member and day: the log odds of being active are

    base + habit · (active days in the last weeks) + response + weekend

where `response` is `RESPONSE` per lesson of late for those who respond to lessons,
per post of late for those who respond to talk, and nothing for the rest. "Of
late" is an exponential average with the half-life `MEMORY_DAYS`. Nothing else
links what a member does to whether they return, so a model that finds another
cause has found noise.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

HABIT = 2.2
RESPONSE = 1.6
WEEKEND = -0.35
MEMORY_DAYS = 14
DRIFT_AWAY = 0.012  # daily hazard of leaving for somebody who was not seen of late
TRIAL_LESSONS = 2

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Responds(IntEnum):
    """What makes a member come back."""

    NOTHING = 0
    LESSONS = 1
    TALK = 2


class Deed(IntEnum):
    """What the simulated members do; `what` names the object of each."""

    VISIT = 0  # what: 0
    VIEW_LESSON = 1  # what: lesson
    DO_LESSON = 2  # what: lesson
    ENROL = 3  # what: course
    START_TOPIC = 4  # what: topic
    REPLY = 5  # what: topic
    PAY = 6  # what: 0, one month of membership


@dataclass(frozen=True)
class Catalogue:
    """The courses members choose from. Row i is course i; lessons count through."""

    lessons: Ints  # (courses,) how many lessons it has
    interest: Ints  # (courses,) which interest it serves
    free: Flags  # (courses,) open without paying

    @property
    def first_lesson(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.lessons)[:-1]])


@dataclass(frozen=True)
class Truth:
    """What the models do not see. Row i is member i."""

    responds: Ints
    interest: Ints
    base: Floats


@dataclass(frozen=True)
class History:
    """What happened. Member arrays have one row a member, deeds one row a deed."""

    truth: Truth
    joined: Ints  # (members,) day
    left: Ints  # (members,) day, or `days` where still there
    day: Ints  # (deeds,), never decreasing
    member: Ints
    deed: Ints
    what: Ints
    topic_interest: Ints  # (topics,) the topics that deeds name


def simulate(
    rng: np.random.Generator,
    *,
    members: int,
    days: int,
    catalogue: Catalogue,
    interests: int,
) -> History:
    """Live through `days` days with `members` members; cost O(members · days)."""
    if members < 1 or days < 1:
        raise ValueError("need at least one member and one day")
    return _Life(rng, members, days, catalogue, interests).live()


class _Life:
    """The state of one simulated block of members, day by day."""

    def __init__(
        self,
        rng: np.random.Generator,
        members: int,
        days: int,
        catalogue: Catalogue,
        interests: int,
    ) -> None:
        self.rng, self.members, self.days = rng, members, days
        self.catalogue, self.interests = catalogue, interests
        self.truth = Truth(
            responds=rng.choice(3, size=members, p=[0.5, 0.3, 0.2]),
            interest=rng.choice(interests, size=members, p=_sizes(interests)),
            base=rng.normal(-3.1, 1.0, size=members),
        )
        # More people come the longer the community lives.
        self.joined = np.sort(np.floor(days * rng.random(members) ** 0.7).astype(int))
        self.left = np.full(members, days)
        self.pays = rng.random(members) < 0.35
        self.paid_until = np.full(members, -1)
        self.seen = np.zeros(members)
        self.learned = np.zeros(members)
        self.talked = np.zeros(members)
        courses = len(catalogue.lessons)
        self.progress = np.zeros((members, courses), dtype=np.int16)
        self.enrolled = np.zeros((members, courses), dtype=bool)
        self.open_topics: list[list[int]] = [[] for _ in range(interests)]
        self.topic_interest: list[int] = []
        self.deeds: list[tuple[int, Ints, Deed, Ints]] = []

    def live(self) -> History:
        for day in range(self.days):
            self._day(day)
        sizes = [len(who) for _, who, _, _ in self.deeds]
        return History(
            truth=self.truth,
            joined=self.joined,
            left=self.left,
            day=np.repeat([day for day, *_ in self.deeds], sizes),
            member=np.concatenate([who for _, who, _, _ in self.deeds]),
            deed=np.repeat([deed for _, _, deed, _ in self.deeds], sizes),
            what=np.concatenate([what for *_, what in self.deeds]),
            topic_interest=np.array(self.topic_interest, dtype=int),
        )

    def _day(self, day: int) -> None:
        here = (self.joined <= day) & (self.left > day)
        active = np.flatnonzero(
            here
            & (
                (self.rng.random(self.members) < self._return_chance(day))
                | (self.joined == day)
            )
        )
        self._record(day, active, Deed.VISIT)
        self._pay(day, active)
        learned = self._learn(day, active)
        talked = self._talk(day, active)
        self._remember(active, learned, talked)
        drifting = here & (self.seen < 0.02) & (self.joined < day - 28)
        self.left[drifting & (self.rng.random(self.members) < DRIFT_AWAY)] = day

    def _return_chance(self, day: int) -> Floats:
        response = np.select(
            [
                self.truth.responds == Responds.LESSONS,
                self.truth.responds == Responds.TALK,
            ],
            [RESPONSE * self.learned, RESPONSE * self.talked],
            0.0,
        )
        weekend = WEEKEND if day % 7 >= 5 else 0.0
        odds = self.truth.base + HABIT * self.seen + np.minimum(response, 3) + weekend
        return 1 / (1 + np.exp(-odds))

    def _pay(self, day: int, active: Ints) -> None:
        due = active[self.pays[active] & (self.paid_until[active] < day)]
        due = due[(day - self.joined[due] >= 3) & (self.rng.random(len(due)) < 0.4)]
        self.paid_until[due] = day + 30
        self._record(day, due, Deed.PAY)

    def _learn(self, day: int, active: Ints) -> Ints:
        """One lesson for those in the mood; returns who finished one."""
        who = active[self.rng.random(len(active)) < 0.55]
        course = self._choose_course(who)
        step = self.progress[who, course]
        locked = (
            ~self.catalogue.free[course]
            & (self.paid_until[who] < day)
            & (step >= TRIAL_LESSONS)
        )
        going = ~locked & (step < self.catalogue.lessons[course])
        who, course, step = who[going], course[going], step[going]

        new = ~self.enrolled[who, course]
        self._record(day, who[new], Deed.ENROL, course[new])
        self.enrolled[who, course] = True
        lesson = self.catalogue.first_lesson[course] + step
        self._record(day, who, Deed.VIEW_LESSON, lesson)
        done = self.rng.random(len(who)) < 0.75
        self.progress[who[done], course[done]] += 1
        self._record(day, who[done], Deed.DO_LESSON, lesson[done])
        return who[done]

    def _choose_course(self, who: Ints) -> Ints:
        """Mostly a course of one's own interest, the earlier ones more often."""
        courses = len(self.catalogue.lessons)
        appeal = 1.0 / np.arange(1, courses + 1) ** 0.5
        own = self.catalogue.interest[None, :] == self.truth.interest[who][:, None]
        unfinished = self.progress[who] < self.catalogue.lessons[None, :]
        weight = (
            appeal[None, :] * np.where(own, 12.0, 1.0) * np.where(unfinished, 1, 1e-9)
        )
        cumulative = np.cumsum(weight, axis=1)
        draw = self.rng.random(len(who)) * cumulative[:, -1]
        return (cumulative < draw[:, None]).sum(axis=1)

    def _talk(self, day: int, active: Ints) -> Ints:
        """Replies and new topics; returns who wrote."""
        writers = active[self.rng.random(len(active)) < 0.14]
        starts = self.rng.random(len(writers)) < 0.15
        for interest in range(self.interests):
            own = self.truth.interest[writers] == interest
            self._start_topics(day, writers[own & starts], interest)
            self._reply(day, writers[own & ~starts], interest)
        return writers

    def _start_topics(self, day: int, who: Ints, interest: int) -> None:
        first = len(self.topic_interest)
        new = np.arange(first, first + len(who))
        self.topic_interest += [interest] * len(who)
        self.open_topics[interest] = [*self.open_topics[interest], *new.tolist()][-12:]
        self._record(day, who, Deed.START_TOPIC, new)

    def _reply(self, day: int, who: Ints, interest: int) -> None:
        topics = self.open_topics[interest]
        if topics:
            self._record(day, who, Deed.REPLY, self.rng.choice(topics, size=len(who)))

    def _remember(self, active: Ints, learned: Ints, talked: Ints) -> None:
        keep = 0.5 ** (1 / MEMORY_DAYS)
        for memory, who in (
            (self.seen, active),
            (self.learned, learned),
            (self.talked, talked),
        ):
            np.multiply(memory, keep, out=memory)
            memory[who] += 1 - keep

    def _record(
        self, day: int, who: Ints, deed: Deed, what: Ints | None = None
    ) -> None:
        if len(who):
            self.deeds.append(
                (day, who, deed, np.zeros(len(who), int) if what is None else what)
            )


def _sizes(interests: int) -> Floats:
    """Shares of the members: every interest draws half as many more as the next."""
    shares = 1.5 ** -np.arange(interests)
    return shares / shares.sum()
