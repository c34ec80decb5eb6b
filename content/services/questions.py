"""The bank of questions of a course, and which of them its quizzes ask."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from community.lib import markdown
from content.models import Item, Lesson, Question, Quiz, QuizQuestion


@transaction.atomic
def add_quiz(*, course: Item, kind: Quiz.Kind, lesson: Lesson | None = None) -> Quiz:
    """The quiz at this place; made when there is none yet."""
    told = {"shows_answers": kind != Quiz.Kind.BEFORE}  # else it teaches the test
    return Quiz.objects.get_or_create(
        item=course, kind=kind, lesson=lesson, defaults=told
    )[0]


def save_quiz(*, quiz: Quiz, **settings: Any) -> None:
    for name, value in settings.items():
        setattr(quiz, name, value)
    quiz.save(update_fields=list(settings))


@transaction.atomic
def remove_quiz(*, quiz: Quiz) -> bool:
    """Take out a quiz that nobody has taken; whether it could be done."""
    if quiz.attempts.exists():
        return False
    quiz.delete()
    return True


@transaction.atomic
def choose(*, quiz: Quiz, questions: Collection[Question]) -> None:
    """These of the course's bank, and no others."""
    QuizQuestion.objects.filter(quiz=quiz).exclude(question__in=questions).delete()
    QuizQuestion.objects.bulk_create(
        [QuizQuestion(quiz=quiz, question=question) for question in questions],
        ignore_conflicts=True,
    )


@transaction.atomic
def add_question(*, quiz: Quiz, **says: Any) -> Question:
    """A new question of the bank, asked in this quiz."""
    question = Question.objects.create(
        item_id=quiz.item_id, text_html=markdown.render(says["text"]), **says
    )
    QuizQuestion.objects.create(quiz=quiz, question=question)
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
    """With how often each was answered, and how often rightly."""
    judged = Q(answered__is_right__isnull=False)
    return Question.objects.filter(item=course, retired_at=None).annotate(
        times=Count("answered", filter=judged),
        times_right=Count("answered", filter=Q(answered__is_right=True)),
    )


def tests_about(course: Item) -> list[tuple[Quiz.Kind, Quiz | None]]:
    """The places for a test before and after the course, with what is there."""
    made = {quiz.kind: quiz for quiz in course.quizzes.filter(lesson=None)}
    return [(kind, made.get(kind)) for kind in (Quiz.Kind.BEFORE, Quiz.Kind.AFTER)]
