from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EffectRun(models.Model):
    """What was found about events that are over, as it stood at the end of a day.

    `numbers` hold every figure the page shows; events stand there by their number, and
    nobody is named.
    """

    class Verdict(models.TextChoices):
        ALIKE = "alike", _("Compared with members who were alike")
        UNLIKE = "unlike", _("Those compared were not alike: no conclusion")
        TOO_LITTLE = "too_little", _("Too few to compare")

    as_of = models.DateField(_("up to the end of"), unique=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    numbers = models.JSONField(_("numbers"), default=dict)

    class Meta:
        verbose_name = _("run about events")
        verbose_name_plural = _("runs about events")
        ordering = ["-as_of"]

    def __str__(self):
        return f"{self.as_of}"
