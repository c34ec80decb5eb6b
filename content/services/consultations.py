"""What experts offer of their time, and when they are there."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Expert, User
from accounts.services import shares
from accounts.services.members import hold_members
from community.lib.intervals import wilson
from content.errors import NotTaken
from content.models import (
    Appointment,
    Availability,
    AvailabilityException,
    Consultation,
    ExpertCalendar,
    TimeCell,
)
from content.services import slots

MOST_HOURS = 60
GOOD = 4  # stars


# What the expert says ---------------------------------------------------------


@transaction.atomic
def add_consultation(
    *, expert: User, form_key: UUID | None = None, **says: Any
) -> Consultation:
    """The same form sent again returns the one already there."""
    hold_members(expert.pk)
    made = Consultation.objects.filter(expert=expert, form_key=form_key)
    if form_key and (there := made.first()):
        return there
    return Consultation.objects.create(expert=expert, form_key=form_key, **says)


def change_consultation(*, consultation: Consultation, **says: Any) -> None:
    """What is booked already keeps the price and the length it was booked at."""
    for name, value in says.items():
        setattr(consultation, name, value)
    consultation.save(update_fields=list(says))


@transaction.atomic
def save_calendar(*, expert: User, **says: Any) -> ExpertCalendar:
    hold_members(expert.pk)
    calendar, _ = ExpertCalendar.objects.update_or_create(expert=expert, defaults=says)
    return calendar


def calendar_of(expert: User) -> ExpertCalendar:
    """Theirs, or one that is not kept yet, by the clock they read here."""
    found = ExpertCalendar.objects.filter(expert=expert).first()
    return found or ExpertCalendar(
        expert=expert,
        time_zone=expert.time_zone or timezone.get_default_timezone_name(),
    )


@transaction.atomic
def add_hours(*, expert: User, weekdays: Iterable[int], begins: int, ends: int) -> None:
    hold_members(expert.pk)
    _keep_calendar(expert)
    room = MOST_HOURS - expert.availability.count()
    rows = [
        Availability(expert=expert, weekday=day, begins=begins, ends=ends)
        for day in weekdays
    ]
    Availability.objects.bulk_create(rows[: max(room, 0)], ignore_conflicts=True)


def remove_hours(*, hours: Availability) -> None:
    hours.delete()


@transaction.atomic
def add_exception(
    *, expert: User, day: dt.date, is_extra: bool, begins: int, ends: int
) -> None:
    """What is booked on that day already stands: the two of them see to it."""
    hold_members(expert.pk)
    _keep_calendar(expert)
    AvailabilityException.objects.get_or_create(
        expert=expert, day=day, is_extra=is_extra, begins=begins, ends=ends
    )


def remove_exception(*, exception: AvailabilityException) -> None:
    exception.delete()


def _keep_calendar(expert: User) -> None:
    """Hours mean something by a clock only."""
    calendar = calendar_of(expert)
    if calendar.pk is None:
        calendar.save()


# What can be booked -----------------------------------------------------------


def offered() -> QuerySet[Consultation]:
    """Of the experts whose mark stands and who are here."""
    return (
        Consultation.objects.filter(
            is_active=True,
            expert__expert__in=Expert.objects.verified(),
            expert__expert_calendar__isnull=False,
            expert__suspended_at=None,
            expert__erased_at=None,
        )
        .select_related("expert__expert", "expert__expert_calendar")
        .order_by("expert__name", "title", "pk")
    )


def of_expert(expert: User) -> list[Consultation]:
    return list(offered().filter(expert=expert))


def prices(consultation: Consultation) -> dict[str, Any]:
    """What an appointment keeps of it; for money also the share agreed on.

    Raises NotTaken where nothing can be taken for it today.
    """
    share = shares.agreed_with(consultation.expert) if consultation.price else None
    price = consultation.price if share else None
    if price is None and consultation.points is None:
        raise NotTaken
    return {
        "price": price,
        "currency": consultation.currency,
        "points": consultation.points,
        "share": share or 0,
    }


def hours_of(calendar: ExpertCalendar) -> slots.Hours:
    weekly: dict[int, list[slots.Span]] = defaultdict(list)
    for hours in Availability.objects.filter(expert=calendar.expert_id):
        weekly[hours.weekday].append((hours.begins, hours.ends))
    extra: dict[dt.date, list[slots.Span]] = defaultdict(list)
    away: dict[dt.date, list[slots.Span]] = defaultdict(list)
    for it in AvailabilityException.objects.filter(expert=calendar.expert_id):
        (extra if it.is_extra else away)[it.day].append((it.begins, it.ends))
    return slots.Hours(calendar.zone, weekly, extra, away)


def free_slots(
    *,
    expert: User,
    minutes: int,
    other: User | None = None,
    leaving: Appointment | None = None,
) -> list[dt.datetime]:
    """When the two of them could meet; `leaving` is the appointment to be moved, whose
    own time counts as free."""
    calendar = calendar_of(expert)
    now = timezone.now()
    since = now + dt.timedelta(hours=calendar.notice_hours)
    until = now + dt.timedelta(days=calendar.days_ahead)
    people = [expert.pk, other.pk if other else expert.pk]
    cells = TimeCell.objects.filter(
        person__in=people, starts_at__gt=since - slots.CELL, starts_at__lt=until
    )
    if leaving:
        cells = cells.exclude(appointment=leaving)
    taken = set(cells.values_list("starts_at", flat=True))
    return slots.free(
        hours_of(calendar), minutes=minutes, since=since, until=until, taken=taken
    )


def by_day(times: Iterable[dt.datetime]) -> list[tuple[dt.date, list[dt.datetime]]]:
    """Under the days of the reader's own calendar."""
    days: dict[dt.date, list[dt.datetime]] = defaultdict(list)
    for moment in times:
        here = timezone.localtime(moment)
        days[here.date()].append(here)
    return list(days.items())


# How good they were -----------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How many rated, and which share of them is content at least (in per cent)."""

    ratings: int
    surely: int


def standings(experts: Iterable[int]) -> dict[int, Standing]:
    """By the lower bound: two who are delighted say less than fifty who are content."""
    rated = Appointment.objects.filter(
        expert__in=list(experts), rating__isnull=False
    ).values("expert")
    counts = rated.annotate(
        all=Count("pk"), good=Count("pk", filter=Q(rating__gte=GOOD))
    )
    return {
        row["expert"]: Standing(
            row["all"], round(100 * wilson(row["good"], row["all"])[0])
        )
        for row in counts
    }


def said_of(expert: User) -> list[Appointment]:
    """The newest words about them; who said so is not told."""
    rated = expert.appointments_taken.filter(rating__isnull=False)
    return list(rated.exclude(rating_words="").order_by("-ended_at", "-pk")[:20])
