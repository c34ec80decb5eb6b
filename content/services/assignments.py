"""Work on assignments: handed in, reviewed by who teaches the course, once each."""

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Role, User, Verb
from accounts.services import mails
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from community.lib import markdown
from content.errors import AlreadyHandedIn, AlreadyReviewed, HandedInAgain
from content.models import (
    Assignment,
    CoAuthor,
    EarlierReview,
    Enrolment,
    HandedIn,
    Item,
    Lesson,
)
from content.services import courses
from content.services.editorial import authors_of

Outcome = HandedIn.Outcome


def save_assignment(*, lesson: Lesson, task: str, **says: Any) -> Assignment:
    """The one of this lesson."""
    told = {"task": task, "task_html": markdown.render(task), **says}
    return Assignment.objects.update_or_create(lesson=lesson, defaults=told)[0]


@transaction.atomic
def remove_assignment(*, assignment: Assignment) -> bool:
    """Take out what nobody has worked on; whether it could be done."""
    if assignment.work.exists():
        return False
    assignment.delete()
    return True


def work_of(assignment: Assignment, member: User) -> QuerySet[HandedIn]:
    """All that the member handed in, latest first, with all that was said of it."""
    work = HandedIn.objects.filter(assignment=assignment, member=member.pk)
    return work.select_related("reviewer").prefetch_related("earlier_reviews__reviewer")


def may_hand_in(assignment: Assignment, member: User) -> bool:
    """Nothing yet, or asked for once more."""
    return not work_of(assignment, member).exclude(outcome=Outcome.AGAIN).exists()


@transaction.atomic
def hand_in(
    *, assignment: Assignment, member: User, text: str, file: UploadedFile | None = None
) -> HandedIn:
    """Raises AlreadyHandedIn while another piece waits or has passed."""
    # Two tabs at once wait for one another here.
    hold_members(member.pk)
    if not may_hand_in(assignment, member):
        raise AlreadyHandedIn
    course = assignment.lesson.section.item
    courses.enrol(member=member, course=course)
    work = HandedIn.objects.create(
        assignment=assignment,
        member=member,
        text=text,
        text_html=markdown.render(text),
        file=file or "",
    )
    record_activity(
        member=member,
        verb=Verb.WORK_HANDED_IN,
        target=assignment.lesson,
        space=course.space_id,
        item=course.pk,
    )
    for teacher in teachers_of(member, course):
        mails.send(
            key=f"work {work.pk} {teacher.pk}",
            member=teacher,
            template="work_handed_in",
            title=assignment.lesson.title,
            work=work.pk,
        )
    return work


def teachers_of(member: User, course: Item) -> list[User]:
    """The mentor of the learner's cohort; without one, the authors; of a course whose
    authors are gone, the operators."""
    own = User.objects.filter(
        cohorts__learners__member=member, cohorts__course=course, erased_at=None
    )
    return list(own.distinct()) or authors_of(course) or _operators()


def _operators() -> list[User]:
    people = User.objects.people().filter(is_active=True, suspended_at=None)
    return list(people.filter(roles__contains=[Role.OPERATOR]))


@transaction.atomic
def review(
    *,
    work: HandedIn,
    by: User,
    is_passed: bool,
    comment: str,
    marks: list[tuple[str, int, int]],
) -> HandedIn:
    """Decide on waiting work; passing may finish the lesson. Raises AlreadyReviewed."""
    work = _locked(work)
    if work.outcome != Outcome.WAITING:
        raise AlreadyReviewed
    _decide(work, by, is_passed, comment, marks)
    _tell(work, f"work reviewed {work.pk}", "work_reviewed")
    return work


def is_latest(work: HandedIn) -> bool:
    """Once the learner has handed in another piece, that one is to be decided on."""
    later = HandedIn.objects.filter(
        assignment=work.assignment_id, member=work.member_id, pk__gt=work.pk
    )
    return not later.exists()


@transaction.atomic
def correct_review(
    *,
    work: HandedIn,
    by: User,
    is_passed: bool,
    comment: str,
    marks: list[tuple[str, int, int]],
) -> bool:
    """Put right what was said; the old words are kept. A lesson that is
    done stays done. Whether anything changed: saying the same again does not.

    Raises HandedInAgain once the learner has handed in another piece: the decision is
    on that one.
    """
    work = _locked(work)
    if not is_latest(work):
        raise HandedInAgain
    says = (_outcome(is_passed), comment, [list(mark) for mark in marks])
    if work.reviewed_at is None or says == (work.outcome, work.comment, work.marks):
        return False
    earlier = _keep_what_was_said(work, work.reviewed_at)
    _decide(work, by, is_passed, comment, marks)
    _tell(work, f"review corrected {earlier.pk}", "review_corrected")
    return True


def _keep_what_was_said(work: HandedIn, at: dt.datetime) -> EarlierReview:
    return EarlierReview.objects.create(
        work=work,
        reviewer=work.reviewer,
        reviewed_at=at,
        outcome=work.outcome,
        comment=work.comment,
        marks=work.marks,
    )


def _tell(work: HandedIn, key: str, template: str) -> None:
    """The learner, what was decided."""
    mails.send(
        key=key,
        member=work.member,
        template=template,
        title=work.assignment.lesson.title,
        is_passed=work.outcome == Outcome.PASSED,
        assignment=work.assignment_id,
    )


def _locked(work: HandedIn) -> HandedIn:
    # Nothing is handed in meanwhile: that waits for the same row.
    hold_members(work.member_id)
    return (
        HandedIn.objects.select_for_update(of=("self",))
        .select_related("assignment__lesson__section__item", "member", "reviewer")
        .get(pk=work.pk)
    )


def _outcome(is_passed: bool) -> Outcome:
    return Outcome.PASSED if is_passed else Outcome.AGAIN


def _decide(
    work: HandedIn,
    by: User,
    is_passed: bool,
    comment: str,
    marks: list[tuple[str, int, int]],
) -> None:
    work.outcome = _outcome(is_passed)
    work.reviewer, work.reviewed_at = by, timezone.now()
    work.comment, work.marks = comment, [list(mark) for mark in marks]
    work.save()
    if is_passed and work.assignment.must_pass:
        _finish(work)


def _finish(work: HandedIn) -> None:
    """The lesson's quiz may still have to be passed: then that finishes it."""
    lesson = work.assignment.lesson
    if not courses.waits_for(work.member, lesson):
        courses.mark_done(member=work.member, lesson=lesson)


def waiting_among(work: QuerySet[HandedIn]) -> QuerySet[HandedIn]:
    """Oldest first."""
    return work.filter(outcome=Outcome.WAITING).order_by("at", "pk")


def reviewed_among(work: QuerySet[HandedIn]) -> QuerySet[HandedIn]:
    """Latest first, as what is to be corrected was mostly said just now."""
    return work.exclude(outcome=Outcome.WAITING).order_by("-reviewed_at", "-pk")


def taught_by(teacher: User, *, course: str, learner: str) -> Q:
    """Rows of learners in courses: those of the courses that this person writes, and
    of the learners that they guide. Operators teach all."""
    if teacher.is_operator:
        return Q()
    beside = CoAuthor.objects.filter(member=teacher, item=OuterRef(course))
    guided = Enrolment.objects.filter(
        cohort__mentor=teacher, item=OuterRef(course), member=OuterRef(learner)
    )
    return Q(**{f"{course}__author": teacher}) | Exists(beside) | Exists(guided)


def work_for(teacher: User) -> QuerySet[HandedIn]:
    """What came in in the courses that this person teaches and from the learners that
    they guide."""
    course = "assignment__lesson__section__item"
    work = HandedIn.objects.filter(taught_by(teacher, course=course, learner="member"))
    return work.select_related("member", course)


def courses_with(work: QuerySet[HandedIn]) -> QuerySet[Item]:
    """Where this work comes from, to look at one course's alone."""
    of_work = work.order_by().values("assignment__lesson__section__item")
    return Item.objects.filter(pk__in=of_work).order_by("title", "pk")
