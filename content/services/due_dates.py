"""Until when a cohort should have done what: told, reminded of, and never enforced."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Notification, User
from accounts.services.notifications import tell
from community.lib.dates import site_day
from content.models import (
    Assignment,
    Attempt,
    Cohort,
    DueDate,
    Enrolment,
    HandedIn,
    Item,
    Lesson,
    LessonProgress,
    Quiz,
)
from content.services.library import is_open

RELATED = ("lesson", "assignment__lesson", "quiz__lesson")
SHOWN_AFTER = dt.timedelta(days=30)  # a cohort is over
MOST = 300


class Thing(NamedTuple):
    """What may have a due date: (kind, number) is its key."""

    kind: str  # the field's name in DueDate
    pk: int
    title: str
    days: int | None

    @property
    def key(self) -> str:
        return f"{self.kind}_{self.pk}"


def things_of(course: Item) -> list[Thing]:
    """In the order in which they are learnt."""
    order = ("section__position", "section_id", "position", "pk")
    lessons = Lesson.objects.filter(section__item=course).order_by(*order)
    work = {it.lesson_id: it for it in Assignment.objects.filter(lesson__in=lessons)}
    quizzes = list(Quiz.objects.filter(item=course).select_related("lesson"))
    asked = {it.lesson_id: it for it in quizzes if it.lesson_id}
    rows: list[tuple[str, Any]] = []
    for lesson in lessons:
        rows.append(("lesson", lesson))
        if lesson.pk in work:
            rows.append(("assignment", work[lesson.pk]))
        if lesson.pk in asked:
            rows.append(("quiz", asked[lesson.pk]))
    rows += [("quiz", it) for it in quizzes if not it.lesson_id]
    said = {_key_of(it): it.days for it in DueDate.objects.filter(course=course)}
    return [
        Thing(kind, it.pk, title_of(kind, it), said.get((kind, it.pk)))
        for kind, it in rows
    ]


def _key_of(due: DueDate) -> tuple[str, int]:
    if due.lesson_id:
        return "lesson", due.lesson_id
    if due.assignment_id:
        return "assignment", due.assignment_id
    return "quiz", due.quiz_id or 0


def title_of(kind: str, thing: Any) -> str:
    if kind == "assignment":
        return _("Assignment: %(title)s") % {"title": thing}
    if kind == "quiz" and thing.lesson_id:
        return _("Quiz: %(title)s") % {"title": thing}
    return str(thing)


@transaction.atomic
def set_due_dates(*, course: Item, days: Mapping[tuple[str, int], int | None]) -> None:
    """Those, in place of all that were: (kind, number) → days after the first one."""
    Item.objects.select_for_update(no_key=True).get(pk=course.pk)
    there = {_key_of(it): it for it in DueDate.objects.filter(course=course)}
    for key, due in there.items():
        if days.get(key) is None:
            due.delete()
    for (kind, pk), after in days.items():
        if after is None:
            continue
        # The row stays the same one: calendars know it by its number.
        due = there.get((kind, pk)) or DueDate(course=course, **{f"{kind}_id": pk})
        due.days = after
        due.save()


# For a learner -----------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A part of a course, and the day at whose end it is due."""

    pk: int
    cohort: Cohort
    title: str
    url: str
    day: dt.date
    is_done: bool

    @property
    def is_late(self) -> bool:
        return not self.is_done and self.day < site_day()


def due_for(member: User | None, cohorts: Collection[Cohort]) -> list[Due]:
    """The earliest first; without a member nothing of it is done. As many statements,
    however much is due."""
    courses = [it.course_id for it in cohorts]
    dates = list(DueDate.objects.filter(course__in=courses).select_related(*RELATED))
    done = _done(dates, [member.pk]) if member and dates else set()
    reader = member.pk if member else 0
    found = [
        _due(it, cohort, is_done=(reader, it.pk) in done)
        for cohort in cohorts
        for it in dates
        if it.course_id == cohort.course_id
    ]
    return sorted(found, key=lambda it: (it.day, it.pk))


def _due(date: DueDate, cohort: Cohort, *, is_done: bool = False) -> Due:
    kind, _number = _key_of(date)
    thing = getattr(date, kind)
    return Due(
        pk=date.pk,
        cohort=cohort,
        title=title_of(kind, thing),
        url=thing.get_absolute_url(),
        day=cohort.starts_on + dt.timedelta(days=date.days),
        is_done=is_done,
    )


def _done(dates: Iterable[DueDate], members: Collection[int]) -> set[tuple[int, int]]:
    """(member, due date) of what is done: work that is handed in and not sent back,
    quizzes that are passed where they have to be."""
    by_thing = {_key_of(it): it.pk for it in dates}
    lessons = LessonProgress.objects.filter(done_at__isnull=False)
    again = HandedIn.Outcome.AGAIN
    work = HandedIn.objects.exclude(outcome=again)
    attempts = Attempt.objects.filter(
        Q(passed=True) | Q(quiz__must_pass=False, handed_in_at__isnull=False)
    )
    kinds: list[tuple[str, QuerySet[Any]]] = [
        ("lesson", lessons),
        ("assignment", work),
        ("quiz", attempts),
    ]
    done = set()
    for kind, rows in kinds:
        numbers = [pk for of, pk in by_thing if of == kind]
        if not numbers:
            continue
        theirs = rows.filter(member__in=members, **{f"{kind}__in": numbers})
        pairs = theirs.order_by().values_list("member_id", f"{kind}_id").distinct()
        done |= {(member, by_thing[kind, number]) for member, number in pairs}
    return done


def cohorts_of(member: User) -> list[Cohort]:
    """In which they learn and may do so now, until a month after the end."""
    since = site_day() - SHOWN_AFTER
    learns = Enrolment.objects.filter(
        member=member,
        cohort__ends_on__gte=since,
        item__in=Item.objects.readable_by(member),
    )
    rows = learns.select_related("cohort__course").order_by("cohort__starts_on", "pk")
    found = (it.cohort for it in rows[:MOST] if it.cohort)
    return [it for it in found if is_open(it.course, member)]


def open_for(member: User, cohorts: Collection[Cohort]) -> list[Due]:
    """What is still to be done in those of their cohorts that are not over."""
    going_on = [it for it in cohorts if not it.is_over]
    return [it for it in due_for(member, going_on) if not it.is_done]


# Reminders ---------------------------------------------------------------------------


def remind() -> int:
    """Whoever has not done what is due today or tomorrow hears of it, once for each
    day it was said to be due. Killed, it goes on at the next hour; how many were due.
    """
    today = site_day()
    near = [today, today + dt.timedelta(days=1)]
    day = ExpressionWrapper(
        F("starts_on") + F("course__due_dates__days"), output_field=DateField()
    )
    found = Cohort.objects.annotate(due=F("course__due_dates"), day=day)
    pairs = list(found.filter(day__in=near).values_list("pk", "due", "day"))
    dates = DueDate.objects.in_bulk([due for _cohort, due, _day in pairs])
    for cohort, number, on in pairs:
        if number in dates:
            _remind(cohort, dates[number], on)
    return len(pairs)


def _remind(cohort: int, due: DueDate, day: dt.date) -> None:
    learners = Enrolment.objects.filter(cohort=cohort, done_at=None)
    members = list(learners.values_list("member_id", flat=True))
    done = _done([due], members)
    tell(
        [it for it in members if (it, due.pk) not in done],
        kind=Notification.Kind.COHORT_DUE,
        key=f"due:{due.pk}:{cohort}:{day.isoformat()}",
        target=due,
    )


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of what is due in a cohort of theirs."""
    by_course = {it.course_id: it for it in cohorts_of(member)}
    dates = DueDate.objects.filter(pk__in=numbers, course__in=by_course)
    found = (_due(it, by_course[it.course_id]) for it in dates.select_related(*RELATED))
    return {
        it.pk: (
            _("%(what)s, by %(day)s")
            % {"what": it.title, "day": date_format(it.day, "DATE_FORMAT")},
            it.url,
        )
        for it in found
    }
