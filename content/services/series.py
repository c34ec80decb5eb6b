"""Events that come again: making them ahead, changing and ending them, coming to all.

The row of the series is the lock for its dates. It is taken before any of its events;
several events are taken in the order of their dates.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib.apart import apart, each_apart
from content.errors import (
    EventOver,
    LastsTooLong,
    NotIncluded,
    RegistrationClosed,
    RuleMissesItsFirst,
    TooEarlyInSeries,
    TooLateToCancel,
)
from content.models import (
    AgendaEntry,
    Event,
    EventMaterial,
    EventSeries,
    Registration,
    SeriesGuest,
    Speaker,
)
from content.models.series import LONGEST
from content.services import events, registrations, seats

Kind = Notification.Kind

AHEAD = dt.timedelta(weeks=12)
# What an occurrence says as its pattern does; all but its time and its people.
COPIED = (
    *("kind", "title", "summary", "body", "body_html", "host", "space", "cohort"),
    *("place", "map_url", "join_url", "access", "price", "currency", "points"),
    *("included_in_membership", "seats", "questions", "free_until_hours"),
    "late_refund",
)
TIMES = ("starts_at", "ends_at", "opens_at", "closes_at", "time_zone")


# Beginning --------------------------------------------------------------------


@transaction.atomic
def start_series(
    *,
    event: Event,
    frequency: str,
    until: dt.date | None = None,
    count: int | None = None,
) -> EventSeries:
    """The event is the first of a series: it is published, and those of the coming
    weeks with it. Doing so again gives the series that it is in.

    Raises EventOver, LastsTooLong, and RuleMissesItsFirst where the day of the event is
    none of the rule's.
    """
    event = seats.hold_event(event.pk)
    if event.series:
        return event.series
    if event.is_cancelled or event.is_over:
        raise EventOver
    series = EventSeries(
        host=event.host,
        frequency=frequency,
        first_on=event.starts_there.date(),
        begins_at=event.starts_there.time(),
        time_zone=event.time_zone,
        minutes=_minutes(event),
        opens_before=_before(event, event.opens_at),
        closes_before=_before(event, event.closes_at),
        until=until,
        count=count,
    )
    if not series.begins_with_its_first:
        raise RuleMissesItsFirst
    series.save()
    _make_pattern(series, event)
    event.series, event.series_date = series, series.first_on
    event.save(update_fields=["series", "series_date"])
    events.publish_event(event=event, by=event.host)
    make_occurrences(series=series)
    return series


def _minutes(event: Event) -> int:
    minutes = max(int((event.ends_at - event.starts_at).total_seconds() // 60), 1)
    if minutes > LONGEST:
        raise LastsTooLong
    return minutes


def _before(event: Event, moment: dt.datetime | None) -> dt.timedelta | None:
    return None if moment is None else event.starts_at - moment


def _make_pattern(series: EventSeries, event: Event) -> None:
    pattern = Event(
        series=series,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        **_copied(event),
    )
    pattern.save()
    _copy_programme(event, pattern)


def _copied(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in COPIED}


def _copy_programme(source: Event, made: Event) -> None:
    """Speakers and agenda as they are now."""
    speakers: dict[int | None, Speaker | None] = {None: None}
    for speaker in source.speakers.all():
        number, speaker.pk, speaker.event = speaker.pk, None, made
        speaker.save()
        speakers[number] = speaker
    AgendaEntry.objects.bulk_create(
        AgendaEntry(
            event=made,
            begins_after=entry.begins_after,
            minutes=entry.minutes,
            title=entry.title,
            speaker=speakers[entry.speaker_id],
        )
        for entry in source.agenda.all()
    )


# Making ahead -----------------------------------------------------------------


def make_due() -> int:
    """The occurrences of the coming weeks, and seats for who comes to all of them.

    What was made is not made again; killed in between, the next run does the rest.
    """
    today = timezone.localdate()
    running = EventSeries.objects.exclude(until__lt=today - dt.timedelta(days=1))
    made = each_apart(running.order_by("pk"), lambda it: make_occurrences(series=it))
    register_guests()
    return made


@transaction.atomic
def make_occurrences(*, series: EventSeries) -> int:
    """Up to as far as we plan ahead; what is over is not made. How many are new."""
    series = _hold(pk=series.pk)
    pattern = pattern_of(series)
    today = timezone.localdate()
    there = set(series.events.values_list("series_date", flat=True))
    found = series.between(today - dt.timedelta(days=1), today + AHEAD)
    missing = [date for date in found if date not in there]
    made = [_occurrence(series, pattern, date) for date in missing]
    return sum(made)


def _occurrence(series: EventSeries, pattern: Event, date: dt.date) -> bool:
    made = Event(
        series=series,
        series_date=date,
        state=Event.State.PUBLISHED,
        published_at=timezone.now(),
        **_copied(pattern),
        **_times(series, date),
    )
    if made.is_over:
        return False
    made.save()
    _copy_programme(pattern, made)
    for material in pattern.materials.all():
        _copy_material(material, made)
    return True


def _times(series: EventSeries, date: dt.date) -> dict[str, Any]:
    starts_at = series.starts_at(date)
    opens, closes = series.opens_before, series.closes_before
    return {
        "starts_at": starts_at,
        "ends_at": starts_at + dt.timedelta(minutes=series.minutes),
        "opens_at": None if opens is None else starts_at - opens,
        "closes_at": None if closes is None else starts_at - closes,
        "time_zone": series.time_zone,
    }


def _date_of(event: Event) -> dt.date:
    """By the rule, wherever it was moved to."""
    return event.series_date or event.starts_there.date()


def _hold(**about: int) -> EventSeries:
    """Its dates stay as they are until the transaction ends."""
    rows = EventSeries.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(**about)


# Changing ---------------------------------------------------------------------


@transaction.atomic
def change_one(*, event: Event, by: User, **says: Any) -> Event:
    """This one alone; whatever becomes of the others, it stays as it is.

    Raises EventOver and SeatsTaken.
    """
    _hold(events=event.pk)
    now = Event.objects.get(pk=event.pk)
    if any(getattr(now, name) != value for name, value in says.items()):
        Event.objects.filter(pk=event.pk).update(departs=True)
    return events.change_event(event=event, by=by, **says)


@transaction.atomic
def change_following(*, event: Event, by: User, **says: Any) -> None:
    """What is said otherwise of this one holds for those that come after it as well,
    and for all that will be made; those that were changed alone stay as they are.

    Who comes is told once. Raises EventOver, LastsTooLong, SeatsTaken, and
    TooEarlyInSeries where it would come before the one that precedes it.
    """
    series = _hold(events=event.pk)
    event = Event.objects.get(pk=event.pk)
    if event.is_cancelled:
        raise EventOver
    rest = series.events.filter(series_date__gte=event.series_date)
    rows = list(rest.order_by("series_date"))
    is_shifted = _move_rule(series, event, says)
    changed = {
        name: value
        for name, value in says.items()
        if name not in TIMES and getattr(event, name) != value
    }
    events.apply_change(pattern_of(series), **changed)
    if is_shifted:
        _deal_dates(series, rows)
    moved = _change_all(series, rows, event, changed, says)
    _tell_all(series, moved, Kind.EVENT_CHANGED, by)
    make_occurrences(series=series)


def _move_rule(series: EventSeries, event: Event, says: dict[str, Any]) -> bool:
    """By as much as this one is moved; its times count where they are otherwise.
    Whether its days are others now."""
    told = Event(**{name: says.get(name, getattr(event, name)) for name in TIMES})
    was, is_now = event.starts_there, told.starts_there
    if days := (is_now.date() - was.date()).days:
        _count_anew(series, _date_of(event), dt.timedelta(days=days))
    if is_now.time() != was.time():
        series.begins_at = is_now.time()
    if _minutes(told) != _minutes(event):
        series.minutes = _minutes(told)
    series.time_zone = told.time_zone
    series.opens_before = _before(told, told.opens_at)
    series.closes_before = _before(told, told.closes_at)
    series.revision += 1
    series.save()
    return bool(days)


def _count_anew(series: EventSeries, date: dt.date, shift: dt.timedelta) -> None:
    """The rule goes on from another day, as often as it would have."""
    before = series.events.filter(series_date__lt=date)
    last = before.order_by("series_date").last()
    if last and last.series_date and date + shift <= last.series_date:
        raise TooEarlyInSeries
    is_until, times = series.until is not None, _times_from(series, date)
    series.count, series.until, series.first_on = times, None, date + shift
    if not series.begins_with_its_first:  # no longer the last of its month
        series.frequency = EventSeries.Frequency.MONTHLY_WEEKDAY
    if is_until:
        series.until, series.count = list(series.dates)[-1].date(), None


def _times_from(series: EventSeries, date: dt.date) -> int | None:
    """None: without an end."""
    if series.count is None and series.until is None:
        return None
    return sum(1 for it in series.dates if it.date() >= date)


def _deal_dates(series: EventSeries, rows: Sequence[Event]) -> None:
    """To each the next date of the rule, in their order; also to those cancelled, so
    that they stay left out."""
    for row, date in zip(rows, series.dates, strict=False):
        row.series_date = date.date()
        Event.objects.filter(pk=row.pk).update(series_date=row.series_date)


def _change_all(
    series: EventSeries,
    rows: Iterable[Event],
    chosen: Event,
    changed: dict[str, Any],
    says: dict[str, Any],
) -> list[int]:
    """The numbers of those whose guests are to be told."""
    moved = []
    for row in rows:
        is_chosen = row.pk == chosen.pk
        if row.is_cancelled or (not is_chosen and (row.departs or row.is_over)):
            continue
        told = says if is_chosen else changed | _times(series, _date_of(row))
        held = seats.hold_event(row.pk)
        if events.apply_change(held, **told):
            moved.append(held.pk)
        seats.fill(held)
    return moved


def _tell_all(
    series: EventSeries, numbers: list[int], kind: Notification.Kind, by: User
) -> None:
    """Each member once, at however many they have a seat."""
    tell(
        list(events.coming_to(numbers)),
        kind=kind,
        key=f"series:{series.pk}:{series.revision}",
        target=series,
        actor=by,
    )


@transaction.atomic
def spread_programme(*, event: Event) -> None:
    """Those that come after it get its speakers and its agenda, and so does all that
    will be made; those that were changed alone keep theirs."""
    series = _hold(events=event.pk)
    later = series.events.published().filter(
        series_date__gt=_date_of(event), departs=False, ends_at__gt=timezone.now()
    )
    numbers = later.order_by("series_date").values_list("pk", flat=True)
    for number in [*numbers, pattern_of(series).pk]:
        held = seats.hold_event(number)
        held.agenda.all().delete()
        held.speakers.all().delete()
        _copy_programme(event, held)


@transaction.atomic
def spread_material(*, material: EventMaterial) -> None:
    """All that come after it get the same file, and so does all that will be made."""
    event = Event.objects.get(pk=material.event_id)
    series = _hold(events=event.pk)
    later = series.events.published().filter(
        series_date__gt=_date_of(event), ends_at__gt=timezone.now()
    )
    for made in [*later.order_by("series_date"), pattern_of(series)]:
        _copy_material(material, made)


def _copy_material(material: EventMaterial, made: Event) -> None:
    made.materials.create(
        title=material.title, file=material.file.name, open_from=material.open_from
    )


@transaction.atomic
def end_series(
    *, series: EventSeries, by: User, last_on: dt.date | None = None, reason: str = ""
) -> None:
    """It takes place until that day; without one, never again from now on.

    What would come later is cancelled as any event is. A later day than before makes
    it go on.
    """
    series = _hold(pk=series.pk)
    today = timezone.localdate()
    series.until, series.count = last_on or today - dt.timedelta(days=1), None
    series.revision += 1
    series.save()
    coming = series.events.published().filter(starts_at__gt=timezone.now())
    if last_on:
        coming = coming.filter(series_date__gt=last_on)
    numbers = list(coming.order_by("series_date").values_list("pk", flat=True))
    told = list(events.coming_to(numbers))
    for number in numbers:
        held = seats.hold_event(number)
        if held.is_published and not held.is_over:
            events.apply_cancel(held, reason)
    tell(
        told,
        kind=Kind.EVENT_CANCELLED,
        key=f"series:{series.pk}:{series.revision}",
        target=series,
        actor=by,
    )
    make_occurrences(series=series)


def end_all_of(host: User) -> None:
    """They go for good."""
    for series in host.event_series.all():
        end_series(series=series, by=host)


# Coming to all ----------------------------------------------------------------


@transaction.atomic
def come_to_all(
    *, series: EventSeries, member: User, answers: Sequence[str] = ()
) -> SeriesGuest:
    """A seat, or a place in the queue, at each that comes and at each that will be
    made. Again changes nothing. Raises NotIncluded where each is to be paid.
    """
    hold_members(member.pk)
    if not may_come_to_all(series, member):
        raise NotIncluded
    guest, _is_new = SeriesGuest.objects.get_or_create(
        series=series, member=member, defaults={"answers": list(answers)}
    )
    coming = coming_of(series).filter(state=Event.State.PUBLISHED)
    for event in coming.order_by("series_date"):
        _come(event, guest)
    return guest


def may_come_to_all(series: EventSeries, member: User) -> bool:
    return registrations.is_included(pattern_of(series), member)


def _come(event: Event, guest: SeriesGuest) -> bool:
    """Where they may come without paying: a seat kept for their money helps nobody
    who did not ask for this one."""
    if not registrations.is_included(event, guest.member):
        return False
    try:
        registrations.register(event=event, member=guest.member, answers=guest.answers)
    except (RegistrationClosed, NotIncluded):
        return False
    return True


@transaction.atomic
def leave_all(*, series: EventSeries, member: User) -> None:
    """Every seat and place in the queue goes back; again changes nothing."""
    hold_members(member.pk)
    SeriesGuest.objects.filter(series=series, member=member).delete()
    mine = Registration.objects.filter(member=member, event__in=coming_of(series))
    mine = mine.exclude(state=Registration.State.CANCELLED)
    for registration in mine.order_by("event__series_date"):
        try:
            registrations.cancel_registration(registration=registration)
        except TooLateToCancel:
            continue


def register_guests() -> int:
    """Of what was made, or opened, meanwhile. Who left one of them stays away from it;
    who may not read there any more is not registered."""
    done = 0
    for guest_id, event_id in _without_a_seat():
        done += apart(_register_guest, guest_id=guest_id, event_id=event_id)
    return done


def _without_a_seat() -> list[tuple[int, int]]:
    known = Registration.objects.filter(
        member=OuterRef("member"), event=OuterRef("event")
    )
    guests = SeriesGuest.objects.filter(
        series__events__state=Event.State.PUBLISHED,
        series__events__ends_at__gt=timezone.now(),
        series__events__series_date__isnull=False,
    )
    found = guests.annotate(event=F("series__events")).filter(~Exists(known))
    return list(found.order_by("event", "since").values_list("pk", "event"))


@transaction.atomic
def _register_guest(*, guest_id: int, event_id: int) -> bool:
    guest = SeriesGuest.objects.select_related("member").filter(pk=guest_id).first()
    if guest is None or not guest.member.is_active:
        return False
    event = Event.objects.visible_to(guest.member).filter(pk=event_id).first()
    return event is not None and _come(event, guest)


# Reading ----------------------------------------------------------------------


def pattern_of(series: EventSeries) -> Event:
    patterns = Event.objects.filter(series=series, series_date=None)
    return patterns.select_related("host", "space").get()


def coming_of(series: EventSeries) -> QuerySet[Event]:
    """Those that are made and not over, the next first; also the cancelled ones."""
    made = series.events.filter(series_date__isnull=False)
    return made.filter(ends_at__gt=timezone.now()).order_by("starts_at", "pk")


def is_guest(series: EventSeries, user: User) -> bool:
    return user.is_authenticated and series.guests.filter(member=user).exists()


def hosted_by(user: User, *, everything: bool) -> QuerySet[EventSeries]:
    """With their titles."""
    found = EventSeries.objects.all() if everything else user.event_series.all()
    pattern = Event.objects.filter(series=OuterRef("pk"), series_date=None)
    titled = found.annotate(title=Subquery(pattern.values("title")))
    return titled.select_related("host")


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of those among them that this member may see now."""
    found = EventSeries.objects.visible_to(member).filter(pk__in=numbers)
    patterns = Event.objects.filter(series__in=found, series_date=None)
    return {
        it.series.pk: (it.title, it.series.get_absolute_url())
        for it in patterns.select_related("series")
        if it.series
    }
