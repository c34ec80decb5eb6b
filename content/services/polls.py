"""Making polls, voting in them, and who may know what came of it.

Results leave this file only as `PollFacts.results`, which is empty for whoever may
not know them yet: pages cannot tell what they were not given.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Notification, Space, User, Verb
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib import voting
from community.lib.statements import Statement
from community.lib.voting import Runoff
from content.errors import AlreadyVoted, PollChanged, PollOver
from content.models import Ballot, Lesson, Poll, Topic
from content.models.discussions import place_of

# Of fewer, an anonymous poll's result would say who chose what.
FEWEST_ANONYMOUS = 3


# Making ----------------------------------------------------------------------------


def add_poll(
    *,
    topic: Topic | None = None,
    lesson: Lesson | None = None,
    closes_at: str | None = None,
    **terms: Any,
) -> Poll:
    """Ask in a topic or a lesson. `terms` are fields of the poll, `closes_at` is ISO
    text: all of them can be kept as JSON until a topic is let in.

    A place has one poll: where there is one, it is that.
    """
    terms["closes_at"] = _moment(closes_at)
    poll, _ = Poll.objects.get_or_create(topic=topic, lesson=lesson, defaults=terms)
    return poll


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


@transaction.atomic
def change_poll(*, poll: Poll, closes_at: str | None, **terms: Any) -> Poll:
    """Change what is asked, before anybody voted; afterwards only when it ends.

    Raises PollOver, and PollChanged when somebody has voted meanwhile.
    """
    poll = _hold(poll.pk)
    if poll.is_over:
        raise PollOver
    if terms and poll.voters:
        raise PollChanged
    for name, value in terms.items():
        setattr(poll, name, value)
    poll.closes_at = _moment(closes_at)
    poll.version += bool(terms)
    poll.save()
    return poll


@transaction.atomic
def remove_poll(*, poll: Poll) -> bool:
    """Take a poll out of its lesson; one that was voted in stays. Whether it went."""
    poll = _hold(poll.pk)
    if poll.voters:
        return False
    poll.delete()
    return True


@transaction.atomic
def close_poll(*, poll: Poll) -> None:
    """End a poll and tell those who voted; ending it twice tells them once."""
    poll = _hold(poll.pk)
    if poll.closed_at:
        return
    poll.closed_at = timezone.now()
    poll.save(update_fields=["closed_at"])
    voters = poll.ballots.exclude(member=None).values_list("member", flat=True)
    asker = [poll.topic.author_id] if poll.topic else []
    tell(
        [*voters, *asker],
        kind=Notification.Kind.POLL_CLOSED,
        key=f"poll-closed:{poll.pk}",
        target=poll,
    )


def close_due() -> int:
    """End the polls whose time is over; how many."""
    due = Poll.objects.filter(closed_at=None, closes_at__lte=timezone.now())
    polls = list(due.order_by("pk")[:500])
    for poll in polls:
        close_poll(poll=poll)
    return len(polls)


# Voting ----------------------------------------------------------------------------


@transaction.atomic
def vote(*, poll: Poll, member: User, chosen: list[int], version: int) -> None:
    """Cast a ballot: the numbers of the choices, the best first. The same one again
    changes nothing.

    Raises PollOver, PollChanged when another version was seen, and AlreadyVoted where
    a vote stays as it is.
    """
    hold_members(member.pk)
    poll = _hold(poll.pk)
    if poll.is_over:
        raise PollOver
    if version != poll.version:
        raise PollChanged
    ballot = poll.ballots.filter(member=member).first()
    if ballot is None:
        _cast(poll, member, chosen)
    elif ballot.chosen != chosen or poll.is_anonymous:
        _cast_anew(poll, ballot, chosen)


def _cast(poll: Poll, member: User, chosen: list[int]) -> None:
    if poll.topic and not poll.question:
        # The topic may be called otherwise later; this is what was voted on.
        poll.question = poll.topic.title
        poll.save(update_fields=["question"])
    kept = [] if poll.is_anonymous else chosen
    poll.ballots.create(member=member, chosen=kept)
    _count(poll, chosen, 1)
    record_activity(member=member, verb=Verb.VOTED, target=poll, space=space_of(poll))


def _cast_anew(poll: Poll, ballot: Ballot, chosen: list[int]) -> None:
    if not poll.is_changeable:
        raise AlreadyVoted
    _count(poll, ballot.chosen, -1)
    _count(poll, chosen, 1)
    ballot.chosen = chosen
    ballot.save(update_fields=["chosen"])


def _count(poll: Poll, chosen: list[int], by: int) -> None:
    key = ",".join(map(str, chosen))
    times = poll.tally.get(key, 0) + by
    tally = {**poll.tally, key: times}
    poll.tally = {key: times for key, times in tally.items() if times}
    poll.save(update_fields=["tally"])


def space_of(poll: Poll) -> Space | None:
    if poll.topic:
        return place_of(poll.topic)
    return poll.lesson.section.item.space if poll.lesson else None


def _hold(poll_id: int) -> Poll:
    return Poll.objects.select_for_update(no_key=True).get(pk=poll_id)


# Reading ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A choice as one viewer meets it. `rank` is where they put it."""

    number: int
    text: str
    is_chosen: bool
    rank: int | None
    votes: int | None
    is_winner: bool


@dataclass(frozen=True)
class Results:
    """What came of a poll, for who may know. In a ranked one, votes are Borda's
    points, and the runoff says who has won."""

    votes: tuple[int, ...]
    winners: tuple[int, ...]
    runoff: Runoff | None
    highest: int  # what a whole bar stands for


@dataclass(frozen=True)
class PollFacts:
    """A poll as one viewer meets it."""

    pk: int
    topic_id: int | None
    lesson_id: int | None
    author_id: int | None
    question: str
    title: str
    kind: str
    choices: list[str]
    most: int
    is_anonymous: bool
    is_changeable: bool
    shows: str
    closes_at: dt.datetime | None
    is_over: bool
    voters: int
    version: int
    has_voted: bool
    marked: tuple[int, ...]  # what the viewer chose, or has just ticked
    results: Results | None
    # The places just given, by choice: two may be the same, which is why they are back.
    typed_ranks: Mapping[int, int] | None = None

    @property
    def asks(self) -> str:
        """The question, where it does not stand above already as the title."""
        return self.question if self.lesson_id or self.question != self.title else ""

    @property
    def is_ranked(self) -> bool:
        return self.kind == Poll.Kind.RANKED

    @property
    def is_multiple(self) -> bool:
        return self.kind == Poll.Kind.MULTIPLE

    @property
    def may_vote(self) -> bool:
        return not self.is_over and (self.is_changeable or not self.has_voted)

    @property
    def waits_for_more(self) -> bool:
        """Hidden only because too few have voted to hide among."""
        is_due = _is_due(self.shows, is_over=self.is_over, has_voted=self.has_voted)
        return self.results is None and is_due

    @property
    def fewest(self) -> int:
        return FEWEST_ANONYMOUS

    @property
    def places(self) -> range:
        return range(1, len(self.choices) + 1)

    @cached_property
    def lines(self) -> list[Line]:
        return [
            Line(
                number=number,
                text=text,
                is_chosen=number in self.marked,
                rank=self._rank_of(number),
                votes=self.results.votes[number - 1] if self.results else None,
                is_winner=bool(self.results and number in self.results.winners),
            )
            for number, text in enumerate(self.choices, start=1)
        ]

    def _rank_of(self, number: int) -> int | None:
        if self.typed_ranks is not None:
            return self.typed_ranks.get(number)
        return self.marked.index(number) + 1 if number in self.marked else None

    @property
    def by_votes(self) -> list[Line]:
        """The winner first, then by votes: of a ranked poll, by points."""
        return sorted(self.lines, key=lambda it: (not it.is_winner, -(it.votes or 0)))

    @property
    def rounds(self) -> list[tuple[str, list[int | None]]]:
        """Each choice with its votes round by round, None once it is out."""
        if not (self.results and self.results.runoff):
            return []
        rounds = self.results.runoff.rounds
        gone: set[int] = set()
        table: list[tuple[str, list[int | None]]] = [(it, []) for it in self.choices]
        for round_ in rounds:
            for number, (_, votes) in enumerate(table, start=1):
                votes.append(None if number in gone else round_.votes[number - 1])
            gone.update(round_.out)
        return table

    @property
    def spent(self) -> list[int]:
        """Ballots that name nobody who is still in, round by round."""
        if not (self.results and self.results.runoff):
            return []
        return [round_.spent for round_ in self.results.runoff.rounds]


POLL = """
SELECT poll.id, poll.topic_id, poll.lesson_id, topic.author_id, poll.question,
       coalesce(topic.title, poll.question), poll.kind, poll.choices, poll.most,
       poll.is_anonymous, poll.is_changeable, poll.shows, poll.closes_at,
       poll.closed_at IS NOT NULL OR coalesce(poll.closes_at <= now(), false),
       poll.version, poll.tally::text, ballot.id IS NOT NULL, ballot.chosen
  FROM content_poll AS poll
  LEFT JOIN content_topic AS topic ON topic.id = poll.topic_id
  LEFT JOIN content_ballot AS ballot
         ON ballot.poll_id = poll.id AND ballot.member_id = %(viewer)s
 WHERE {by} = %(pk)s
"""
PLAIN = (
    *("pk", "topic_id", "lesson_id", "author_id", "question", "title", "kind"),
    *("choices", "most", "is_anonymous", "is_changeable", "shows", "closes_at"),
    *("is_over", "version"),
)
BY = {
    "pk": Statement(POLL.format(by="poll.id")),
    "topic": Statement(POLL.format(by="poll.topic_id")),
    "lesson": Statement(POLL.format(by="poll.lesson_id")),
}


def read_poll(*, viewer: User | AnonymousUser, **by: int) -> PollFacts | None:
    """The poll with this `pk`, or of this `topic` or `lesson`, as the viewer may know
    it; access to where it stands is the caller's question."""
    ((name, pk),) = by.items()
    row = BY[name].row(viewer=viewer.pk, pk=pk)
    if row is None:
        return None
    *plain, kept, has_voted, chosen = row
    facts: dict[str, Any] = dict(zip(PLAIN, plain, strict=True))
    voters = sum(_tally(kept).values())
    is_due = _is_due(facts["shows"], is_over=facts["is_over"], has_voted=has_voted)
    knows = is_due and not (facts["is_anonymous"] and voters < FEWEST_ANONYMOUS)
    return PollFacts(
        **facts,
        voters=voters,
        has_voted=has_voted,
        marked=tuple(chosen or ()),
        results=_results(facts["kind"], kept, len(facts["choices"])) if knows else None,
    )


@lru_cache(maxsize=128)
def _tally(kept: str) -> dict[tuple[int, ...], int]:
    return {_ballot(key): times for key, times in json.loads(kept).items()}


def _ballot(key: str) -> tuple[int, ...]:
    return tuple(int(number) for number in key.split(","))


def _is_due(shows: str, *, is_over: bool, has_voted: bool) -> bool:
    """Whether the outcome may be known, if enough have voted: the one rule."""
    if is_over or shows == Poll.Shows.ALWAYS:
        return True
    return shows == Poll.Shows.VOTED and has_voted


# The page of a poll that many read is not counted anew for each of them.
@lru_cache(maxsize=128)
def _results(kind: str, kept: str, choices: int) -> Results:
    tally = _tally(kept)
    if kind == Poll.Kind.RANKED:
        runoff = voting.instant_runoff(tally, choices)
        points = tuple(voting.points_for(tally, choices))
        return Results(points, runoff.winners, runoff, max(points))
    votes = tuple(voting.votes_for(tally, choices))
    most = max(votes)
    winners = tuple(n for n, it in enumerate(votes, start=1) if most and it == most)
    return Results(votes, winners, None, sum(tally.values()))


def votes_in(poll: PollFacts) -> QuerySet[Ballot]:
    """Who voted for what in an open poll, by name; none where that is not to be
    known."""
    if poll.is_anonymous or poll.results is None:
        return Ballot.objects.none()
    ballots = Ballot.objects.filter(poll=poll.pk).select_related("member")
    return ballots.order_by("member__name", "pk")


def words_of(poll: Poll | PollFacts, ballot: Ballot) -> list[str]:
    return [poll.choices[number - 1] for number in ballot.chosen]


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of those polls that this member may see now."""
    found = Poll.objects.visible_to(member).filter(pk__in=numbers)
    return {
        # What a lesson asks may be behind its door, its title is not.
        poll.pk: (str(poll.topic or poll.lesson), poll.get_absolute_url())
        for poll in found.select_related("topic", "lesson")
    }
