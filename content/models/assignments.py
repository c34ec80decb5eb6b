"""Assignments of lessons, and the work that learners hand in for review."""

import re
import uuid
from pathlib import PurePosixPath
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.courses import Lesson

CRITERION = re.compile(r"^(?P<name>.+?)\s*\|\s*(?P<points>\d{1,3})$")


class Criterion(NamedTuple):
    """What is looked at, and how many points it gives at most."""

    name: str
    points: int


def work_path(work: "HandedIn", filename: str) -> str:
    """A name that cannot be guessed, so that only signed links lead to the file."""
    return f"work/{uuid.uuid4().hex}{PurePosixPath(filename).suffix.lower()[:8]}"


class Assignment(models.Model):
    """What a lesson asks its learners to do, and what a mentor then looks at."""

    lesson = models.OneToOneField(
        Lesson,
        on_delete=models.CASCADE,
        related_name="assignment",
        verbose_name=_("lesson"),
    )
    task = models.TextField(_("task"), max_length=20_000)
    task_html = models.TextField(_("task as shown"), editable=False)
    # One criterion a line, its most points behind a bar.
    rubric = models.TextField(_("rubric"), max_length=4000, blank=True)
    takes_file = models.BooleanField(_("takes a file"), default=False)
    must_pass = models.BooleanField(
        _("has to be passed"),
        default=False,
        help_text=_("The lesson counts as done when it is."),
    )

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")

    def __str__(self):
        return self.lesson.title

    def get_absolute_url(self):
        return reverse("content:assignment", args=[self.pk])

    @property
    def criteria(self) -> list[Criterion]:
        found = (CRITERION.match(line.strip()) for line in self.rubric.splitlines())
        return [Criterion(it["name"], int(it["points"])) for it in found if it]


class HandedIn(models.Model):
    """One piece of work. Reviewed, it stays as it is; what is asked for again is
    another piece."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting for a mentor")
        AGAIN = "again", _("Once more, please")
        PASSED = "passed", _("Passed")

    assignment = models.ForeignKey(
        Assignment,
        on_delete=models.CASCADE,
        related_name="work",
        verbose_name=_("assignment"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="handed_in",
        verbose_name=_("member"),
    )
    text = models.TextField(_("text"), max_length=50_000, blank=True)
    text_html = models.TextField(_("text as shown"), editable=False, blank=True)
    file = models.FileField(_("file"), upload_to=work_path, blank=True)
    at = models.DateTimeField(_("handed in at"), default=timezone.now)
    outcome = models.CharField(
        _("outcome"), max_length=7, choices=Outcome, default=Outcome.WAITING
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewer"),
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    comment = models.TextField(_("comment"), max_length=4000, blank=True)
    # [[criterion, points given, most points], …] as they were when it was reviewed.
    marks = models.JSONField(_("marks"), default=list, blank=True)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("work handed in")
        verbose_name_plural = _("work handed in")
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "member"],
                condition=Q(outcome="waiting"),
                name="work_one_waits",
            ),
            models.UniqueConstraint(
                fields=["assignment", "member"],
                condition=Q(outcome="passed"),
                name="work_passed_once",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(file=""), name="work_is_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(outcome="waiting", reviewed_at=None)
                | ~Q(outcome="waiting") & Q(reviewed_at__isnull=False),
                name="work_reviewed_when_decided",
            ),
        ]
        indexes = [
            models.Index(
                fields=["at"], condition=Q(outcome="waiting"), name="work_waiting"
            ),
            models.Index(
                fields=["-reviewed_at", "-id"],
                condition=~Q(outcome="waiting"),
                name="work_reviewed",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} for {self.assignment_id}"

    @property
    def points(self) -> int:
        return sum(given for _name, given, _most in self.marks)

    @property
    def most_points(self) -> int:
        return sum(most for _name, _given, most in self.marks)


class EarlierReview(models.Model):
    """What was said of a piece of work until it was put right."""

    work = models.ForeignKey(
        HandedIn,
        on_delete=models.CASCADE,
        related_name="earlier_reviews",
        verbose_name=_("work handed in"),
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewer"),
    )
    reviewed_at = models.DateTimeField(_("reviewed at"))
    outcome = models.CharField(
        _("outcome"),
        max_length=7,
        choices=[it for it in HandedIn.Outcome.choices if it[0] != "waiting"],
    )
    comment = models.TextField(_("comment"), max_length=4000, blank=True)
    marks = models.JSONField(_("marks"), default=list, blank=True)

    class Meta:
        ordering = ["-reviewed_at"]
        verbose_name = _("earlier review")
        verbose_name_plural = _("earlier reviews")
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="waiting"), name="earlier_review_decided"
            ),
        ]

    def __str__(self):
        return f"{self.work_id}: {self.outcome}"
