from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content.models.captions import OF_ONE_RECORDING
from content.models.courses import Lesson
from content.models.files import ItemFile

A_DAY = 24 * 3600  # seconds


class Watched(models.Model):
    """How long a member watched or heard one recording on one day, by our clock."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="watched"
    )
    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, null=True, related_name="watched"
    )
    file = models.ForeignKey(
        ItemFile, on_delete=models.CASCADE, null=True, related_name="watched"
    )
    day = models.DateField(_("day"))
    seconds = models.PositiveIntegerField(_("seconds"), default=0)
    beat_at = models.DateTimeField(_("booked until"))
    told_at = models.DateTimeField(_("told to the activity log at"), null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=OF_ONE_RECORDING, name="watched_of_one_recording"
            ),
            models.CheckConstraint(
                condition=Q(seconds__lte=A_DAY), name="watched_at_most_a_day"
            ),
            models.UniqueConstraint(
                fields=["member", "day", "lesson"], name="watched_once_a_lesson_and_day"
            ),
            models.UniqueConstraint(
                fields=["member", "day", "file"], name="watched_once_a_file_and_day"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.day}: {self.seconds} s"
