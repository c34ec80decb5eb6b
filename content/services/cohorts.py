"""Runs of a course: who learns together, from when, and how far each of them is."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Role, User
from accounts.services import mails
from community.lib.dates import site_day, start_of
from content.errors import CohortFull, CohortInUse, CohortOver
from content.models import (
    Certificate,
    Cohort,
    Enrolment,
    HandedIn,
    Item,
    Lesson,
    LessonProgress,
    Quiz,
    Withdrawal,
)
from content.services import classmates, cohort_spaces, nudges
from content.services.attempts import Stuck, stuck_at
from content.services.courses import enrol
from content.services.library import GUIDED_AFTER

QUIET = dt.timedelta(days=7)


@transaction.atomic
def save_cohort(*, cohort: Cohort, by: User, **says: Any) -> Cohort:
    """A new one, or what is said of one anew: its learners begin when it begins."""
    begins, mentor_before = start_of(says["starts_on"]), None
    if cohort.pk:
        cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
        together = cohort.learners.filter(started_at=start_of(cohort.starts_on))
        together.update(started_at=begins)
        mentor_before = cohort.mentor
    for name, value in says.items():
        setattr(cohort, name, value)
    if not cohort.is_over:
        cohort.closed_at = None  # it was said to end earlier
    cohort.save()
    cohort_spaces.change_mentor(cohort=cohort, before=mentor_before, by=by)
    return cohort


@transaction.atomic
def remove_cohort(*, cohort: Cohort) -> None:
    """Raises CohortInUse while somebody learns in it, or an event is for it. Its
    space stays: what was written there is not the cohort's."""
    cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if cohort.learners.exists() or cohort.events.exists():
        raise CohortInUse
    cohort.delete()


@transaction.atomic
def join(*, cohort: Cohort, member: User) -> Enrolment:
    """Begin the course with the cohort. Who has begun already keeps what is open.

    Joining again leads back into its space and changes nothing else. Raises
    CohortFull and CohortOver.
    """
    cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
    course = cohort.course
    enrolments = Enrolment.objects.filter(member=member, item=course)
    before = enrolments.select_related("cohort").first()
    if before and before.cohort_id == cohort.pk:
        cohort_spaces.let_in(cohort, member)
        return before
    if cohort.ends_on < site_day():
        raise CohortOver
    if cohort.seats is not None and cohort.learners.count() >= cohort.seats:
        raise CohortFull
    enrolment = enrol(member=member, course=course)
    if before and before.cohort:
        _go(before.cohort, member)
    enrolment.cohort = cohort
    if not before or before.started_at > timezone.now():
        enrolment.started_at = start_of(cohort.starts_on)
    enrolment.save(update_fields=["cohort", "started_at"])
    cohort_spaces.let_in(cohort, member)
    return enrolment


def _go(cohort: Cohort, member: User) -> None:
    """Nothing of them stays with those who go on in it."""
    cohort_spaces.let_out(cohort, member)
    classmates.withdraw(cohort=cohort, member=member)


@transaction.atomic
def leave(*, cohort: Cohort, member: User) -> None:
    """Go on alone, at one's own pace; where a course is begun with a cohort only,
    nothing is begun any more. Harmless to repeat."""
    # Held, so that a space which is made just now does not let them in again.
    cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
    mine = Enrolment.objects.select_for_update().filter(cohort=cohort, member=member)
    enrolment = mine.first()
    if enrolment is None:
        return
    _go(cohort, member)
    has_begun = enrolment.started_at <= timezone.now()
    if not has_begun and cohort.course.in_cohorts_only:
        enrolment.delete()
        Withdrawal.objects.get_or_create(member=member, course=cohort.course)
        return
    enrolment.cohort = None
    enrolment.started_at = min(enrolment.started_at, timezone.now())
    enrolment.save(update_fields=["cohort", "started_at"])


@dataclass(frozen=True)
class Choice:
    """A cohort as the course's page offers it."""

    cohort: Cohort
    left: int | None  # places; None: as many as come
    is_mine: bool

    @property
    def is_full(self) -> bool:
        return self.left == 0


def choices_of(course: Item, reader: User) -> list[Choice]:
    """Those that are not over, and the reader's own as long as they are in it."""
    mine = Q(learners__member=reader.pk)
    cohorts = (
        Cohort.objects.filter(course=course)
        .select_related("mentor")
        .annotate(taken=Count("learners"), mine=Count("learners", filter=mine))
        .filter(Q(ends_on__gte=site_day()) | Q(mine__gt=0))
    )
    return [
        Choice(
            cohort=it,
            left=None if it.seats is None else max(it.seats - it.taken, 0),
            is_mine=it.mine > 0,
        )
        for it in cohorts
    ]


def cohorts_of(course: Item) -> QuerySet[Cohort]:
    """All of the course, the latest first, with how many learn in each."""
    counted = course.cohorts.select_related("mentor").annotate(
        taken=Count("learners"),
        finished=Count("learners", filter=Q(learners__done_at__isnull=False)),
    )
    return counted.order_by("-starts_on", "-pk")


def guided_by(mentor: User) -> QuerySet[Cohort]:
    """The cohorts that this person guides and that are not over for a month."""
    since = site_day() - GUIDED_AFTER
    mine = Cohort.objects.filter(mentor=mentor, ends_on__gte=since)
    return mine.select_related("course").annotate(taken=Count("learners"))


def possible_mentors(course: Item) -> QuerySet[User]:
    """Mentors and operators, and who writes the course."""
    beside = course.co_authors.values("member")
    writes = Q(pk=course.author_id) | Q(pk__in=beside)
    guides = Q(roles__contains=[Role.MENTOR]) | Q(roles__contains=[Role.OPERATOR])
    return User.objects.filter(guides | writes, erased_at=None).order_by("name", "pk")


@dataclass(frozen=True)
class Learning:
    """One learner's line on the cohort's board."""

    member: User
    done: int
    last_at: dt.datetime | None  # None: has not begun to learn
    done_at: dt.datetime | None
    waiting: int  # pieces of work that nobody has looked at
    is_quiet: bool
    asked_at: dt.datetime | None  # how it goes, in the last seven days
    has_certificate: bool


@dataclass(frozen=True)
class Board:
    """How far everybody in a cohort is; who has been quiet for long comes first."""

    cohort: Cohort
    lessons: int
    learners: list[Learning]
    stuck: list[Stuck]

    @property
    def finished(self) -> int:
        return sum(it.done_at is not None for it in self.learners)

    @property
    def quiet(self) -> int:
        return sum(it.is_quiet for it in self.learners)


def board_of(cohort: Cohort) -> Board:
    """As many statements, however many learn in it."""
    of_course = Lesson.objects.filter(section__item=cohort.course_id)
    enrolments = list(cohort.learners.select_related("member"))
    members = [it.member_id for it in enrolments]
    done = _count_by_member(
        LessonProgress.objects.filter(
            lesson__in=of_course, done_at__isnull=False, member__in=members
        )
    )
    waiting = _count_by_member(
        HandedIn.objects.filter(
            assignment__lesson__in=of_course,
            outcome=HandedIn.Outcome.WAITING,
            member__in=members,
        )
    )
    asked = nudges.asked_lately(members)
    certified = set(
        Certificate.objects.filter(
            item=cohort.course_id, member__in=members, revoked_at=None
        ).values_list("member_id", flat=True)
    )
    learners = [
        _learning(
            it,
            done=done.get(it.member_id, 0),
            waiting=waiting.get(it.member_id, 0),
            asked_at=asked.get(it.member_id),
            has_certificate=it.member_id in certified,
        )
        for it in enrolments
    ]
    learners.sort(key=lambda it: (not it.is_quiet, it.done, it.member.name))
    stuck = stuck_at(Quiz.objects.filter(item=cohort.course_id), members)
    return Board(cohort, of_course.count(), learners, stuck)


def _count_by_member(rows: QuerySet[Any]) -> dict[int, int]:
    counted = rows.order_by().values_list("member").annotate(Count("pk"))
    return dict(counted)


def _learning(enrolment: Enrolment, *, done: int, **known: Any) -> Learning:
    last_at = enrolment.last_at if done else None
    since = max(enrolment.started_at, last_at or enrolment.started_at)
    return Learning(
        member=enrolment.member,
        done=done,
        last_at=last_at,
        done_at=enrolment.done_at,
        **known,
        is_quiet=not enrolment.done_at and since < timezone.now() - QUIET,
    )


def tell_who_begins() -> None:
    """A mail to the learners of every cohort that begins today; harmless to repeat."""
    today = Enrolment.objects.filter(cohort__starts_on=site_day())
    for each in today.select_related("cohort__course", "member"):
        mails.send(
            key=f"cohort {each.cohort_id} {each.member_id}",
            member=each.member,
            template="cohort_begins",
            title=each.item.title,
            slug=each.item.slug,
        )
