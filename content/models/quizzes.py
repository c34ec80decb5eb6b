"""Quizzes: a bank of questions for each course, and what learners answered."""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.lib.marks import plain_marks
from content.models.courses import Lesson
from content.models.items import Item

RIGHT = "*"  # stands before a right choice
MOST_CHOICES = 20
MOST_AT_ONCE = 20  # attempts that are given to one learner


class Question(models.Model):
    """One question of a course's bank. Once somebody has answered it, it is never
    changed: another takes its place, and this one is retired."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("One right choice")
        MULTIPLE = "multiple", _("Several right choices")
        NUMERIC = "numeric", _("A number")
        KEYWORDS = "keywords", _("Words that have to occur")

    item = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="questions",
        verbose_name=_("course"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.SINGLE)
    text = models.TextField(pgettext_lazy("quiz", "question"), max_length=4000)
    text_html = models.TextField(_("question as shown"), editable=False)
    # Choices, right ones behind a star; or words, other spellings behind a bar.
    answers = models.TextField(_("choices or words"), max_length=4000, blank=True)
    number = models.DecimalField(
        _("right number"), max_digits=20, decimal_places=6, null=True, blank=True
    )
    tolerance = models.DecimalField(
        _("may be off by"),
        max_digits=20,
        decimal_places=6,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    explanation = models.TextField(_("explanation"), max_length=4000, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("question of a quiz")
        verbose_name_plural = _("questions of quizzes")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="numeric", number__isnull=False)
                | ~Q(kind="numeric") & ~Q(answers=""),
                name="question_has_its_answer",
                violation_error_message=_("Say what the right answer is."),
            ),
            models.CheckConstraint(
                condition=Q(tolerance__gte=0), name="question_tolerance_not_negative"
            ),
        ]

    def __str__(self):
        return self.text[:80]

    def clean(self):
        """Leaves nothing that its kind does not use, and refuses what nobody could
        answer rightly: for the studio and the admin alike."""
        self.answers = plain_marks(self.answers)
        if self.kind == self.Kind.NUMERIC:
            self.answers = ""
            if self.number is None:
                raise ValidationError({"number": _("Say which number is right.")})
            return
        self.number, self.tolerance = None, Decimal(0)
        if wrong := self._wrong_with_answers():
            raise ValidationError({"answers": wrong})

    def _wrong_with_answers(self):
        if self.kind == self.Kind.KEYWORDS:
            return (
                "" if self.words and all(self.words) else _("Write at least one word.")
            )
        right = len(self.right_choices)
        if not 2 <= len(self.choices) <= MOST_CHOICES:
            return _("Give between 2 and 20 choices, one a line.")
        if len(set(self.choices)) < len(self.choices) or "" in self.choices:
            return _("Two choices are the same, or one is empty.")
        if self.kind == self.Kind.SINGLE and right != 1:
            return _("Put a star before exactly one choice.")
        return "" if right else _("Put a star (*) before each right choice.")

    @property
    def has_choices(self) -> bool:
        return self.kind in {self.Kind.SINGLE, self.Kind.MULTIPLE}

    @property
    def lines(self) -> list[str]:
        lines = (line.strip() for line in self.answers.splitlines())
        return [line for line in lines if line]

    @property
    def choices(self) -> list[str]:
        return [line.removeprefix(RIGHT).strip() for line in self.lines]

    @property
    def words(self) -> list[list[str]]:
        """The words that have to occur, each with its other spellings."""
        found = ([it.strip() for it in line.split("|")] for line in self.lines)
        return [[it for it in spellings if it] for spellings in found]

    @property
    def spellings(self) -> list[str]:
        return [" / ".join(it) for it in self.words]

    @property
    def right_choices(self) -> set[int]:
        return {at for at, line in enumerate(self.lines) if line.startswith(RIGHT)}


class Quiz(models.Model):
    """Questions asked together: beside a lesson, or before and after a course."""

    class Kind(models.TextChoices):
        LESSON = "lesson", _("Quiz of a lesson")
        BEFORE = "before", _("Test before the course")
        AFTER = "after", _("Test after the course")

    activity_kind = "quiz"

    item = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="quizzes",
        verbose_name=_("course"),
    )
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    lesson = models.OneToOneField(
        Lesson,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="quiz",
        verbose_name=_("lesson"),
    )
    draw = models.PositiveSmallIntegerField(
        _("questions asked"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("So many, drawn anew each time. Empty: all of them."),
    )
    most_attempts = models.PositiveSmallIntegerField(
        _("attempts"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as many as one likes."),
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: without a limit."),
    )
    pass_percent = models.PositiveSmallIntegerField(
        _("passed from (percent)"), default=60, validators=[MaxValueValidator(100)]
    )
    must_pass = models.BooleanField(
        _("has to be passed"),
        default=False,
        help_text=_("The lesson counts as done when it is."),
    )
    shows_answers = models.BooleanField(
        _("says afterwards what was right"), default=True
    )
    asks_same = models.BooleanField(
        _("asks the same as the test before"),
        default=False,
        help_text=_("Each learner meets the questions of their test before again."),
    )

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="lesson", lesson__isnull=False)
                | ~Q(kind="lesson") & Q(lesson=None, must_pass=False),
                name="quiz_beside_a_lesson_or_a_course",
            ),
            models.UniqueConstraint(
                fields=["item", "kind"],
                condition=~Q(kind="lesson"),
                name="quiz_one_before_one_after",
            ),
            models.CheckConstraint(
                condition=Q(pass_percent__lte=100), name="quiz_at_most_all_right"
            ),
            models.CheckConstraint(
                condition=Q(asks_same=False) | Q(kind="after"),
                name="quiz_only_after_asks_same",
            ),
        ]

    def __str__(self):
        return self.lesson.title if self.lesson else self.get_kind_display()

    def get_absolute_url(self):
        return reverse("content:quiz", args=[self.pk])


class QuizQuestion(models.Model):
    """That a quiz asks, or may draw, a question of the bank."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="asked")
    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="asked_in"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "question"], name="asked_once_in_a_quiz"
            ),
        ]

    def __str__(self):
        return f"{self.quiz_id} asks {self.question_id}"


class Attempt(models.Model):
    """One go of one member at a quiz; open until handed in or out of time."""

    quiz = models.ForeignKey(
        Quiz,
        on_delete=models.CASCADE,
        related_name="attempts",
        verbose_name=_("quiz"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="quiz_attempts",
        verbose_name=_("member"),
    )
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    handed_in_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    right = models.PositiveSmallIntegerField(_("right answers"), default=0)
    asked = models.PositiveSmallIntegerField(_("questions asked"))
    passed = models.BooleanField(_("passed"), default=False)

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("attempt at a quiz")
        verbose_name_plural = _("attempts at quizzes")
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "member"],
                condition=Q(handed_in_at=None),
                name="attempt_one_open_a_quiz",
            ),
            models.CheckConstraint(
                condition=Q(asked__gte=1, right__lte=F("asked")),
                name="attempt_not_more_right_than_asked",
            ),
            models.CheckConstraint(
                condition=Q(handed_in_at__isnull=False) | Q(right=0, passed=False),
                name="attempt_judged_when_handed_in",
            ),
        ]
        indexes = [
            # For the sweep of those out of time.
            models.Index(
                fields=["due_at"],
                condition=Q(handed_in_at=None),
                name="attempt_open_due",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} at {self.quiz_id}"

    def get_absolute_url(self):
        return reverse("content:attempt", args=[self.pk])

    @property
    def is_timed_out(self) -> bool:
        return self.due_at is not None and self.handed_in_at == self.due_at

    @property
    def seconds_left(self) -> int:
        """Of a timed attempt, as the page says them to a clock that may be wrong."""
        left = self.due_at - timezone.now() if self.due_at else dt.timedelta()
        return max(0, round(left.total_seconds()))

    @property
    def percent(self) -> int:
        return round(100 * self.right / self.asked)


class AttemptAnswer(models.Model):
    """What was answered to one question of an attempt."""

    attempt = models.ForeignKey(
        Attempt,
        on_delete=models.CASCADE,
        related_name="answers",
        verbose_name=_("attempt at a quiz"),
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.RESTRICT,
        related_name="answered",
        verbose_name=pgettext_lazy("quiz", "question"),
    )
    position = models.PositiveSmallIntegerField(_("position"))
    # Numbers of choices, or one text.
    given = models.JSONField(_("answer"), default=list, blank=True)
    is_right = models.BooleanField(_("right"), null=True)

    class Meta:
        ordering = ["position"]
        verbose_name = _("answer in a quiz")
        verbose_name_plural = _("answers in a quiz")
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "question"], name="answered_once_an_attempt"
            ),
        ]

    def __str__(self):
        return f"{self.attempt_id}: {self.question_id}"


class MoreAttempts(models.Model):
    """That a learner asks for more attempts at a quiz, or was given some."""

    quiz = models.ForeignKey(
        Quiz,
        on_delete=models.CASCADE,
        related_name="more_attempts",
        verbose_name=_("quiz"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="more_attempts",
        verbose_name=_("member"),
    )
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    number = models.PositiveSmallIntegerField(_("attempts"), default=0)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("given by"),
    )
    given_at = models.DateTimeField(_("given at"), null=True, blank=True)

    class Meta:
        verbose_name = _("more attempts at a quiz")
        verbose_name_plural = _("more attempts at quizzes")
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "member"],
                condition=Q(given_at=None),
                name="more_attempts_asked_for_once",
            ),
            models.CheckConstraint(
                condition=Q(given_at=None, asked_at__isnull=False, number=0)
                | Q(given_at__isnull=False, number__range=(1, MOST_AT_ONCE)),
                name="more_attempts_asked_for_or_given",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} at {self.quiz_id}: {self.number}"
