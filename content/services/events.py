"""Making events, changing and cancelling them, and finding those that one may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Notification, User
from accounts.services import audit
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib import markdown
from community.lib.uploads import accept
from content.errors import EventOver, NotYetOver, SeatsTaken
from content.models import (
    AgendaEntry,
    Event,
    EventMaterial,
    Registration,
    Speaker,
)
from content.services import seats

Kind = Notification.Kind
# Who has a seat is told when one of these is otherwise than it was.
WHERE_AND_WHEN = ("starts_at", "ends_at", "time_zone", "place", "map_url")


@dataclass(frozen=True)
class When:
    """An event, in news that tell when it takes place."""

    pk: int
    activity_kind: ClassVar[str] = "event_time"


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
    cohort_before = event.cohort_id
    if apply_change(event, **says):
        _tell_all(event, Kind.EVENT_CHANGED, by)
    if event.is_published and event.cohort_id != cohort_before:
        _tell_cohort(event, by)
    seats.fill(event)
    _note_in_audit("changed an event", event, by)
    return event


def apply_change(event: Event, **says: Any) -> bool:
    """The event is held. Whether those who come to it should be told."""
    if event.is_cancelled:
        raise EventOver
    before = {name: getattr(event, name) for name in WHERE_AND_WHEN}
    for name, value in says.items():
        setattr(event, name, value)
    if event.seats is not None and event.seats < event.taken:
        raise SeatsTaken(event.taken)
    event.body_html = markdown.render(event.body)
    is_otherwise = any(getattr(event, name) != was for name, was in before.items())
    is_moved = is_otherwise and event.is_published
    if is_moved:
        event.moved_at = timezone.now()
    _save(event)
    return is_moved


@transaction.atomic
def publish_event(*, event: Event, by: User) -> None:
    """From now on it is seen; twice is once. Raises EventOver."""
    event = seats.hold_event(event.pk)
    if event.is_published:
        return
    if event.is_cancelled or event.is_over or event.is_pattern:
        raise EventOver
    event.state, event.published_at = Event.State.PUBLISHED, timezone.now()
    _save(event)
    _tell_cohort(event, by)
    _note_in_audit("published an event", event, by)


def _tell_cohort(event: Event, by: User) -> None:
    """Who learns in the cohort that it is for, and its mentor, learn that they meet."""
    if event.cohort is None:
        return
    mentor = [event.cohort.mentor_id] if event.cohort.mentor_id else []
    tell(
        [*event.cohort.learners.values_list("member_id", flat=True), *mentor],
        kind=Kind.COHORT_EVENT,
        key=f"cohort event:{event.pk}",
        target=event,
        actor=by,
    )


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
    apply_cancel(event, reason)
    _tell_all(event, Kind.EVENT_CANCELLED, by)
    _note_in_audit("cancelled an event", event, by, reason=reason)


def _note_in_audit(act: str, event: Event, by: User, reason: str = "") -> None:
    """What hosts do with their own is no act of the staff."""
    if by.pk != event.host_id:
        audit.record(act=act, actor=by, target=event, reason=reason)


def apply_cancel(event: Event, reason: str) -> None:
    """The event is held, and comes still; who is to be told is told by the caller."""
    event.state, event.cancel_reason = Event.State.CANCELLED, reason
    event.cancelled_at = timezone.now()
    _save(event)
    from content import tasks  # they know of us

    tasks.wind_up_event.delay_on_commit(event.pk)


@transaction.atomic
def remove_draft(*, event: Event) -> None:
    """Raises EventOver once it went out."""
    event = seats.hold_event(event.pk)
    if not event.is_draft or event.is_pattern or event.registrations.exists():
        raise EventOver
    event.delete()


def _save(event: Event) -> None:
    event.revision += 1
    event.changed_at = timezone.now()
    event.save()


def _tell_all(event: Event, kind: Notification.Kind, by: User) -> None:
    """In one statement, however many there are."""
    is_moved = kind == Kind.EVENT_CHANGED
    tell(
        coming_to([event.pk]),
        kind=kind,
        key=f"event:{event.pk}:{event.revision}",
        target=When(event.pk) if is_moved else event,
        actor=by,
    )


def coming_to(numbers: Iterable[int]) -> QuerySet[Registration, int]:
    """Numbers of the members who have or wait for a seat at one of these events."""
    rows = Registration.objects.filter(event__in=numbers)
    rows = rows.exclude(state=Registration.State.CANCELLED)
    return rows.order_by().values_list("member_id", flat=True).distinct()


@transaction.atomic
def note_staff_time(*, event: Event, by: User, minutes: int | None) -> None:
    """How long all who worked for it did so; None: it is not known. Calendars do not
    learn of it; the audit does, as what forms cost is compared by it. Raises
    NotYetOver, and EventOver for what never took place."""
    event = seats.hold_event(event.pk)
    if event.is_cancelled:
        raise EventOver
    if event.is_draft or not event.is_over:
        raise NotYetOver
    before, event.staff_minutes = event.staff_minutes, minutes
    if before == minutes:
        return
    event.save(update_fields=["staff_minutes"])
    audit.record(
        act="noted the staff time of an event",
        actor=by,
        target=event,
        before=before,
        after=minutes,
    )


def cancel_all_of(host: User) -> None:
    """They go for good; what they would have led does not take place."""
    drafts = Event.objects.filter(host=host, state=Event.State.DRAFT)
    drafts.filter(series=None).delete()
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


@transaction.atomic
def remove_material(*, material: EventMaterial) -> None:
    """Its bytes go after commit with the last that has them; see receivers.py. From
    the pattern of a series: from all that come as well."""
    event = material.event
    if event.is_pattern:
        coming = Event.objects.coming().filter(series=event.series_id)
        EventMaterial.objects.filter(event__in=coming, file=material.file.name).delete()
    material.delete()


# Reading ----------------------------------------------------------------------


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of those among them that this member may see now."""
    found = Event.objects.visible_to(member).filter(pk__in=numbers)
    return {it.pk: (it.title, it.get_absolute_url()) for it in found}


def times_shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """`shown_to` with the time, by the reader's clock; until it is over."""
    found = Event.objects.visible_to(member).coming().filter(pk__in=numbers)
    return {it.pk: (title_and_time(it), it.get_absolute_url()) for it in found}


def title_and_time(event: Event) -> str:
    at = timezone.localtime(event.starts_at)
    return f"{event.title}, {date_format(at, 'DATETIME_FORMAT')}"


def next_for(member: User) -> Event | None:
    """What this member has a seat at next; else what they might come to next."""
    mine = Registration.objects.filter(
        event=OuterRef("pk"), member=member.pk, state=Registration.State.GOING
    )
    coming = Event.objects.visible_to(member).published().coming()
    found = coming.annotate(is_mine=Exists(mine)).select_related("host", "space")
    return found.order_by("-is_mine", "starts_at", "pk").first()


def hosted_by(user: User, *, everything: bool) -> QuerySet[Event]:
    """What this person leads, or with `everything` all there is, the latest first;
    without the patterns of series."""
    found = Event.objects.all() if everything else Event.objects.filter(host=user)
    found = found.filter(Q(series=None) | Q(series_date__isnull=False))
    return found.select_related("host", "space")
