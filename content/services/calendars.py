"""Events for calendars: a file of one, and an address of all that a member goes to,
their appointments among it."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from content.models import Appointment, CalendarAddress, Event, Registration
from content.services import appointments, secret_addresses
from content.services.appointment_files import entry_of
from content.services.due_dates import Due

KEPT = dt.timedelta(days=90)  # after they have taken place
MOST = 500


make_address = partial(secret_addresses.make_address, CalendarAddress)
remove_address = partial(secret_addresses.remove_address, CalendarAddress)
has_address = partial(secret_addresses.has_address, CalendarAddress)
owner = partial(secret_addresses.owner, CalendarAddress)


def address_of(token: str) -> str:
    return reverse("content:calendar_feed", args=[token])


def events_for(member: User) -> list[Event]:
    """What this member has a seat at or leads; also what was cancelled meanwhile, so
    that calendars take it out."""
    since = timezone.now() - KEPT
    mine = Registration.objects.filter(member=member, event__ends_at__gt=since)
    # Who had a seat until it was cancelled lost it with it, not before.
    lost = Q(
        event__state=Event.State.CANCELLED,
        registered_at__isnull=False,
        cancelled_at__gte=F("event__cancelled_at"),
    )
    seats = mine.filter(Q(state=Registration.State.GOING) | lost)
    out = Event.objects.exclude(state=Event.State.DRAFT).filter(ends_at__gt=since)
    found = out.filter(Q(pk__in=seats.values("event")) | Q(host=member))
    return list(found.order_by("starts_at", "pk")[:MOST])


class WholeDay(NamedTuple):
    """Something that is for a day and not for an hour, such as the end of it."""

    uid: str
    day: dt.date
    title: str
    url: str
    said_at: dt.datetime


def days_of(dues: Iterable[Due]) -> list[WholeDay]:
    return [
        WholeDay(
            uid=f"due-{it.cohort.pk}-{it.pk}",
            day=it.day,
            title=_("Due: %(title)s") % {"title": it.title},
            url=it.url,
            said_at=it.cohort.created_at,
        )
        for it in dues
    ]


class Hours(NamedTuple):
    """Appointments, as one of the two reads them."""

    reader: User
    appointments: Sequence[Appointment]


def hours_of(member: User) -> Hours:
    since = timezone.now() - KEPT
    return Hours(member, appointments.of_calendar(member, since=since))


def mark_of(
    events: Sequence[Event],
    title: str,
    days: Sequence[WholeDay] = (),
    hours: Hours | None = None,
) -> str:
    """Another one as soon as the file of them would say anything else: each change of
    an event raises its revision, and each of an appointment says when."""
    told = [(event.pk, event.revision) for event in events]
    kept = [
        (hour.pk, hour.revision, hour.state, hour.changed_at.isoformat())
        for hour in (hours.appointments if hours else ())
    ]
    said = f"{settings.SITE_URL} {title} {told} {[tuple(day) for day in days]} {kept}"
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def file_of(
    events: Iterable[Event],
    *,
    title: str,
    with_links: bool,
    days: Sequence[WholeDay] = (),
    hours: Hours | None = None,
) -> bytes:
    """`with_links`: for who has a seat, with the link that lets them in."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Zhiqun//events//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", title)
    for event in events:
        made.add_component(_entry(event, with_link=with_links))
    for day in days:
        made.add_component(_day_entry(day))
    if hours:
        for hour in hours.appointments:
            made.add_component(entry_of(hour, reader=hours.reader))
    made.add_missing_timezones()
    return made.to_ical()


def _entry(event: Event, *, with_link: bool) -> icalendar.Event:
    page = settings.SITE_URL + event.get_absolute_url()
    entry = icalendar.Event()
    # The same one after every change: `sequence` says which is the newest.
    entry.add("uid", f"event-{event.pk}@{urlsplit(settings.SITE_URL).hostname}")
    entry.add("sequence", event.revision)
    entry.add("dtstamp", event.changed_at.astimezone(dt.UTC))
    entry.add("dtstart", event.starts_there)
    entry.add("dtend", event.ends_there)
    entry.add("summary", event.title)
    joined = [event.join_url] if with_link and event.join_url else []
    said = [event.summary, *joined, page]
    entry.add("description", "\n".join(part for part in said if part))
    entry.add("url", page)
    if event.place:
        entry.add("location", event.place)
    entry.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    return entry


def _day_entry(day: WholeDay) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"{day.uid}@{urlsplit(settings.SITE_URL).hostname}")
    entry.add("dtstamp", day.said_at.astimezone(dt.UTC))
    entry.add("dtstart", day.day)
    entry.add("summary", day.title)
    entry.add("url", settings.SITE_URL + day.url)
    entry.add("transp", "TRANSPARENT")  # nobody is busy all day for it
    return entry
