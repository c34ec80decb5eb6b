from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TriageRun(models.Model):
    """One lesson that the triage of posts took from people's decisions.

    `numbers` say how it did on decisions it had not seen; `weights` are kept of a run
    that may mark posts. It names nobody, and of texts it keeps no words.
    """

    class Verdict(models.TextChoices):
        USEFUL = "useful", _("Marks better than chance")
        NOTHING = "nothing", _("No better than chance: marks nothing")
        TOO_LITTLE = "too_little", _("Too few decisions: marks nothing")

    as_of = models.DateField(_("of the decisions until"), unique=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    numbers = models.JSONField(_("numbers"), default=dict)
    intercept = models.FloatField(_("intercept"), default=0, editable=False)
    threshold = models.FloatField(_("threshold"), default=1, editable=False)
    weights = models.BinaryField(_("weights"), default=b"", editable=False)

    class Meta:
        verbose_name = _("triage of posts")
        verbose_name_plural = _("triage of posts")
        ordering = ["-as_of"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(verdict="useful") | ~models.Q(weights=b""),
                name="triage_useful_has_weights",
            ),
        ]

    def __str__(self):
        return f"{self.as_of}"
