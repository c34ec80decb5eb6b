"""What a cohort is to those in it: who the others are, and how far all have come."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from content.errors import NotInCohort
from content.models import (
    Cohort,
    Enrolment,
    Event,
    Introduction,
    Lesson,
    LessonProgress,
)
from content.services.due_dates import Due, due_for
from content.services.library import is_open

# With fewer, a number is somebody.
FEWEST_TO_COMPARE = 5
GROUPS = ((0, 25), (25, 50), (50, 75), (75, 100))  # percent: from, to below


@transaction.atomic
def introduce(*, cohort: Cohort, member: User, text: str) -> None:
    """Be named to the others from now on, with these words. Raises NotInCohort."""
    learners = Enrolment.objects.select_for_update()
    if not learners.filter(cohort=cohort, member=member).exists():
        raise NotInCohort
    Introduction.objects.update_or_create(
        cohort=cohort, member=member, defaults={"text": text}
    )


def withdraw(*, cohort: Cohort, member: User) -> None:
    """Be counted only. Harmless to repeat."""
    Introduction.objects.filter(cohort=cohort, member=member).delete()


@dataclass(frozen=True)
class Classmates:
    """Those who introduced themselves; the others are a number."""

    introduced: list[Introduction]
    others: int


def classmates_of(cohort: Cohort) -> Classmates:
    learning = cohort.learners.values("member")
    shown = cohort.introductions.filter(
        member__in=learning, member__is_active=True, member__suspended_at=None
    )
    introduced = list(shown.select_related("member"))
    return Classmates(introduced, cohort.learners.count() - len(introduced))


def introduction_of(cohort: Cohort, member: User) -> Introduction | None:
    return cohort.introductions.filter(member=member).first()


@dataclass(frozen=True)
class Group:
    """How many learners are about as far."""

    begins: int  # percent of the lessons
    ends: int
    number: int
    is_mine: bool


@dataclass(frozen=True)
class Progress:
    """How far the reader is, and about how far the others. No name stands beside a
    number, and who is behind is not told how many are before them."""

    done: int
    total: int
    finished: int
    learners: int
    groups: list[Group]  # none where there are few
    behind: int  # of the others: how many have done less


def progress_in(cohort: Cohort, reader: User) -> Progress:
    total = Lesson.objects.filter(section__item=cohort.course_id).count()
    learners = dict(cohort.learners.values_list("member_id", "done_at"))
    done_lessons = LessonProgress.objects.filter(
        lesson__section__item=cohort.course_id,
        done_at__isnull=False,
        member__in=learners,
    )
    counted = done_lessons.order_by().values_list("member").annotate(Count("pk"))
    done = dict.fromkeys(learners, 0) | dict(counted)
    mine = done.get(reader.pk, 0)
    may_compare = len(learners) >= FEWEST_TO_COMPARE
    behind = sum(it < mine for pk, it in done.items() if pk != reader.pk)
    return Progress(
        done=mine,
        total=total,
        finished=sum(at is not None for at in learners.values()),
        learners=len(learners),
        groups=_groups(done, total, reader.pk) if may_compare and total else [],
        behind=behind if may_compare else 0,
    )


def _groups(done: dict[int, int], total: int, reader: int) -> list[Group]:
    percents = {pk: 100 * number // total for pk, number in done.items()}
    edges = [*GROUPS, (100, 101)]
    return [
        Group(
            begins=begins,
            ends=min(ends, 100),
            number=sum(begins <= it < ends for it in percents.values()),
            is_mine=begins <= percents.get(reader, -1) < ends,
        )
        for begins, ends in edges
    ]


@dataclass(frozen=True)
class Appointment:
    """One line of a cohort's schedule: an event, or something that is due."""

    at: dt.datetime | dt.date
    event: Event | None = None
    due: Due | None = None


@dataclass(frozen=True)
class Schedule:
    coming: list[Appointment]
    past: list[Appointment]


def schedule_of(cohort: Cohort, reader: User) -> Schedule:
    """Events and due dates together, in order of time. What is late is still to come:
    it waits to be done."""
    learns = cohort.learners.filter(member=reader).exists()
    dues = due_for(reader if learns else None, [cohort])
    coming: list[Appointment] = []
    past: list[Appointment] = []
    for event in events_of(cohort, reader):
        of = past if event.is_over else coming
        of.append(Appointment(at=event.starts_at, event=event))
    for due in dues:
        is_behind = due.is_done if learns else due.is_late
        of = past if is_behind else coming
        of.append(Appointment(at=due.day, due=due))
    return Schedule(sorted(coming, key=_when), sorted(past, key=_when))


def events_of(cohort: Cohort, reader: User) -> QuerySet[Event]:
    """What went out, the next first."""
    found = Event.objects.visible_to(reader).filter(cohort=cohort)
    out = found.exclude(state=Event.State.DRAFT).select_related("host", "space")
    return out.order_by("starts_at", "pk")


def _when(it: Appointment) -> tuple[dt.date, bool]:
    """By day as the reader's clock says, events before what is due at its end."""
    if it.event:
        return timezone.localtime(it.event.starts_at).date(), False
    return it.due.day if it.due else dt.date.max, True


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of the cohorts in which this member learns."""
    learns = Q(learners__member=member, pk__in=numbers)
    found = Cohort.objects.filter(learns).select_related("course")
    return {
        it.pk: (f"{it.name} · {it.course.title}", it.room_url)
        for it in found
        if is_open(it.course, member)
    }
