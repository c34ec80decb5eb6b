"""Making events, changing and cancelling them, and finding those that one may see."""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib import markdown
from community.lib.uploads import accept
from content.errors import EventOver, SeatsTaken
from content.models import AgendaEntry, Event, EventMaterial, Registration, Speaker
from content.services import seats

Kind = Notification.Kind
# Who has a seat is told when one of these is otherwise than it was.
WHERE_AND_WHEN = ("starts_at", "ends_at", "time_zone", "place", "map_url")
MOST_MATERIALS = 30


@transaction.atomic
def make_event(*, by: User, form_key: UUID | None = None, **says: Any) -> Event:
    """A draft, which nobody else sees. The same form again is the same event."""
    hold_members(by.pk)
    sent = Event.objects.filter(host=by, form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    event = Event(host=by, form_key=form_key, **says)
    event.body_html = markdown.render(event.body)
    event.save()
    return event


@transaction.atomic
def change_event(*, event: Event, by: User, **says: Any) -> Event:
    """Who has or waits for a seat is told of another time or place.

    Raises EventOver once it is cancelled, and SeatsTaken where there would be fewer
    seats than are taken.
    """
    event = seats.hold_event(event.pk)
    if event.is_cancelled:
        raise EventOver
    before = {name: getattr(event, name) for name in WHERE_AND_WHEN}
    for name, value in says.items():
        setattr(event, name, value)
    if event.seats is not None and event.seats < event.taken:
        raise SeatsTaken(event.taken)
    event.body_html = markdown.render(event.body)
    is_moved = any(getattr(event, name) != was for name, was in before.items())
    if is_moved and event.is_published:
        event.moved_at = timezone.now()
    _save(event)
    if is_moved and event.is_published:
        _tell_all(event, Kind.EVENT_CHANGED, by)
    seats.fill(event)
    return event


@transaction.atomic
def publish_event(*, event: Event) -> None:
    """From now on it is seen; twice is once. Raises EventOver."""
    event = seats.hold_event(event.pk)
    if event.is_published:
        return
    if event.is_cancelled or event.is_over:
        raise EventOver
    event.state, event.published_at = Event.State.PUBLISHED, timezone.now()
    _save(event)


@transaction.atomic
def cancel_event(*, event: Event, by: User, reason: str = "") -> None:
    """It does not take place: everybody is told, and gets back all that they paid.

    Twice is once. Raises EventOver when it has taken place.
    """
    event = seats.hold_event(event.pk)
    if event.is_cancelled:
        return
    if event.is_over:
        raise EventOver
    event.state, event.cancel_reason = Event.State.CANCELLED, reason
    event.cancelled_at = timezone.now()
    _save(event)
    _tell_all(event, Kind.EVENT_CANCELLED, by)
    from content import tasks  # they know of us

    tasks.wind_up_event.delay_on_commit(event.pk)


@transaction.atomic
def remove_draft(*, event: Event) -> None:
    """Raises EventOver once it went out."""
    event = seats.hold_event(event.pk)
    if not event.is_draft or event.registrations.exists():
        raise EventOver
    event.delete()


def _save(event: Event) -> None:
    event.revision += 1
    event.changed_at = timezone.now()
    event.save()


def _tell_all(event: Event, kind: Notification.Kind, by: User) -> None:
    """In one statement, however many there are."""
    rows = event.registrations.exclude(state=Registration.State.CANCELLED)
    tell(
        rows.values_list("member_id", flat=True),
        kind=kind,
        key=f"event:{event.pk}:{event.revision}",
        target=event,
        actor=by,
    )


def cancel_all_of(host: User) -> None:
    """They go for good; what they would have led does not take place."""
    Event.objects.filter(host=host, state=Event.State.DRAFT).delete()
    coming = Event.objects.published().filter(host=host, ends_at__gt=timezone.now())
    for event in coming:
        cancel_event(event=event, by=host)


# Programme --------------------------------------------------------------------


@transaction.atomic
def save_speakers(*, event: Event, speakers: Sequence[dict[str, Any]]) -> None:
    """Those, in this order, in place of those that were; one with a number stays."""
    event = seats.hold_event(event.pk)
    kept = [it["pk"] for it in speakers if it.get("pk")]
    event.speakers.exclude(pk__in=kept).delete()
    for position, says in enumerate(speakers):
        number = says.get("pk")
        speaker = Speaker(event=event)
        if number:
            speaker = event.speakers.get(pk=number)
        speaker.member, speaker.name = says["member"], says["name"]
        speaker.about, speaker.position = says["about"], position
        speaker.save()
    _save(event)


@transaction.atomic
def save_agenda(*, event: Event, entries: Sequence[dict[str, Any]]) -> None:
    """The whole of it, in place of what was."""
    event = seats.hold_event(event.pk)
    event.agenda.all().delete()
    AgendaEntry.objects.bulk_create(
        AgendaEntry(event=event, **entry) for entry in entries
    )
    _save(event)


@transaction.atomic
def add_material(
    *, event: Event, title: str, upload: UploadedFile, open_from: str
) -> EventMaterial:
    """Judged by its content. Raises NotAccepted."""
    upload = accept(upload, "attachment")
    return event.materials.create(title=title, file=upload, open_from=open_from)


def remove_material(*, material: EventMaterial) -> None:
    """Its bytes go after commit; see receivers.py."""
    material.delete()


# Reading ----------------------------------------------------------------------


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of those among them that this member may see now."""
    found = Event.objects.visible_to(member).filter(pk__in=numbers)
    return {it.pk: (it.title, it.get_absolute_url()) for it in found}


def next_for(member: User) -> Event | None:
    """What this member has a seat at next; else what they might come to next."""
    mine = Registration.objects.filter(
        event=OuterRef("pk"), member=member.pk, state=Registration.State.GOING
    )
    coming = Event.objects.visible_to(member).published().coming()
    found = coming.annotate(is_mine=Exists(mine)).select_related("host", "space")
    return found.order_by("-is_mine", "starts_at", "pk").first()


@dataclass(frozen=True)
class Day:
    date: dt.date
    is_in_month: bool
    is_today: bool
    events: list[Event]


@dataclass(frozen=True)
class Month:
    """A month as a calendar shows it, in whole weeks, and as a list. `before` and
    `after` are the nearest months in which there is something."""

    first: dt.date
    weeks: list[list[Day]]
    events: list[Event]
    before: dt.date | None
    after: dt.date | None


def month_of(events: QuerySet[Event], first: dt.date) -> Month:
    """Of these events those that begin in the month, by the reader's clock."""
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(first, dt.time(), zone)
    next_month = (first + dt.timedelta(days=32)).replace(day=1)
    end = dt.datetime.combine(next_month, dt.time(), zone)
    found = events.filter(starts_at__gte=start, starts_at__lt=end)
    rows = list(found.select_related("host", "space").order_by("starts_at", "pk"))
    by_day: dict[dt.date, list[Event]] = {}
    for row in rows:
        by_day.setdefault(row.starts_at.astimezone(zone).date(), []).append(row)
    earlier = events.filter(starts_at__lt=start).order_by("-starts_at").first()
    later = events.filter(starts_at__gte=end).order_by("starts_at").first()
    return Month(
        first=first,
        weeks=_weeks(first, by_day),
        events=rows,
        before=_month_with(earlier, zone),
        after=_month_with(later, zone),
    )


def _weeks(first: dt.date, by_day: dict[dt.date, list[Event]]) -> list[list[Day]]:
    today = timezone.localdate()
    return [
        [
            Day(day, day.month == first.month, day == today, by_day.get(day, []))
            for day in week
        ]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]


def _month_with(event: Event | None, zone: dt.tzinfo) -> dt.date | None:
    if event is None:
        return None
    return event.starts_at.astimezone(zone).date().replace(day=1)


def hosted_by(user: User, *, everything: bool) -> QuerySet[Event]:
    """What this person leads, or with `everything` all there is, the latest first."""
    found = Event.objects.all() if everything else Event.objects.filter(host=user)
    return found.select_related("host", "space")
