"""What takes place when: what comes next, and a month as a calendar.

Events begin at a moment. Challenges and themed weeks last for days: a calendar names
them on their first day and on their last.
"""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from community.lib.dates import site_day
from content.models import Challenge, Event, ThemeWeek
from content.models.themes import DAYS

SOON = dt.timedelta(weeks=6)
AT_LEAST = 10  # however far away they are
AT_MOST = 60


@dataclass(frozen=True)
class Span:
    """Something that lasts for days."""

    title: str
    url: str
    label: str
    first: dt.date
    last: dt.date


@dataclass
class Day:
    date: dt.date
    is_in_month: bool
    is_today: bool
    events: list[Event] = field(default_factory=list)
    begins: list[Span] = field(default_factory=list)
    ends: list[Span] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.events or self.begins or self.ends)


@dataclass(frozen=True)
class Month:
    """A month as a calendar shows it, in whole weeks, and as a list. `before` and
    `after` are the nearest months in which an event begins."""

    first: dt.date
    weeks: list[list[Day]]
    events: list[Event]
    spans: list[Span]
    before: dt.date | None
    after: dt.date | None


def coming_of(events: QuerySet[Event]) -> list[Event]:
    """Those of the next six weeks and what runs now; where that is little, more."""
    now = timezone.now()
    coming = events.filter(ends_at__gt=now).order_by("starts_at", "pk")
    rows = coming.select_related("host", "space")[:AT_MOST]
    return [
        row
        for number, row in enumerate(rows)
        if number < AT_LEAST or row.starts_at < now + SOON
    ]


def coming_spans(spans: Iterable[Span]) -> list[Span]:
    today = site_day()
    soon = today + SOON
    return [it for it in spans if it.last >= today and it.first <= soon]


def spans_of(
    challenges: QuerySet[Challenge],
    weeks: QuerySet[ThemeWeek] | None = None,
    *,
    since: dt.date,
) -> list[Span]:
    """Of these what lasts until then or longer, the first to begin first."""
    camps = challenges.filter(state=Challenge.State.PUBLISHED, last_day__gte=since)
    themed = ThemeWeek.objects.none() if weeks is None else weeks
    themed = themed.filter(starts_on__gt=since - dt.timedelta(days=DAYS))
    found = [
        Span(
            title=it.title,
            url=it.get_absolute_url(),
            label=_("Challenge"),
            first=it.first_day,
            last=it.last_day,
        )
        for it in camps.order_by("first_day", "pk")[:AT_MOST]
    ] + [
        Span(
            title=it.title,
            url=f"/themes/weeks/{it.pk}/",
            label=_("Themed week"),
            first=it.starts_on,
            last=it.ends_on,
        )
        for it in themed.order_by("starts_on", "pk")[:AT_MOST]
    ]
    return sorted(found, key=lambda it: (it.first, it.last, it.title))


def month_of(
    events: QuerySet[Event], first: dt.date, spans: Iterable[Span] = ()
) -> Month:
    """Of these events those that begin in the month, by the reader's clock, and of
    the spans those that touch it."""
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(first, dt.time(), zone)
    next_month = (first + dt.timedelta(days=32)).replace(day=1)
    end = dt.datetime.combine(next_month, dt.time(), zone)
    found = events.filter(starts_at__gte=start, starts_at__lt=end)
    rows = list(found.select_related("host", "space").order_by("starts_at", "pk"))
    touching = [it for it in spans if it.first < next_month and it.last >= first]
    earlier = events.filter(starts_at__lt=start).order_by("-starts_at").first()
    later = events.filter(starts_at__gte=end).order_by("starts_at").first()
    return Month(
        first=first,
        weeks=_weeks(first, rows, touching),
        events=rows,
        spans=touching,
        before=_month_with(earlier, zone),
        after=_month_with(later, zone),
    )


def _weeks(
    first: dt.date, events: Iterable[Event], spans: Iterable[Span]
) -> list[list[Day]]:
    today = timezone.localdate()
    weeks = [
        [Day(day, day.month == first.month, day == today) for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    days = {day.date: day for week in weeks for day in week}
    for event in events:
        days[timezone.localdate(event.starts_at)].events.append(event)
    for span in spans:
        if span.first in days:
            days[span.first].begins.append(span)
        if span.last in days and span.last != span.first:
            days[span.last].ends.append(span)
    return weeks


def _month_with(event: Event | None, zone: dt.tzinfo) -> dt.date | None:
    if event is None:
        return None
    return event.starts_at.astimezone(zone).date().replace(day=1)
