"""What members do in courses, and the numbers that courses are shown with."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from accounts.models import Space, User, Verb
from accounts.services.activity import record_activity
from community.lib.statements import Joined, Statement
from content.errors import NotPassed
from content.models import (
    Assignment,
    Attempt,
    Enrolment,
    HandedIn,
    Item,
    Lesson,
    LessonProgress,
    Quiz,
    Section,
    Withdrawal,
)
from content.services.pace import Lock, Pace, locks

LONGEST = 24 * 3600  # seconds: no recording is longer


@transaction.atomic
def enrol(*, member: User, course: Item) -> Enrolment:
    """Begin a course; beginning again changes nothing."""
    enrolment, is_new = Enrolment.objects.get_or_create(member=member, item=course)
    # Who left before it began stands in the log already.
    if is_new and not Withdrawal.objects.filter(member=member, course=course).exists():
        record_activity(
            member=member, verb=Verb.ENROLLED, target=course, space=course.space
        )
    return enrolment


@transaction.atomic
def mark_done(*, member: User, lesson: Lesson) -> bool:
    """A lesson is done, and with the last one the course. Once, however often said.
    Whether that finished the course.

    Raises NotPassed where a quiz or an assignment has to be passed first.
    """
    course = lesson.section.item
    enrolment = enrol(member=member, course=course)
    enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    progress, _ = LessonProgress.objects.get_or_create(member=member, lesson=lesson)
    if progress.done_at:
        return False
    if waits_for(member, lesson):
        raise NotPassed
    progress.done_at = enrolment.last_at = timezone.now()
    progress.save(update_fields=["done_at"])
    record_activity(
        member=member,
        verb=Verb.LESSON_DONE,
        target=lesson,
        space=course.space,
        item=course.pk,
    )
    is_finished = not enrolment.done_at and _all_done(member, course)
    if is_finished:
        enrolment.done_at = enrolment.last_at
        record_activity(
            member=member, verb=Verb.COURSE_DONE, target=course, space=course.space
        )
    enrolment.save(update_fields=["last_at", "done_at"])
    return is_finished


def waits_for(member: User, lesson: Lesson) -> bool:
    """Whether a quiz or an assignment has to be passed before the lesson is done."""
    passed = Attempt.objects.filter(member=member, passed=True)
    # One that asks nothing can be neither taken nor passed.
    quiz = Quiz.objects.filter(lesson=lesson, must_pass=True, asked__isnull=False)
    if quiz.exclude(attempts__in=passed).exists():
        return True
    good = HandedIn.objects.filter(member=member, outcome=HandedIn.Outcome.PASSED)
    work = Assignment.objects.filter(lesson=lesson, must_pass=True)
    return work.exclude(work__in=good).exists()


def _all_done(member: User, course: Item) -> bool:
    lessons = Lesson.objects.filter(section__item=course)
    return not lessons.exclude(
        progress__in=LessonProgress.objects.filter(member=member, done_at__isnull=False)
    ).exists()


def keep_position(*, member: User, lesson: Lesson, seconds: int) -> None:
    """Where the member stopped watching or listening."""
    LessonProgress.objects.update_or_create(
        member=member,
        lesson=lesson,
        defaults={"seconds": max(0, min(seconds, LONGEST))},
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A lesson in a syllabus, as one reader meets it."""

    pk: int
    title: str
    kind: str
    minutes: int
    is_preview: bool
    is_done: bool
    seconds: int
    section_id: int
    section_title: str
    lock: Lock | None = None

    @property
    def url(self) -> str:
        return f"/lessons/{self.pk}/"

    @property
    def section(self) -> tuple[int, str]:
        return self.section_id, self.section_title


@dataclass(frozen=True)
class Syllabus:
    """A course's lessons in order, with how far the reader is."""

    steps: tuple[Step, ...]
    enrolled: bool = False
    # Numbers of the items to be finished first, for who has not begun.
    needs: tuple[int, ...] = ()
    # Whether the reader would have to join a cohort to begin.
    needs_cohort: bool = False

    @property
    def may_begin(self) -> bool:
        """Or has begun: whether the reader's progress is kept."""
        return not (self.needs or self.needs_cohort)

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_done(self) -> bool:
        return bool(self.steps) and all(step.is_done for step in self.steps)

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def minutes(self) -> int:
        return sum(step.minutes for step in self.steps)

    @property
    def next_step(self) -> Step | None:
        """The first lesson not done that is open; the first of all once none is."""
        undone = (step for step in self.steps if not (step.is_done or step.lock))
        return next(undone, self.steps[0] if self.steps else None)

    def around(self, lesson_id: int) -> tuple[Step | None, Step | None]:
        """The lessons before and after."""
        place = [step.pk for step in self.steps].index(lesson_id)
        before = self.steps[place - 1] if place else None
        after = self.steps[place + 1] if place + 1 < self.total else None
        return before, after

    def step(self, lesson_id: int) -> Step:
        return next(step for step in self.steps if step.pk == lesson_id)


class Beside(NamedTuple):
    """What stands beside a lesson for one reader; numbers are None where there is
    none."""

    note: str | None
    quiz: int | None
    must_pass_quiz: bool | None
    assignment: int | None
    must_pass_assignment: bool | None
    course_has_files: bool
    topics: int
    has_poll: bool


@cache
def _lesson_statement() -> Joined:
    return Joined(
        """
        SELECT {lesson}, {section}, {item}, {author}, {space}, note.text,
               quiz.id,
               quiz.must_pass AND EXISTS (SELECT FROM content_quizquestion AS asked
                                           WHERE asked.quiz_id = quiz.id),
               assignment.id, assignment.must_pass,
               EXISTS (SELECT FROM content_itemfile AS file
                        WHERE file.item_id = item.id),
               (SELECT count(*) FROM content_topic AS topic
                 WHERE topic.lesson_id = lesson.id AND topic.hidden_at IS NULL),
               EXISTS (SELECT FROM content_poll AS poll
                        WHERE poll.lesson_id = lesson.id)
          FROM content_lesson AS lesson
          JOIN content_section AS section ON section.id = lesson.section_id
          JOIN content_item AS item ON item.id = section.item_id
          LEFT JOIN accounts_user AS author ON author.id = item.author_id
          LEFT JOIN accounts_space AS space ON space.id = item.space_id
          LEFT JOIN content_lessonnote AS note
                 ON note.lesson_id = lesson.id AND note.member_id = %(reader)s
          LEFT JOIN content_quiz AS quiz ON quiz.lesson_id = lesson.id
          LEFT JOIN content_assignment AS assignment
                 ON assignment.lesson_id = lesson.id
         WHERE lesson.id = %(lesson)s
        """,
        lesson=Lesson,
        section=Section,
        item=Item,
        author=User,
        space=Space,
    )


def read_lesson(pk: int, reader: User | AnonymousUser) -> Lesson | None:
    """A lesson with where it stands, the reader's note, and what it asks for."""
    found = _lesson_statement().row(lesson=pk, reader=reader.pk)
    if found is None:
        return None
    lesson, section, item, author, space, *beside = found
    lesson.section, section.item = section, item
    item.author, item.space = author, space
    lesson.beside = Beside(*beside)
    return lesson


OF_A_STEP = 9  # columns
AT_ONCE = (None, None, False)  # a section's opens_on, opens_after and is_in_turn
# One statement for the whole column beside a lesson: an ORM query costs more than it.
SYLLABUS = Statement("""
SELECT lesson.id, lesson.title, lesson.kind, lesson.minutes, lesson.is_preview,
       progress.done_at IS NOT NULL, coalesce(progress.seconds, 0),
       section.id, section.title,
       section.opens_on, section.opens_after, section.is_in_turn,
       taken.started_at, taken.unlocked_at,
       ARRAY(SELECT first.needs_id FROM content_prerequisite AS first
              WHERE first.item_id = %(item)s AND NOT EXISTS (
                    SELECT FROM content_enrolment AS finished
                     WHERE finished.item_id = first.needs_id
                       AND finished.member_id = %(member)s
                       AND finished.done_at IS NOT NULL))
  FROM content_section AS section
  JOIN content_lesson AS lesson ON lesson.section_id = section.id
  LEFT JOIN content_lessonprogress AS progress
         ON progress.lesson_id = lesson.id AND progress.member_id = %(member)s
  LEFT JOIN content_enrolment AS taken
         ON taken.item_id = section.item_id AND taken.member_id = %(member)s
 WHERE section.item_id = %(item)s
 ORDER BY section.position, section.id, lesson.position, lesson.id
""")


def syllabus_for(course: Item, reader: User) -> Syllabus:
    rows = SYLLABUS.rows(item=course.pk, member=reader.pk)
    if not rows:
        return Syllabus(steps=())
    *_step, begun_at, unlocked_at, needs = rows[0]
    steps = tuple(Step(*row[:OF_A_STEP]) for row in rows)
    needs_cohort = course.in_cohorts_only and begun_at is None
    if needs_cohort:
        steps = tuple(_closed(step, Lock(waits_for_cohort=True)) for step in steps)
    elif not unlocked_at:
        steps = _locked(steps, rows, begun_at)
    return Syllabus(
        steps=steps,
        enrolled=begun_at is not None,
        needs=() if begun_at else tuple(needs),
        needs_cohort=needs_cohort,
    )


def _closed(step: Step, lock: Lock | None) -> Step:
    """Previews are always open."""
    return step if step.is_preview else replace(step, lock=lock)


def _locked(
    steps: tuple[Step, ...], rows: Sequence[Any], begun_at: dt.datetime | None
) -> tuple[Step, ...]:
    """The steps with the locks that their sections give them."""
    said = {
        step.section_id: row[OF_A_STEP : OF_A_STEP + 3]
        for step, row in zip(steps, rows, strict=True)
    }
    has_begun = begun_at is None or begun_at <= timezone.now()
    if has_begun and all(it == AT_ONCE for it in said.values()):
        return steps
    of_section = {section_id: Pace(*it) for section_id, it in said.items()}
    sections = [
        (of_section[pk], all(step.is_done for step in inside))
        for pk, inside in groupby(steps, attrgetter("section_id"))
    ]
    found = dict(zip(of_section, locks(sections, begun_at=begun_at), strict=True))
    return tuple(_closed(step, found[step.section_id]) for step in steps)
