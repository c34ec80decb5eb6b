import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    DateRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Space
from community.lib.dates import site_day
from content.models.assignments import Assignment
from content.models.courses import Lesson
from content.models.items import Item
from content.models.quizzes import Quiz

INTRODUCTION_LENGTH = 500
LATEST_DUE = 3650  # days after the first


class Cohort(models.Model):
    """One run of a course, which its learners begin on the same day.

    Who learns in it is said by their enrolments; a constraint in the database keeps
    an enrolment from pointing at a cohort of another course.
    """

    activity_kind = "cohort"

    course = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="cohorts",
        verbose_name=_("course"),
    )
    name = models.CharField(_("name"), max_length=80)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="cohorts",
        verbose_name=_("mentor"),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    seats = models.PositiveSmallIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    # Its learners come in and leave by themselves; its mentor is mentor there, too.
    space = models.OneToOneField(
        Space,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="cohort",
        verbose_name=_("space"),
    )
    # When its learners were told that it is over, and asked how it was.
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        ordering = ["starts_on", "id"]
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="cohort_ends_after_it_starts",
                violation_error_message=_("It cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__gte=dt.date(2000, 1, 1))
                & Q(ends_on__lte=dt.date(2200, 1, 1)),
                name="cohort_in_our_time",
                violation_error_message=_("A day between the years 2000 and 2200."),
            ),
            # What the enrolments' reference to both columns needs.
            models.UniqueConstraint(fields=["id", "course"], name="cohort_of_a_course"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("content:cohort", args=[self.pk])

    @property
    def room_url(self) -> str:
        """Where its learners meet it; the address above is its mentor's."""
        return reverse("content:cohort_room", args=[self.pk])

    @property
    def has_begun(self) -> bool:
        return self.starts_on <= site_day()

    @property
    def is_over(self) -> bool:
        return self.ends_on < site_day()


class DueDate(models.Model):
    """Until when a cohort should have done a part of its course, in days after the
    first one. It shuts nothing: what is late may still be done."""

    activity_kind = "due_date"

    course = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="due_dates",
        verbose_name=_("course"),
    )
    lesson = models.OneToOneField(
        Lesson,
        on_delete=models.CASCADE,
        null=True,
        related_name="due_date",
        verbose_name=_("lesson"),
    )
    assignment = models.OneToOneField(
        Assignment,
        on_delete=models.CASCADE,
        null=True,
        related_name="due_date",
        verbose_name=_("assignment"),
    )
    quiz = models.OneToOneField(
        Quiz,
        on_delete=models.CASCADE,
        null=True,
        related_name="due_date",
        verbose_name=_("quiz"),
    )
    days = models.PositiveSmallIntegerField(_("days after the first day"))

    class Meta:
        ordering = ["days", "id"]
        verbose_name = _("due date")
        verbose_name_plural = _("due dates")
        constraints = [
            models.CheckConstraint(
                condition=Q(lesson__isnull=False, assignment=None, quiz=None)
                | Q(lesson=None, assignment__isnull=False, quiz=None)
                | Q(lesson=None, assignment=None, quiz__isnull=False),
                name="due_date_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(days__lte=LATEST_DUE), name="due_date_within_ten_years"
            ),
        ]

    def __str__(self):
        return f"{self.course_id} after {self.days}"


class Introduction(models.Model):
    """What a learner tells the others of their cohort about themselves. Without one
    they are counted there, and not named."""

    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.CASCADE,
        related_name="introductions",
        verbose_name=_("cohort"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cohort_introductions",
        verbose_name=_("member"),
    )
    text = models.CharField(_("about you"), max_length=INTRODUCTION_LENGTH, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        verbose_name = _("introduction to classmates")
        verbose_name_plural = _("introductions to classmates")
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "member"], name="introduced_once_a_cohort"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} to {self.cohort_id}"


class Nudge(models.Model):
    """That a quiet learner was asked how it goes: at most once in seven days."""

    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.CASCADE,
        related_name="nudges",
        verbose_name=_("cohort"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="nudges",
        verbose_name=_("member"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="nudges_given",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    day = models.DateField(_("day"))
    rests_until = models.DateField(_("rests until"))

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("question to a quiet learner")
        verbose_name_plural = _("questions to quiet learners")
        constraints = [
            # Without an extension: a member's number is a range of one.
            ExclusionConstraint(
                name="nudges_are_rested",
                expressions=[
                    (
                        Func(
                            F("member_id"),
                            F("member_id"),
                            Value("[]"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("day"),
                            F("rests_until"),
                            RangeBoundary(),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self):
        return f"{self.member_id} by {self.by_id}"


class Withdrawal(models.Model):
    """That a member left a course before it began for them. Their enrolment is gone;
    that they enrolled stands in the log, and is not told there again."""

    course = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="withdrawals",
        verbose_name=_("course"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="withdrawals",
        verbose_name=_("member"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("withdrawal from a course")
        verbose_name_plural = _("withdrawals from courses")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "member"], name="withdrawn_once_a_course"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} from {self.course_id}"
