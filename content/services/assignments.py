"""Work on assignments: handed in, reviewed by who teaches the course, once each."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User, Verb
from accounts.services import mails
from accounts.services.activity import record_activity
from community.lib import markdown
from content.errors import AlreadyHandedIn, AlreadyReviewed
from content.models import Assignment, Enrolment, HandedIn, Item, Lesson
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
    """All that the member handed in, latest first."""
    return HandedIn.objects.filter(assignment=assignment, member=member.pk)


def may_hand_in(assignment: Assignment, member: User) -> bool:
    """Nothing yet, or asked for once more."""
    return not work_of(assignment, member).exclude(outcome=Outcome.AGAIN).exists()


@transaction.atomic
def hand_in(
    *, assignment: Assignment, member: User, text: str, file: UploadedFile | None = None
) -> HandedIn:
    """Raises AlreadyHandedIn while another piece waits or has passed."""
    # Two tabs at once wait for one another here.
    User.objects.select_for_update(no_key=True).get(pk=member.pk)
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
    for teacher in _teachers_of(member, course):
        mails.send(
            key=f"work {work.pk} {teacher.pk}",
            member=teacher,
            template="work_handed_in",
            title=assignment.lesson.title,
            work=work.pk,
        )
    return work


def _teachers_of(member: User, course: Item) -> list[User]:
    """The mentor of the learner's cohort; without one, the authors."""
    own = User.objects.filter(
        cohorts__learners__member=member, cohorts__course=course, erased_at=None
    )
    return list(own) or authors_of(course)


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
    work = (
        HandedIn.objects.select_for_update(of=("self",))
        .select_related("assignment__lesson__section__item", "member")
        .get(pk=work.pk)
    )
    if work.outcome != Outcome.WAITING:
        raise AlreadyReviewed
    work.outcome = Outcome.PASSED if is_passed else Outcome.AGAIN
    work.reviewer, work.reviewed_at = by, timezone.now()
    work.comment, work.marks = comment, [list(mark) for mark in marks]
    work.save()
    lesson = work.assignment.lesson
    mails.send(
        key=f"work reviewed {work.pk}",
        member=work.member,
        template="work_reviewed",
        title=lesson.title,
        is_passed=is_passed,
        assignment=work.assignment_id,
    )
    if is_passed and work.assignment.must_pass:
        _finish(work)
    return work


def _finish(work: HandedIn) -> None:
    """The lesson's quiz may still have to be passed: then that finishes it."""
    lesson = work.assignment.lesson
    if not courses.waits_for(work.member, lesson):
        courses.mark_done(member=work.member, lesson=lesson)


def waiting_for(teacher: User) -> QuerySet[HandedIn]:
    """What waits in the courses that this person teaches and from the learners that
    they guide, oldest first."""
    of_course = "assignment__lesson__section__item__"
    waiting = HandedIn.objects.filter(outcome=Outcome.WAITING)
    if not teacher.is_operator:
        own = Q(**{f"{of_course}author": teacher})
        beside = Q(**{f"{of_course}co_authors__member": teacher})
        guided = Enrolment.objects.filter(
            cohort__mentor=teacher,
            item=OuterRef("assignment__lesson__section__item"),
            member=OuterRef("member"),
        )
        waiting = waiting.filter(own | beside | Exists(guided)).distinct()
    related = waiting.select_related("member", "assignment__lesson__section__item")
    return related.order_by("at", "pk")
