from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incentives.models import HoldOut


class Trial(HoldOut):
    """A trial with a group held out, as those see it who ask what came of it."""

    # The newest first, as the desk asks for them.
    looks: list["TrialRun"]

    class Meta:
        proxy = True
        verbose_name = _("effect of an incentive")
        verbose_name_plural = _("effects of incentives")


class TrialRun(models.Model):
    """What was known of a trial at the end of a day. Of the decision there is one."""

    class Verdict(models.TextChoices):
        TOO_FEW = "too_few", _("Too few so far")
        UNEVEN = "uneven", _("The groups are not what chance makes: no conclusion")
        RUNNING = "running", _("Running")
        DECIDED = "decided", _("Decided")

    hold_out = models.ForeignKey(
        HoldOut,
        on_delete=models.PROTECT,
        related_name="runs",
        verbose_name=_("trial with a group held out"),
    )
    as_of = models.DateField(_("up to the end of"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    is_final = models.BooleanField(_("final"), default=False)
    numbers = models.JSONField(_("numbers"), default=dict)

    class Meta:
        ordering = ["-as_of"]
        verbose_name = _("look at a trial")
        verbose_name_plural = _("looks at trials")
        constraints = [
            models.UniqueConstraint(
                fields=["hold_out", "as_of"], name="trial_run_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["hold_out"],
                condition=models.Q(is_final=True),
                name="trial_decided_once",
            ),
        ]

    def __str__(self):
        return f"{self.hold_out_id} {self.as_of}"
