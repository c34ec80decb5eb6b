from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content.models.courses import Lesson
from content.models.files import ItemFile

OF_ONE_RECORDING = Q(lesson__isnull=False, file__isnull=True) | Q(
    lesson__isnull=True, file__isnull=False
)


class Captions(models.Model):
    """What is said in a recording, a lesson's or an item's, and when; in one
    language."""

    lesson = models.ForeignKey(
        Lesson,
        on_delete=models.CASCADE,
        null=True,
        related_name="captions",
        verbose_name=_("lesson"),
    )
    file = models.ForeignKey(
        ItemFile,
        on_delete=models.CASCADE,
        null=True,
        related_name="captions",
        verbose_name=_("file"),
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES
    )
    # [[second, what is said from there on], …] and the same as a player wants it.
    cues = models.JSONField(_("cues"), default=list)
    vtt = models.TextField(_("captions"))
    text = models.TextField(_("text"))  # to be searched

    class Meta:
        ordering = ["id"]
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        constraints = [
            models.CheckConstraint(
                condition=OF_ONE_RECORDING, name="captions_of_one_recording"
            ),
            models.UniqueConstraint(
                fields=["lesson", "language"], name="captions_once_a_language"
            ),
            models.UniqueConstraint(
                fields=["file", "language"], name="captions_once_a_file_and_language"
            ),
        ]

    def __str__(self):
        return f"{self.lesson_id or self.file_id} {self.language}"

    @property
    def played(self) -> Lesson | ItemFile:
        played = self.lesson or self.file
        assert played is not None  # noqa: S101 - see captions_of_one_recording
        return played
