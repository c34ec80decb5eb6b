from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.courses import Lesson


class Captions(models.Model):
    """What is said in a lesson's recording and when, in one language."""

    lesson = models.ForeignKey(
        Lesson,
        on_delete=models.CASCADE,
        related_name="captions",
        verbose_name=_("lesson"),
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
            models.UniqueConstraint(
                fields=["lesson", "language"], name="captions_once_a_language"
            ),
        ]

    def __str__(self):
        return f"{self.lesson_id} {self.language}"
