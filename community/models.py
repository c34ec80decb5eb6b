import datetime as dt
from pathlib import Path

from django.db import models
from django.db.models import Q
from django.utils import timezone
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
        verbose_name = _("step of the night")
        verbose_name_plural = _("steps of the night")
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


class BackupQuerySet(models.QuerySet["Backup"]):
    def made(self) -> "BackupQuerySet":
        return self.filter(problem="").exclude(finished_at=None)

    def troubling(self) -> "BackupQuerySet":
        """The last one and the last tested one, if that failed or is long ago."""
        now = timezone.now()
        latest = self.order_by("-started_at").values("pk")[:1]
        tested = self.exclude(tested_at=None).order_by("-tested_at").values("pk")[:1]
        return self.filter(
            Q(pk__in=latest) & (~Q(problem="") | Q(started_at__lt=now - Backup.TOO_OLD))
            | Q(pk__in=tested)
            & (~Q(test_problem="") | Q(tested_at__lt=now - Backup.TESTED_TOO_LONG_AGO))
        )


class Backup(models.Model):
    """One encrypted copy of everything, and whether it could be loaded again."""

    TOO_OLD = dt.timedelta(days=2)
    TESTED_TOO_LONG_AGO = dt.timedelta(days=9)

    path = models.CharField(_("file"), max_length=500)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    size = models.BigIntegerField(_("bytes"), null=True)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, blank=True)
    rows = models.JSONField(_("rows"), default=dict)
    problem = models.TextField(_("problem"), blank=True)
    tested_at = models.DateTimeField(_("tested at"), null=True)
    test_problem = models.TextField(_("problem of the test"), blank=True)

    objects = BackupQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("backup")
        verbose_name_plural = _("backups")

    def __str__(self):
        return Path(self.path).stem
