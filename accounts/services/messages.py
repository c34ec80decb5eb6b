"""Messages between two members.

Whoever writes holds both members' rows, in the order of their numbers: the counts of
what is unread, and the numbers of messages, are exact then.
"""

import datetime as dt
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import NotTaken, TooManyMessages, WaitForAnswer
from accounts.models import (
    Conversation,
    Follow,
    Message,
    MessageReport,
    Notification,
    Seat,
    User,
)
from accounts.services import audit
from accounts.services.blocks import has_blocked
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib import markdown

PER_MINUTE = 12
# To somebody who has not written back, in all.
UNANSWERED = 3
# Conversations begun in a day, and by who has just come.
BEGUN_A_DAY = 20
BEGUN_A_DAY_BY_NEW = 3
NEW_FOR = dt.timedelta(days=7)

PER_PAGE = 50
INBOX_PAGE = 30
# Shown to the operators before and after a reported message.
AROUND = 3


# Writing ---------------------------------------------------------------------------


@transaction.atomic
def send(*, sender: User, to: User, body: str, form_key: UUID | None = None) -> Message:
    """Write to a member. The same form sent again returns the message already there.

    Raises NotTaken, without saying why, TooManyMessages, and WaitForAnswer.
    """
    hold_members(sender.pk, to.pk)
    key = uuid5(form_key, body) if form_key else None
    sent = sender.messages_written.filter(form_key=key).first() if key else None
    if sent:
        return sent
    to.refresh_from_db()
    conversation = between(sender, to)
    if not takes_from(to, sender, conversation):
        raise NotTaken
    _check_pace(sender, to, conversation)

    conversation = conversation or _begin(sender, to)
    message = _add(conversation, sender, body, key)
    _tell(conversation, to)
    _count_unread(to)
    return message


def between(one: User, other: User) -> Conversation | None:
    first, second = sorted((one.pk, other.pk))
    return Conversation.objects.filter(first=first, second=second).first()


def takes_from(
    reader: User, writer: User, conversation: Conversation | None = None
) -> bool:
    """Whether a member takes messages from another. Who has written back has agreed to
    that conversation, unless they take none at all."""
    if reader == writer or reader.erased_at or not reader.is_member:
        return False
    if not reader.is_active or reader.messages_from == User.MessagesFrom.NOBODY:
        return False
    if has_blocked(reader, writer) or has_blocked(writer, reader):
        return False
    if reader.messages_from == User.MessagesFrom.EVERYONE:
        return True
    follows = Follow.objects.filter(follower=reader, followed=writer).exists()
    return follows or has_written(reader, conversation)


def may_write(writer: User, reader: User) -> bool:
    """Whether a button to write to them makes sense."""
    if not writer.is_member or writer.is_suspended:
        return False
    return takes_from(reader, writer, between(writer, reader))


def has_written(member: User, conversation: Conversation | None) -> bool:
    if conversation is None:
        return False
    return conversation.messages.filter(author=member).exists()


def _check_pace(sender: User, to: User, conversation: Conversation | None) -> None:
    now = timezone.now()
    minute = sender.messages_written.filter(at__gt=now - dt.timedelta(minutes=1))
    if minute.count() >= PER_MINUTE:
        raise TooManyMessages
    if conversation is None:
        begun = sender.conversations_started.filter(
            created_at__gt=now - dt.timedelta(days=1)
        )
        is_new = sender.date_joined > now - NEW_FOR
        if begun.count() >= (BEGUN_A_DAY_BY_NEW if is_new else BEGUN_A_DAY):
            raise TooManyMessages
        return
    sent = conversation.messages.filter(author=sender).count()
    if sent >= UNANSWERED and not has_written(to, conversation):
        raise WaitForAnswer


def _begin(sender: User, to: User) -> Conversation:
    first, second = sorted((sender, to), key=lambda it: it.pk)
    conversation = Conversation.objects.create(
        first=first, second=second, started_by=sender
    )
    Seat.objects.bulk_create(
        [Seat(conversation=conversation, member=it) for it in (first, second)]
    )
    return conversation


def _add(
    conversation: Conversation, sender: User, body: str, key: UUID | None
) -> Message:
    conversation.last_number += 1
    message = conversation.messages.create(
        number=conversation.last_number,
        author=sender,
        body=body,
        body_html=markdown.render(body),
        form_key=key,
    )
    conversation.save(update_fields=["last_number"])
    conversation.seats.update(last_at=message.at)
    # What somebody writes they have read, and all before it.
    _read_to(conversation, sender, message.number)
    _count_unread(sender)
    return message


def _tell(conversation: Conversation, to: User) -> None:
    """One piece of news for all that comes before they look."""
    seat = conversation.seats.get(member=to)
    tell(
        [to.pk],
        kind=Notification.Kind.MESSAGE,
        key=f"message:{conversation.pk}:{seat.read_to}",
        target=conversation,
        actor=conversation.other_than(to),
    )


@transaction.atomic
def mark_read(*, member: User, conversation: Conversation, number: int) -> None:
    """Remember how far a member has read; never goes backwards."""
    hold_members(member.pk)
    if _read_to(conversation, member, number):
        _count_unread(member)


def _read_to(conversation: Conversation, member: User, number: int) -> bool:
    seats = Seat.objects.filter(conversation=conversation, member=member)
    if not seats.filter(read_to__lt=number).update(read_to=number):
        return False
    Notification.objects.filter(
        member=member,
        target_kind=Conversation.activity_kind,
        target_id=conversation.pk,
        read_at=None,
    ).update(read_at=timezone.now())
    return True


def _count_unread(member: User) -> None:
    """On the member's row stands in how many conversations there is something new: the
    header of every page tells it."""
    news = Seat.objects.filter(
        member=member, read_to__lt=F("conversation__last_number")
    ).count()
    changed = User.objects.filter(pk=member.pk).exclude(unread_messages=news)
    changed.update(unread_messages=news)


@transaction.atomic
def clear(*, member: User, conversation: Conversation) -> None:
    """Throw a conversation away for oneself; the other keeps theirs. What is written
    later is seen again."""
    hold_members(member.pk)
    conversation.refresh_from_db()
    _read_to(conversation, member, conversation.last_number)
    _count_unread(member)
    seats = conversation.seats.filter(member=member)
    seats.update(cleared_to=conversation.last_number)


# Reading ---------------------------------------------------------------------------


def inbox(member: User, after: int | None = None) -> tuple[list[Seat], bool]:
    """A page of a member's conversations, the latest first, after the seat with that
    number; and if more follow."""
    seats = (
        Seat.objects.filter(
            member=member, conversation__last_number__gt=F("cleared_to")
        )
        .select_related("member", "conversation__first", "conversation__second")
        .annotate(last_body=Subquery(_last_message().values("body")[:1]))
    )
    before = Seat.objects.filter(member=member, pk=after).first() if after else None
    if before:
        seats = seats.filter(
            Q(last_at__lt=before.last_at) | Q(last_at=before.last_at, pk__lt=before.pk)
        )
    found: list[Any] = list(seats.order_by("-last_at", "-pk")[: INBOX_PAGE + 1])
    return found[:INBOX_PAGE], len(found) > INBOX_PAGE


def _last_message() -> QuerySet[Message]:
    return Message.objects.filter(
        conversation=OuterRef("conversation"), number__gt=OuterRef("cleared_to")
    ).order_by("-number")


def messages_in(
    seat: Seat, *, before: int | None = None, after: int | None = None
) -> tuple[list[Message], bool]:
    """The latest messages that the seat's member sees, in order of time; and if there
    are earlier ones."""
    found = seat.conversation.messages.filter(number__gt=seat.cleared_to)
    if before:
        found = found.filter(number__lt=before)
    if after is not None:
        found = found.filter(number__gt=after)
    latest = list(found.select_related("author").order_by("-number")[: PER_PAGE + 1])
    return latest[:PER_PAGE][::-1], len(latest) > PER_PAGE


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of those conversations that are the member's own. Who
    wrote is told, never what."""
    seats = Seat.objects.filter(member=member, conversation__in=numbers)
    related = "member", "conversation__first", "conversation__second"
    return {
        seat.conversation_id: (
            _("Message from %(name)s") % {"name": seat.other},
            seat.conversation.get_absolute_url(),
        )
        for seat in seats.select_related(*related)
    }


# Reporting -------------------------------------------------------------------------


@transaction.atomic
def report(*, message: Message, reporter: User, words: str) -> MessageReport:
    """Show a message to the operators, with a few before and after it. Reported again,
    it is the report that is there."""
    seat = message.conversation.seats.get(member=reporter)
    first = max(message.number - AROUND, seat.cleared_to + 1)
    around = message.conversation.messages.filter(
        number__range=(first, message.number + AROUND)
    )
    made, _is_new = MessageReport.objects.get_or_create(
        reporter=reporter,
        conversation=message.conversation,
        number=message.number,
        defaults={
            "about": message.author,
            "words": words,
            "excerpt": [_told(it) for it in around.order_by("number")],
        },
    )
    return made


def _told(message: Message) -> dict[str, object]:
    return {
        "number": message.number,
        "by": message.author_id,
        "at": message.at.isoformat(),
        "body": message.body,
    }


@transaction.atomic
def settle_report(*, report: MessageReport, by: User, note: str) -> None:
    report = MessageReport.objects.select_for_update().get(pk=report.pk)
    if report.closed_at:
        return
    report.closed_at, report.closed_by = timezone.now(), by
    report.save(update_fields=["closed_at", "closed_by"])
    audit.record(act="settled a reported message", actor=by, target=report, reason=note)


def note_reading(*, report: MessageReport, by: User) -> None:
    """Somebody of the staff opens what a member showed them."""
    audit.record(act="read a reported message", actor=by, target=report)
