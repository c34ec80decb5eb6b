"""Who was there: by their ticket at the door, or by how long they were in the room.

Until an hour after the end everything can be put right. Then it is counted once: who
had a seat came or did not, and that somebody came is told to the log.
"""

import datetime as dt
import re

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Notification, User, Verb
from accounts.services.activity import record_activity
from accounts.services.notifications import tell
from community.lib.apart import each_apart
from content.errors import AlreadyCounted, EventOver, NoSeatKept, TooEarly
from content.models import Event, Registration
from content.services import outcomes, seats

State = Registration.State

CHECK_IN_FROM = dt.timedelta(hours=12)  # before the beginning
COUNTED_AFTER = dt.timedelta(hours=1)
# Where nobody was noted until then, nobody is said to have stayed away.
NOTED_UNTIL = dt.timedelta(days=3)
LOOKED_BACK = dt.timedelta(days=90)
LONG_ENOUGH = dt.timedelta(minutes=30)

# What nobody mistakes for another, read aloud or typed at a door.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MARK = 6  # letters that only we can make
MISREAD = str.maketrans("OIL", "011")


# Tickets ----------------------------------------------------------------------


def code_of(registration: Registration) -> str:
    """The ticket: the number of the registration and a mark that makes it ours."""
    return f"{_in_letters(registration.pk)}-{_mark(registration.pk)}"


def number_of(code: str) -> int | None:
    """Of which registration this is the ticket; None for what is none of ours."""
    typed = re.sub(r"[\s-]", "", code).upper().translate(MISREAD)
    head, mark = typed[:-MARK], typed[-MARK:]
    if not re.fullmatch(f"[{LETTERS}]{{1,12}}", head):
        return None
    number = 0
    for letter in head:
        number = number * len(LETTERS) + LETTERS.index(letter)
    return number if _mark(number) == mark else None


def _mark(number: int) -> str:
    digest = salted_hmac(
        "content.attendance.ticket",
        str(number),
        secret=settings.SECRET_KEY,
        algorithm="sha256",
    ).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:MARK])


def _in_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number, len(LETTERS))
        letters = LETTERS[rest] + letters
    return letters or LETTERS[0]


# At the door ------------------------------------------------------------------


def opens_at(event: Event) -> dt.datetime:
    return event.starts_at - CHECK_IN_FROM


@transaction.atomic
def check_in(*, registration: Registration) -> Registration:
    """They are here; twice is once, and the first time stays.

    Raises EventOver for what was cancelled, TooEarly, and NoSeatKept.
    """
    registration = _hold(registration.pk)
    event, now = registration.event, timezone.now()
    if not event.is_published:
        raise EventOver
    if now < opens_at(event):
        raise TooEarly
    if not registration.is_going:
        raise NoSeatKept
    if registration.checked_in_at:
        return registration
    registration.checked_in_at = now
    registration.save(update_fields=["checked_in_at"])
    outcome = outcomes.hold(event)
    if outcome.settled_at:
        _count(registration, came=True)
        outcomes.recount(outcome)
    return registration


@transaction.atomic
def undo_check_in(*, registration: Registration) -> None:
    """It was somebody else. Raises AlreadyCounted."""
    registration = _hold(registration.pk)
    if registration.no_show is not None:
        raise AlreadyCounted
    registration.checked_in_at = None
    registration.save(update_fields=["checked_in_at"])


def _hold(pk: int) -> Registration:
    event_id = Registration.objects.values_list("event_id", flat=True).get(pk=pk)
    event = seats.hold_event(event_id)
    rows = Registration.objects.select_for_update(of=("self",), no_key=True)
    registration = rows.select_related("member").get(pk=pk)
    registration.event = event
    return registration


# In the room ------------------------------------------------------------------


def seconds_needed(event: Event) -> int:
    """How long makes somebody count as having been there: half of it; of what is long,
    half an hour."""
    half = (event.ends_at - event.starts_at) / 2
    return int(min(half, LONG_ENOUGH).total_seconds())


def was_there(registration: Registration) -> bool:
    stayed = registration.seconds_present >= seconds_needed(registration.event)
    return registration.checked_in_at is not None or stayed


# The clock --------------------------------------------------------------------


def settle_due(now: dt.datetime | None = None) -> int:
    """Count who came to what is over; each event on its own."""
    now = now or timezone.now()
    over = Event.objects.published().filter(
        ends_at__lte=now - COUNTED_AFTER, ends_at__gt=now - LOOKED_BACK
    )
    due = over.filter(Q(outcome=None) | Q(outcome__settled_at=None))
    return each_apart(due, lambda event: settle(event=event, now=now))


@transaction.atomic
def settle(*, event: Event, now: dt.datetime) -> bool:
    """Whether it was counted now. Killed in between, nothing of it has happened."""
    event = seats.hold_event(event.pk)
    outcome = outcomes.hold(event)
    if outcome.settled_at:
        return False
    people = _seated(event)
    there = {it.member_id for it in people if was_there(it)}
    if not there and now < event.ends_at + NOTED_UNTIL:
        return False
    if there:
        for registration in people:
            _count(registration, came=registration.member_id in there)
    outcome.settled_at = now
    outcomes.recount(outcome)
    tell(there, kind=Notification.Kind.EVENT_OVER, key=f"over:{event.pk}", target=event)
    return True


def _seated(event: Event) -> list[Registration]:
    rows = Registration.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(event=event, state=State.GOING, no_show=None)
    people = list(found.select_related("member").order_by("pk"))
    for registration in people:
        registration.event = event
    return people


def _count(registration: Registration, *, came: bool) -> None:
    """From "not known" or "did not come" to "came" it goes once, and never back."""
    if registration.no_show is False:
        return
    registration.no_show = not came
    registration.save(update_fields=["no_show"])
    if came:
        event = registration.event
        record_activity(
            member=registration.member,
            verb=Verb.EVENT_ATTENDED,
            target=event,
            space=event.space_id,
            at=min(event.ends_at, timezone.now()),
        )


# Reading ----------------------------------------------------------------------


def at_the_door(event: Event, words: str = "") -> QuerySet[Registration]:
    """Who has a seat, by name; with `words` those whose name has them."""
    rows = event.registrations.filter(state=State.GOING).select_related("member")
    if words:
        rows = rows.filter(
            Q(member__name__icontains=words) | Q(member__username__icontains=words)
        )
    return rows.order_by("member__name", "member__username", "pk")


def with_ticket(event: Event, code: str) -> Registration | None:
    """Whose ticket this is, if it is one for this event."""
    found = event.registrations.filter(pk=number_of(code) or 0)
    return found.select_related("member").first()


def has_come(member: User, event: Event) -> bool:
    """Where it was not noted who came, everybody who had a seat may have."""
    mine = Registration.objects.filter(event=event, member=member.pk, state=State.GOING)
    return mine.exclude(no_show=True).exists()
