"""What a course has beyond its item: sections, lessons, and who learns them."""

import datetime as dt
import uuid
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.lib import chapters
from content.models.items import Item

if TYPE_CHECKING:
    from content.services.courses import Beside


def media_path(lesson: "Lesson", filename: str) -> str:
    """A name that cannot be guessed, so that only signed links lead to the file."""
    return f"lessons/{uuid.uuid4().hex}{PurePosixPath(filename).suffix.lower()[:8]}"


class Section(models.Model):
    """A chapter of a course."""

    item = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="sections",
        verbose_name=_("course"),
    )
    title = models.CharField(_("title"), max_length=160)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    # When its lessons open to who may learn; what says nothing opens at once.
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    opens_after = models.PositiveSmallIntegerField(
        _("days after a learner begins"), null=True, blank=True
    )
    is_in_turn = models.BooleanField(
        _("opens when the section before is done"), default=False
    )

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_after=None) | Q(opens_after__range=(1, 3650)),
                name="section_opens_within_ten_years",
                violation_error_message=_("Between 1 and 3650 days."),
            ),
            models.CheckConstraint(
                condition=Q(opens_on=None)
                | Q(opens_on__range=(dt.date(2000, 1, 1), dt.date(2200, 1, 1))),
                name="section_opens_in_our_time",
                violation_error_message=_("A day between the years 2000 and 2200."),
            ),
        ]

    def __str__(self):
        return self.title


class Lesson(models.Model):
    """One sitting: a text, or a video or audio with its text or transcript."""

    activity_kind = "lesson"

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        VIDEO = "video", _("Video")
        AUDIO = "audio", _("Audio")

    section = models.ForeignKey(
        Section,
        on_delete=models.CASCADE,
        related_name="lessons",
        verbose_name=_("section"),
    )
    title = models.CharField(_("title"), max_length=160)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=5)
    is_preview = models.BooleanField(_("free preview"), default=False)
    body = models.TextField(_("text or transcript"), blank=True)
    body_html = models.TextField(_("text as shown"), editable=False, blank=True)
    media = models.FileField(_("audio or video file"), upload_to=media_path, blank=True)
    media_size = models.BigIntegerField(_("bytes"), default=0, editable=False)
    chapters = models.TextField(
        _("chapters"),
        blank=True,
        validators=[chapters.validate],
        help_text=_("One a line, such as 1:30 What it is about"),
    )
    # The lesson of another course that this one says the same as: see reuse.py.
    shared_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="copies",
        verbose_name=_("taken from"),
    )

    beside: "Beside"  # put here when somebody reads it

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("lesson of a course")
        verbose_name_plural = _("lessons")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="text") | ~Q(media=""),
                name="lesson_has_its_media",
                violation_error_message=_("Video and audio need their file."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("content:lesson", args=[self.pk])


class Enrolment(models.Model):
    """That a member takes a course."""

    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        related_name="enrolments",
        verbose_name=_("course"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="enrolments",
        verbose_name=_("member"),
    )
    # Who joins a cohort begins with it, on a day that may still be to come.
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    last_at = models.DateTimeField(_("last learned at"), default=timezone.now)
    done_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    cohort = models.ForeignKey(
        "content.Cohort",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="learners",
        verbose_name=_("cohort"),
    )
    # To this learner all is open at once, whatever the sections say.
    unlocked_at = models.DateTimeField(_("unlocked at"), null=True, blank=True)
    unlocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("unlocked by"),
    )

    class Meta:
        ordering = ["-last_at"]
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "item"], name="enrolled_once_a_course"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.item_id}"


class LessonProgress(models.Model):
    """How far a member is in a lesson."""

    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, related_name="progress"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="lesson_progress",
    )
    seconds = models.PositiveIntegerField(_("stopped at second"), default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "lesson"], name="progress_once_a_lesson"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} at {self.lesson_id}"
