"""The bank of questions of a course, and which of them its quizzes ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Role, User
from community.lib import markdown
from content.models import Item, Lesson, Question, Quiz, QuizQuestion


@transaction.atomic
def add_quiz(*, course: Item, kind: Quiz.Kind, lesson: Lesson | None = None) -> Quiz:
    """The quiz at this place; made when there is none yet."""
    told = {
        "shows_answers": kind != Quiz.Kind.BEFORE,  # else it teaches the test
        "asks_same": kind == Quiz.Kind.AFTER,  # else what was learnt is not told
    }
    quiz, is_new = Quiz.objects.get_or_create(
        item=course, kind=kind, lesson=lesson, defaults=told
    )
    others = [it for it in _together(quiz) if it != quiz]
    if is_new and others:
        keep_together(quiz=others[0])
    return quiz


@transaction.atomic
def save_quiz(*, quiz: Quiz, **settings: Any) -> None:
    asked_the_same = ask_the_same(quiz)
    for name, value in settings.items():
        setattr(quiz, name, value)
    quiz.save(update_fields=list(settings))
    if asked_the_same:
        keep_together(quiz=quiz)
    elif ask_the_same(quiz):
        keep_together(quiz=quiz.item.quizzes.get(kind=Quiz.Kind.BEFORE))


def keep_together(*, quiz: Quiz) -> None:
    """Two tests that ask the same draw as many, of the same questions: as this one."""
    questions = list(Question.objects.filter(asked_in__quiz=quiz))
    for other in _together(quiz):
        Quiz.objects.filter(pk=other.pk).update(draw=quiz.draw)
    choose(quiz=quiz, questions=questions)


def _together(quiz: Quiz) -> list[Quiz]:
    """The quiz; with a test also the other one, where both ask the same."""
    tests = Quiz.objects.filter(item=quiz.item_id, lesson=None)
    if quiz.lesson_id or not tests.filter(asks_same=True).exists():
        return [quiz]
    return list(tests)


def ask_the_same(quiz: Quiz) -> bool:
    """Whether what is changed in it changes the other test, too."""
    return len(_together(quiz)) > 1


@transaction.atomic
def remove_quiz(*, quiz: Quiz) -> bool:
    """Take out a quiz that no learner has taken; whether it could be done. What its
    makers tried goes with it."""
    if quiz.attempts.exclude(member__in=makers_of(quiz.item)).exists():
        return False
    quiz.delete()
    return True


@transaction.atomic
def choose(*, quiz: Quiz, questions: Iterable[Question]) -> None:
    """These of the course's bank, and no others."""
    questions = list(questions)
    for each in _together(quiz):
        each.asked.exclude(question__in=questions).delete()
        _ask(each, questions)


def _ask(quiz: Quiz, questions: Iterable[Question]) -> None:
    QuizQuestion.objects.bulk_create(
        [QuizQuestion(quiz=quiz, question=question) for question in questions],
        ignore_conflicts=True,
    )


@transaction.atomic
def add_question(*, quiz: Quiz, **says: Any) -> Question:
    """A new question of the bank, asked in this quiz; of two tests that ask the same,
    in both."""
    question = Question.objects.create(
        item_id=quiz.item_id, text_html=markdown.render(says["text"]), **says
    )
    for each in _together(quiz):
        _ask(each, [question])
    return question


@transaction.atomic
def change_question(*, question: Question, **says: Any) -> Question:
    """Change it where nobody has answered it yet; else put another in its place, so
    that what was judged stays as it was judged."""
    question = Question.objects.select_for_update().get(pk=question.pk)
    says["text_html"] = markdown.render(says["text"])
    if not question.answered.exists():
        for name, value in says.items():
            setattr(question, name, value)
        question.save(update_fields=list(says))
        return question
    other = Question.objects.create(item_id=question.item_id, **says)
    question.asked_in.update(question=other)
    retire(question=question)
    return other


@transaction.atomic
def retire(*, question: Question) -> None:
    """Ask it no more; answers that were given stay."""
    question.asked_in.all().delete()
    question.retired_at = timezone.now()
    question.save(update_fields=["retired_at"])


def bank_of(course: Item) -> QuerySet[Question]:
    """With how often learners answered each, and how often rightly."""
    learners = ~Q(answered__attempt__member__in=makers_of(course))
    judged = learners & Q(answered__is_right__isnull=False)
    bank = Question.objects.filter(item=course, retired_at=None).annotate(
        times=Count("answered", filter=judged),
        times_right=Count("answered", filter=learners & Q(answered__is_right=True)),
    )
    return bank.order_by("pk")


def makers_of(course: Item) -> QuerySet[User]:
    """Who writes it, guides in it, or keeps house: trying a quiz, they are no
    learners."""
    writes = Q(pk=course.author_id) | Q(pk__in=course.co_authors.values("member"))
    guides = Q(pk__in=course.cohorts.order_by().values("mentor"))
    keeps_house = Q(is_superuser=True) | Q(roles__contains=[Role.OPERATOR])
    return User.objects.filter(writes | guides | keeps_house).order_by()


def tests_about(course: Item) -> list[tuple[Quiz.Kind, Quiz | None]]:
    """The places for a test before and after the course, with what is there."""
    made = {quiz.kind: quiz for quiz in course.quizzes.filter(lesson=None)}
    return [(kind, made.get(kind)) for kind in (Quiz.Kind.BEFORE, Quiz.Kind.AFTER)]


@dataclass(frozen=True)
class Compared:
    """How many questions the tests before and after a course have in common."""

    both: int
    only_before: int
    only_after: int

    @property
    def differ(self) -> bool:
        return bool(self.only_before or self.only_after)


def compare_tests(course: Item) -> Compared | None:
    """None where one of them is missing or asks nothing."""
    asked = QuizQuestion.objects.filter(quiz__item=course, quiz__lesson=None)
    rows = asked.values_list("quiz__kind", "question")
    before = {pk for kind, pk in rows if kind == Quiz.Kind.BEFORE}
    after = {pk for kind, pk in rows if kind == Quiz.Kind.AFTER}
    if not (before and after):
        return None
    return Compared(len(before & after), len(before - after), len(after - before))
