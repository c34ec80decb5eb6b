"""What people do in the room of an event, and what its page reads.

Locks are taken in this order: the member, the room.
"""

import datetime as dt
from math import ceil
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Muted
from accounts.models import Space, User, Verb
from accounts.services import rules
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from community.lib.embeds import Stream, stream_of
from content.errors import (
    DecidedElsewhere,
    MutedHere,
    PollOver,
    RoomClosed,
    RulesNotAgreed,
    TooManyPosts,
    TooSoon,
)
from content.models import (
    Case,
    Event,
    LiveBallot,
    LiveMessage,
    LiveMute,
    LivePoll,
    LiveQuestion,
    LiveQuestionVote,
    LiveRoom,
    Topic,
)
from content.models.discussions import BODY_LENGTH, TITLE_LENGTH
from content.services import checks, live_state, moderation, posting, reports
from content.services.live_lines import (
    bring_back,
    hold_room,
    note_change,
    pin,
    put_away,
)

OPENS_BEFORE = dt.timedelta(minutes=30)
STAYS_OPEN = dt.timedelta(minutes=60)  # few events end when they said
MINUTE = dt.timedelta(minutes=1)
MOST_MESSAGES = 20  # of one member in a minute
MOST_ASKED = 5  # likewise
MOST_SHOWN = 60  # messages on the page; the earlier ones have pages of their own
MOST_QUESTIONS = 100
MOST_POLLS = 10
MOST_CARRIED = 50
REFUSED = [Case.Outcome.REJECTED, Case.Outcome.UPHELD, Case.Outcome.WITHDRAWN]


def room_of(event: Event) -> LiveRoom:
    room, _made = LiveRoom.objects.get_or_create(event=event)
    room.event = event
    return room


def opens_at(event: Event) -> dt.datetime:
    return event.starts_at - OPENS_BEFORE


def is_open(event: Event, now: dt.datetime | None = None) -> bool:
    now = now or timezone.now()
    return event.is_published and opens_at(event) <= now < event.ends_at + STAYS_OPEN


def is_too_early(event: Event) -> bool:
    return timezone.now() < opens_at(event)


def is_past(event: Event) -> bool:
    return event.is_cancelled or timezone.now() >= event.ends_at + STAYS_OPEN


def leads(member: User, event: Event) -> bool:
    return event.host_id == member.pk or member.is_operator


def stream_for(event: Event) -> Stream | None:
    return stream_of(event.join_url, settings.LIVE_HOSTS)


# Saying and asking ------------------------------------------------------------


@transaction.atomic
def say(
    *, room: LiveRoom, author: User, body: str, form_key: UUID | None = None
) -> LiveMessage:
    """The same form again is the same message. What somebody has to look at before is
    hidden, and waits for that.

    Raises RoomClosed, Muted, MutedHere, RulesNotAgreed, TooSoon and TooManyPosts.
    """
    hold_members(author.pk)
    sent = LiveMessage.objects.filter(author=author, form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    room = hold_room(room)
    _check_may_write(room, author)
    _check_pace(room, author)
    message = _add(room.messages, author, body, form_key)
    note_change(room, "chat")
    return message


@transaction.atomic
def ask(
    *, room: LiveRoom, author: User, body: str, form_key: UUID | None = None
) -> LiveQuestion:
    """Like `say`; slow mode is of the chat only."""
    hold_members(author.pk)
    sent = LiveQuestion.objects.filter(author=author, form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    room = hold_room(room)
    _check_may_write(room, author)
    lately = author.live_questions.filter(at__gt=timezone.now() - MINUTE)
    if lately[:MOST_ASKED].count() >= MOST_ASKED:
        raise TooManyPosts
    question = _add(room.questions, author, body, form_key)
    note_change(room, "board")
    _record(author, Verb.LIVE_ASKED, room, question)
    return question


def _check_may_write(room: LiveRoom, author: User) -> None:
    if not is_open(room.event):
        raise RoomClosed
    if author.is_muted:
        raise Muted
    if is_muted_here(room, author):
        raise MutedHere
    if rules.must_agree(author):
        raise RulesNotAgreed


def _add(lines: Any, author: User, body: str, form_key: UUID | None) -> Any:
    """The line, and what the checks say of it; the room is held."""
    room = lines.instance
    text = checks.Text(author, room.event.space, "", body)
    reasons = checks.reasons_in_room(text)
    line = lines.create(
        author=author,
        body=body,
        form_key=form_key,
        hidden_at=timezone.now() if reasons else None,
    )
    if reasons:
        posting.hold_line(line=line, text=text, reasons=reasons)
    else:
        reports.flag_line(line=line, text=text)
    return line


def _check_pace(room: LiveRoom, author: User) -> None:
    """Raises TooManyPosts; in slow mode TooSoon, but not for who leads."""
    now = timezone.now()
    lately = author.live_messages.filter(at__gt=now - MINUTE)
    if lately[:MOST_MESSAGES].count() >= MOST_MESSAGES:
        raise TooManyPosts
    if not room.slow_seconds or leads(author, room.event):
        return
    since = now - dt.timedelta(seconds=room.slow_seconds)
    last = room.messages.filter(author=author, at__gt=since).last()
    if last:
        raise TooSoon(seconds=ceil((last.at - since).total_seconds()))


# Votes ------------------------------------------------------------------------


@transaction.atomic
def vote_for_question(*, question: LiveQuestion, member: User, on: bool) -> None:
    """Raises RoomClosed."""
    hold_members(member.pk)
    room = hold_room(question.room)
    if not is_open(room.event):
        raise RoomClosed
    mine = LiveQuestionVote.objects.filter(question=question, member=member)
    if mine.exists() == on:
        return
    if on:
        LiveQuestionVote.objects.create(question=question, member=member)
    else:
        mine.delete()
    _count(question, 1 if on else -1)
    note_change(room, "board")


def _count(question: LiveQuestion, by: int) -> None:
    LiveQuestion.objects.filter(pk=question.pk).update(votes=F("votes") + by)


@transaction.atomic
def vote_in_poll(*, poll: LivePoll, member: User, choice: int) -> None:
    """While the poll is open one may think again. Raises PollOver and RoomClosed."""
    hold_members(member.pk)
    room = hold_room(poll.room)
    poll = room.polls.get(pk=poll.pk)
    if poll.closed_at:
        raise PollOver
    if not is_open(room.event):
        raise RoomClosed
    poll.ballots.update_or_create(member=member, defaults={"choice": choice})
    note_change(room, "board")


# What the host does -----------------------------------------------------------


@transaction.atomic
def hide_line(*, line: LiveMessage | LiveQuestion, by: User, on: bool) -> None:
    """The others do not see it any more; the hosts do, and can show it again: with that
    they let through what waits. Raises DecidedElsewhere, where those who keep order do
    not want it shown.
    """
    hold_members(line.author_id)  # before any case of it, as who decides does
    if on:
        is_new = put_away(line, by=by)
    elif waiting := line.cases.filter(what=Case.What.SAID, closed_at=None).first():
        is_new = moderation.let_into_room(case=waiting, by=by)
    elif line.cases.filter(outcome__in=REFUSED).exists():
        raise DecidedElsewhere
    else:
        is_new = bring_back(line)
    if is_new:
        _record(by, Verb.LIVE_LED, line.room, line, on=on)


@transaction.atomic
def pin_message(*, message: LiveMessage, on: bool) -> None:
    """One message stands above the others; a hidden one does not."""
    room = hold_room(message.room)
    if on and message.hidden_at is None:
        pin(room, message)
    elif not on and room.pinned_id == message.pk:
        pin(room, None)


@transaction.atomic
def mute_member(*, room: LiveRoom, member: User, by: User, on: bool) -> None:
    """In this room, until it is taken back; not who leads it."""
    hold_members(member.pk)
    room = hold_room(room)
    if on and leads(member, room.event):
        return
    if room.mutes.filter(member=member).exists() == on:
        return
    if on:
        room.mutes.create(member=member, by=by)
    else:
        room.mutes.filter(member=member).delete()
    note_change(room, "board")
    live_state.show_again(room.event_id, member.pk)
    _record(by, Verb.LIVE_LED, room, room, on=on, whom=member)


@transaction.atomic
def set_slow_mode(*, room: LiveRoom, seconds: int) -> None:
    room = hold_room(room)
    if room.slow_seconds == seconds:
        return
    room.slow_seconds = seconds
    room.save(update_fields=["slow_seconds"])
    note_change(room, "board")


@transaction.atomic
def mark_answered(*, question: LiveQuestion, on: bool) -> None:
    room = hold_room(question.room)
    if (question.answered_at is not None) == on:
        return
    question.answered_at = timezone.now() if on else None
    question.save(update_fields=["answered_at"])
    note_change(room, "board")


@transaction.atomic
def begin_poll(
    *, room: LiveRoom, question: str, choices: list[str], form_key: UUID | None = None
) -> LivePoll:
    """The same form again is the same poll."""
    room = hold_room(room)
    sent = room.polls.filter(form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    poll = room.polls.create(question=question, choices=choices, form_key=form_key)
    note_change(room, "board")
    return poll


@transaction.atomic
def end_poll(*, poll: LivePoll) -> None:
    room = hold_room(poll.room)
    if room.polls.filter(pk=poll.pk, closed_at=None).update(closed_at=timezone.now()):
        note_change(room, "board")


# What nobody answered ---------------------------------------------------------


@transaction.atomic
def carry_over(*, room: LiveRoom, by: User, space: Space) -> Topic | Case | None:
    """What was left open becomes one topic of the host's, naming who asked.

    One topic, and not one for each in its asker's name: nobody asked for a topic of
    their own, and the host is the one who takes the words out of the room. None where
    nothing is open; again, only what was not carried before. Raises what
    `posting.post_topic` does.
    """
    hold_members(by.pk)
    room = hold_room(room)
    open_ones = _fitting(list(left_open(room)[:MOST_CARRIED]))
    if not open_ones:
        return None
    title = _("Left open: %(event)s") % {"event": room.event.title}
    topic = posting.post_topic(
        author=by,
        kind=Topic.Kind.DISCUSSION,
        title=title[:TITLE_LENGTH],
        body=_told(room, open_ones),
        space=space,
    )
    carried = room.questions.filter(pk__in=[it.pk for it in open_ones])
    carried.update(carried_at=timezone.now())
    note_change(room, "board")
    return topic


def _fitting(questions: list[LiveQuestion]) -> list[LiveQuestion]:
    """As many as one text holds, with room for who asked."""
    room_left, fitting = BODY_LENGTH - 1000, []
    for question in questions:
        room_left -= len(question.body) + 200
        if room_left < 0:
            break
        fitting.append(question)
    return fitting


def _told(room: LiveRoom, questions: list[LiveQuestion]) -> str:
    begin = _("These questions were left open in “%(event)s”. What do you think?")
    quotes = [f"@{it.author.username}:\n\n> {it.body}" for it in questions]
    return "\n\n".join([begin % {"event": room.event.title}, *quotes])


def left_open(room: LiveRoom) -> QuerySet[LiveQuestion]:
    rows = room.questions.filter(answered_at=None, hidden_at=None, carried_at=None)
    return rows.select_related("author").order_by("-votes", "pk")


# Reading ----------------------------------------------------------------------


def chat_of(
    room: LiveRoom, *, leading: bool, viewer: User | None = None
) -> dict[str, Any]:
    """The latest messages, in the order in which they were said."""
    lines = messages_of(room, leading)
    return {"room": room, "leads": leading, "lines": lines, "viewer": viewer}


def messages_of(
    room: LiveRoom, leading: bool, before: int | None = None, most: int = MOST_SHOWN
) -> list[LiveMessage]:
    rows = room.messages.select_related("author").order_by("-pk")
    if not leading:
        rows = rows.filter(hidden_at=None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[:most])[::-1]
    for message in found:
        message.room = room
    return found


def earlier_than_shown(room: LiveRoom, leading: bool) -> int | None:
    """The number of the first message on the page, where there are earlier ones."""
    found = messages_of(room, leading, most=MOST_SHOWN + 1)
    return found[1].pk if len(found) > MOST_SHOWN else None


def board_of(
    room: LiveRoom, *, leading: bool, viewer: User | None = None
) -> dict[str, Any]:
    """Pinned, polls and questions; with a viewer, also what is theirs among it."""
    questions = room.questions.select_related("author")
    if not leading:
        questions = questions.filter(hidden_at=None)
    order = F("answered_at").asc(nulls_first=True)
    shown = list(questions.order_by(order, "-votes", "pk")[:MOST_QUESTIONS])
    if room.pinned:
        room.pinned.room = room
    polls = list(room.polls.order_by("-pk")[:MOST_POLLS])
    return {
        "room": room,
        "leads": leading,
        "viewer": viewer,
        "is_open": is_open(room.event),
        "pinned": room.pinned,
        "questions": shown,
        "polls": _with_votes(polls, viewer),
        "voted_for": _voted_for(shown, viewer),
        "muted": muted_in(room) if leading else (),
    }


def _with_votes(polls: list[LivePoll], viewer: User | None) -> list[dict[str, Any]]:
    ballots = LiveBallot.objects.filter(poll__in=polls)
    counted = ballots.values_list("poll", "choice").annotate(n=Count("pk"))
    votes = {(poll, choice): n for poll, choice, n in counted}
    mine = dict(ballots.filter(member=viewer).values_list("poll", "choice"))
    if viewer is None:
        mine = {}
    return [
        {
            "poll": poll,
            "voters": sum(n for (pk, _choice), n in votes.items() if pk == poll.pk),
            "lines": [
                (number, text, votes.get((poll.pk, number), 0))
                for number, text in enumerate(poll.choices, start=1)
            ],
            "mine": mine.get(poll.pk),
        }
        for poll in polls
    ]


def _voted_for(questions: list[LiveQuestion], viewer: User | None) -> set[int]:
    if viewer is None:
        return set()
    votes = viewer.live_question_votes.filter(question__in=questions)
    return set(votes.values_list("question", flat=True))


def is_muted_here(room: LiveRoom, member: User) -> bool:
    return room.mutes.filter(member=member).exists()


def muted_in(room: LiveRoom) -> QuerySet[LiveMute]:
    return room.mutes.select_related("member").order_by("-at")[:200]


def forget(member: User) -> None:
    """Their votes, mutes and name go; what they said is for `privacy` to decide."""
    rooms = LiveRoom.objects.filter(
        Q(messages__author=member)
        | Q(questions__author=member)
        | Q(questions__voters__member=member)
        | Q(event__host=member)
    )
    touched = dict(rooms.values_list("pk", "event"))
    voted = LiveQuestion.objects.filter(voters__member=member)
    voted.update(votes=F("votes") - 1)
    member.live_question_votes.all().delete()
    member.live_ballots.update(member=None)
    member.live_mutes.all().delete()
    LiveMute.objects.filter(by=member).update(by=None)
    LiveMessage.objects.filter(hidden_by=member).update(hidden_by=None)
    LiveQuestion.objects.filter(hidden_by=member).update(hidden_by=None)
    found = LiveRoom.objects.filter(pk__in=touched)
    found.update(chat=F("chat") + 1, board=F("board") + 1)
    transaction.on_commit(lambda: live_state.begin_again(touched.values()))


# ------------------------------------------------------------------------------


def _record(
    by: User,
    verb: Verb,
    room: LiveRoom,
    target: Any,
    *,
    on: bool = True,
    whom: User | None = None,
) -> None:
    record_activity(
        member=by,
        verb=verb,
        target=target,
        space=room.event.space_id,
        event=room.event_id,
        on=int(on),
        whom=whom.pk if whom else 0,
    )
