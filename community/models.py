from django.db import models
from django.utils.translation import gettext_lazy as _


class StepRun(models.Model):
    """That one step of the night was run for one date; the latest attempt counts."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    step = models.CharField(_("step"), max_length=40)
    as_of = models.DateField(_("for the end of"))
    state = models.CharField(_("state"), max_length=10, choices=State)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    result = models.JSONField(_("result"), default=dict)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        ordering = ["-as_of", "-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["step", "as_of"], name="step_run_once"),
            models.CheckConstraint(
                condition=models.Q(state="running")
                | models.Q(finished_at__isnull=False),
                name="step_run_over_has_an_end",
            ),
        ]

    def __str__(self):
        return f"{self.step} for {self.as_of}"

    @property
    def seconds(self) -> float:
        if self.finished_at is None:
            return 0.0
        return (self.finished_at - self.started_at).total_seconds()
