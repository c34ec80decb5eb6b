"""More attempts at a quiz: asked for by who has had them all, given by who teaches."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.services import mails
from accounts.services.members import hold_members
from content.models import Attempt, Enrolment, MoreAttempts, Quiz
from content.services.assignments import teachers_of
from content.services.quizzes import attempts_left, attempts_of


def is_stuck(quiz: Quiz, member: User) -> bool:
    """Has had all attempts and passed in none. Tests about a course are taken once."""
    return (
        quiz.kind == Quiz.Kind.LESSON
        and attempts_left(quiz, member) == 0
        and not attempts_of(quiz, member).filter(handed_in_at=None).exists()
        and not attempts_of(quiz, member).filter(passed=True).exists()
    )


def asked_at(quiz: Quiz, member: User) -> dt.datetime | None:
    """Since when the learner waits for another attempt."""
    waiting = MoreAttempts.objects.filter(quiz=quiz, member=member.pk, given_at=None)
    return waiting.values_list("asked_at", flat=True).first()


@transaction.atomic
def ask_for_more(*, quiz: Quiz, member: User) -> None:
    """Tell who teaches the learner; once, however often it is asked."""
    hold_members(member.pk)
    if not is_stuck(quiz, member) or asked_at(quiz, member):
        return
    asked = MoreAttempts.objects.create(
        quiz=quiz, member=member, asked_at=timezone.now()
    )
    enrolment = Enrolment.objects.filter(member=member, item=quiz.item_id).first()
    for teacher in teachers_of(member, quiz.item):
        mails.send(
            key=f"asks for attempts {asked.pk} {teacher.pk}",
            member=teacher,
            template="attempts_asked",
            title=str(quiz),
            quiz=quiz.pk,
            cohort=enrolment.cohort_id if enrolment else None,
        )


@transaction.atomic
def give_more(*, quiz: Quiz, member: User, by: User, number: int = 1) -> bool:
    """Let a learner who is stuck try again; whether they were. So a second click gives
    nothing more."""
    hold_members(member.pk)
    if not is_stuck(quiz, member):
        return False
    waiting = MoreAttempts.objects.filter(quiz=quiz, member=member, given_at=None)
    given = waiting.first() or MoreAttempts(quiz=quiz, member=member)
    given.number, given.given_by, given.given_at = number, by, timezone.now()
    given.save()
    mails.send(
        key=f"attempts given {given.pk}",
        member=member,
        template="attempts_given",
        title=str(quiz),
        quiz=quiz.pk,
    )
    return True


@dataclass(frozen=True)
class Stuck:
    """A learner who can neither pass a quiz nor try it again."""

    quiz: Quiz
    member: User
    had: int
    asked_at: dt.datetime | None


def stuck_at(
    quizzes: QuerySet[Quiz], members: Collection[int] | None = None
) -> list[Stuck]:
    """Those, of these members, who are stuck; who asked for more comes first."""
    rows = _stuck_rows(quizzes)
    if members is not None:
        rows = rows.filter(member__in=members)
    known = quizzes.select_related("lesson").in_bulk([row["quiz"] for row in rows])
    people = User.objects.in_bulk([row["member"] for row in rows])
    stuck = [
        Stuck(known[it["quiz"]], people[it["member"]], it["had"], it["asked"])
        for it in rows
    ]
    return sorted(stuck, key=lambda it: (not it.asked_at, it.member.name, it.quiz.pk))


def stuck_in(quiz: Quiz) -> list[Stuck]:
    return stuck_at(Quiz.objects.filter(pk=quiz.pk))


def _stuck_rows(quizzes: QuerySet[Quiz]) -> QuerySet[Attempt, dict[str, Any]]:
    limited = quizzes.filter(most_attempts__isnull=False, kind=Quiz.Kind.LESSON)
    theirs = MoreAttempts.objects.filter(
        quiz=OuterRef("quiz"), member=OuterRef("member")
    ).order_by()
    given = theirs.values("quiz").annotate(sum=Sum("number")).values("sum")
    waiting = theirs.filter(given_at=None).values("asked_at")
    return (
        Attempt.objects.filter(quiz__in=limited, member__erased_at=None)
        .order_by()
        .values("quiz", "member", "quiz__most_attempts")
        .annotate(
            had=Count("pk"),
            open_or_passed=Count("pk", filter=Q(passed=True) | Q(handed_in_at=None)),
            more=Coalesce(Subquery(given), 0),
            asked=Subquery(waiting),
        )
        .filter(open_or_passed=0, had__gte=F("quiz__most_attempts") + F("more"))
    )
