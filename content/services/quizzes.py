"""Taking quizzes: begun once at a time, saved as one answers, judged by our clock."""

import datetime as dt
import random
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User, Verb
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from community.lib.text import without_nul
from content.errors import NoMoreAttempts, NothingToAsk
from content.models import Attempt, AttemptAnswer, Item, MoreAttempts, Question, Quiz
from content.services import courses
from content.services.grading import Given, is_right

LONGEST_ANSWER = 4000  # characters
ON_ITS_WAY = dt.timedelta(seconds=20)  # what was sent in time may arrive so late


@transaction.atomic
def start(*, quiz: Quiz, member: User) -> Attempt:
    """The open attempt, or a new one. Raises NoMoreAttempts, NothingToAsk."""
    # Two tabs at once wait for one another here, and find one attempt.
    hold_members(member.pk)
    if begun := open_attempt(quiz, member):
        return begun
    if attempts_left(quiz, member) == 0:
        raise NoMoreAttempts
    questions = _met_before(quiz, member) or _drawn(quiz)
    if not questions:
        raise NothingToAsk
    now = timezone.now()
    attempt = Attempt.objects.create(
        quiz=quiz,
        member=member,
        started_at=now,
        due_at=now + dt.timedelta(minutes=quiz.minutes) if quiz.minutes else None,
        asked=len(questions),
    )
    AttemptAnswer.objects.bulk_create(
        AttemptAnswer(attempt=attempt, question=question, position=position)
        for position, question in enumerate(questions)
    )
    return attempt


def _met_before(quiz: Quiz, member: User) -> list[Question]:
    """Those of the learner's own test before the course, as far as they are still
    asked: only what was asked twice tells what was learnt."""
    if not quiz.asks_same:
        return []
    then = AttemptAnswer.objects.filter(
        attempt__quiz__item=quiz.item_id,
        attempt__quiz__kind=Quiz.Kind.BEFORE,
        attempt__member=member,
    )
    still = Question.objects.filter(asked_in__quiz=quiz, retired_at=None)
    return list(still.filter(pk__in=then.values("question")))


def _drawn(quiz: Quiz) -> list[Question]:
    """All in their order; or, where fewer are asked, so many at random."""
    bank = list(Question.objects.filter(asked_in__quiz=quiz, retired_at=None))
    if not quiz.draw or quiz.draw >= len(bank):
        return bank
    return random.SystemRandom().sample(bank, quiz.draw)


def how_many_asked(quiz: Quiz) -> int:
    bank = Question.objects.filter(asked_in__quiz=quiz, retired_at=None).count()
    return min(quiz.draw or bank, bank)


def attempts_of(quiz: Quiz, member: User) -> QuerySet[Attempt]:
    return Attempt.objects.filter(quiz=quiz, member=member.pk)


def open_attempt(quiz: Quiz, member: User) -> Attempt | None:
    """The attempt that still takes answers; one out of time is handed in."""
    attempt = attempts_of(quiz, member).filter(handed_in_at=None).first()
    if attempt and is_over(attempt):
        hand_in(attempt=attempt)
        return None
    return attempt


def attempts_left(quiz: Quiz, member: User) -> int | None:
    """None: as many as one likes. Tests before and after are taken once."""
    most = quiz.most_attempts if quiz.kind == Quiz.Kind.LESSON else 1
    if most is None:
        return None
    given = MoreAttempts.objects.filter(quiz=quiz, member=member.pk)
    more = given.aggregate(sum=Sum("number"))["sum"] or 0
    return max(0, most + more - attempts_of(quiz, member).count())


def is_over(attempt: Attempt) -> bool:
    return bool(attempt.due_at and timezone.now() > attempt.due_at + ON_ITS_WAY)


@transaction.atomic
def save_answers(*, attempt: Attempt, given: dict[int, Given]) -> bool:
    """Keep what is answered so far, by the number of the question; whether it was
    in time. What comes too late is not looked at."""
    attempt = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if attempt.handed_in_at or is_over(attempt):
        return False
    answers = list(attempt.answers.all())
    for answer in answers:
        answer.given = [
            without_nul(text)[:LONGEST_ANSWER]
            for text in given.get(answer.question_id, [])
        ]
    AttemptAnswer.objects.bulk_update(answers, ["given"])
    return True


@transaction.atomic
def hand_in(*, attempt: Attempt) -> Attempt:
    """Judge what was saved; harmless to repeat. Passing may finish the lesson."""
    attempt = (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("quiz__lesson__section__item", "quiz__item", "member")
        .get(pk=attempt.pk)
    )
    if attempt.handed_in_at:
        return attempt
    answers = list(attempt.answers.select_related("question"))
    for answer in answers:
        answer.is_right = is_right(answer.question, answer.given)
    AttemptAnswer.objects.bulk_update(answers, ["is_right"])
    quiz, now = attempt.quiz, timezone.now()
    attempt.right = sum(bool(answer.is_right) for answer in answers)
    attempt.passed = 100 * attempt.right >= quiz.pass_percent * attempt.asked
    attempt.handed_in_at = min(now, attempt.due_at) if attempt.due_at else now
    attempt.save(update_fields=["right", "passed", "handed_in_at"])
    if attempt.passed:
        _note_pass(attempt)
    return attempt


def _note_pass(attempt: Attempt) -> None:
    quiz, member = attempt.quiz, attempt.member
    earlier = attempts_of(quiz, member).filter(passed=True).exclude(pk=attempt.pk)
    if not earlier.exists():
        record_activity(
            member=member,
            verb=Verb.QUIZ_PASSED,
            target=quiz,
            space=quiz.item.space_id,
            item=quiz.item_id,
        )
    if quiz.lesson and quiz.must_pass and not courses.waits_for(member, quiz.lesson):
        courses.mark_done(member=member, lesson=quiz.lesson)


def hand_in_overdue() -> int:
    """Attempts that nobody came back to; how many."""
    late = timezone.now() - ON_ITS_WAY
    overdue = Attempt.objects.filter(handed_in_at=None, due_at__lt=late)
    late_ones = list(overdue)
    for attempt in late_ones:
        hand_in(attempt=attempt)
    return len(late_ones)


@dataclass(frozen=True)
class Asked:
    """A question as one learner meets it: choices in an order of their own."""

    answer: AttemptAnswer
    choices: list[tuple[str, str]]  # (number, text)

    @property
    def question(self) -> Question:
        return self.answer.question

    @property
    def name(self) -> str:
        """Of its field."""
        return f"question-{self.question.pk}"

    @property
    def text(self) -> str:
        """What was written to a question without choices."""
        return self.answer.given[0] if self.answer.given else ""

    @property
    def right_choices(self) -> set[str]:
        return {str(number) for number in self.question.right_choices}


def asked_in(attempt: Attempt) -> list[Asked]:
    """The questions in order; the choices mixed the same way at every look."""
    found = []
    for answer in attempt.answers.select_related("question"):
        choices = [
            (str(number), text) for number, text in enumerate(answer.question.choices)
        ]
        # Mixed so that neighbours cannot copy, not to keep a secret.
        random.Random(answer.pk).shuffle(choices)  # noqa: S311
        found.append(Asked(answer, choices if answer.question.has_choices else []))
    return found


def tests_of(course: Item, member: User, done: int, total: int) -> list[Quiz]:
    """The tests about the whole course that are open to a learner who has done so many
    of its lessons: before the first, and after the last. One that is under way may be
    finished."""
    kinds = [] if done else [Quiz.Kind.BEFORE]
    if total and done == total:
        kinds.append(Quiz.Kind.AFTER)
    begun = Attempt.objects.filter(
        quiz=OuterRef("pk"), member=member.pk, handed_in_at=None
    )
    asked = Quiz.objects.filter(kind__in=kinds, asked__isnull=False)
    tests = Quiz.objects.filter(item=course, lesson=None)
    return list(tests.filter(Q(pk__in=asked) | Exists(begun)).order_by("pk"))
