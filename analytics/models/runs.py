from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Space


class ModelRun(models.Model):
    """One fit of one model: what went in, what came out, how good it is.

    `numbers` holds every figure the run page shows, by step; it says nothing about
    single members.
    """

    class Kind(models.TextChoices):
        ACTIVITY = "activity", _("Activity")

    class Verdict(models.TextChoices):
        BETTER = "better", _("Better than last period")
        NOTHING = "nothing", _("Adds nothing over last period")
        TOO_LITTLE = "too_little", _("Too little data")

    kind = models.CharField(_("model"), max_length=20, choices=Kind)
    space = models.ForeignKey(
        Space, on_delete=models.CASCADE, related_name="+", verbose_name=_("space")
    )
    snapshot = models.DateField(_("snapshot"))
    window = models.PositiveSmallIntegerField(_("days of a window"))
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict)
    numbers = models.JSONField(_("numbers"), default=dict)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"))

    class Meta:
        verbose_name = _("model run")
        verbose_name_plural = _("model runs")
        ordering = ["-snapshot", "-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "space", "snapshot"], name="model_run_once"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.space} · {self.snapshot}"


class ActivityScore(models.Model):
    """How many days a member is expected to be active in the coming window.

    The newest run's word only; nine in ten members end between low and high.
    """

    run = models.ForeignKey(
        ModelRun, on_delete=models.CASCADE, related_name="scores", verbose_name=_("run")
    )
    space = models.ForeignKey(
        Space, on_delete=models.CASCADE, related_name="+", verbose_name=_("space")
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("member"),
    )
    predicted = models.FloatField(_("expected"))
    low = models.FloatField(_("at least"))
    high = models.FloatField(_("at most"))

    class Meta:
        verbose_name = _("activity score")
        verbose_name_plural = _("activity scores")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "space"], name="activity_score_once"
            ),
            models.CheckConstraint(
                condition=models.Q(low__lte=models.F("high")),
                name="activity_score_ends",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.space_id}: {self.predicted:.1f}"
