"""What members may ask of their data: a copy, and to be forgotten; and how long
what is kept is kept."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DataExport(models.Model):
    """A copy of everything held about a member, made in the background."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="data_exports"
    )
    file = models.FileField(upload_to="exports", blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(ready_at=None),
                name="data_export_one_at_a_time",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.asked_at:%Y-%m-%d}"


class Erasure(models.Model):
    """That a member wants to be forgotten, and from which day it is done."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="erasures",
        verbose_name=_("member"),
    )
    keeps_contributions = models.BooleanField(_("texts stay without a name"))
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        ordering = ["due_at"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(cancelled_at=None, done_at=None),
                name="erasure_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gte=F("asked_at")), name="erasure_has_grace"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.due_at:%Y-%m-%d}"


class RetentionRule(models.Model):
    """For how many days one kind of data is kept; after that the night deletes it."""

    class Kind(models.TextChoices):
        SESSIONS = "sessions", _("Where people were signed in")
        NOTICES = "notices", _("Messages of payment services")
        WORDING = "wording", _("The full wording of those messages")
        MAILS = "mails", _("Notes that a mail was sent")
        EXPORTS = "exports", _("Copies of data that members asked for")
        MESSAGES = "messages", _("What members wrote to each other")
        REPORTS = "reports", _("Reported messages that were settled")
        ROBOTS = "robots", _("What robots told in chat groups")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, unique=True)
    days = models.PositiveIntegerField(_("days"), validators=[MinValueValidator(1)])
    purpose = models.CharField(_("what it is kept for"), max_length=200)

    class Meta:
        ordering = ["kind"]
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        constraints = [
            # Disputes and bookkeeping need them.
            models.CheckConstraint(
                condition=~Q(kind="notices") | Q(days__gte=400),
                name="retention_keeps_notices_long_enough",
                violation_error_message=_("Keep these for at least 400 days."),
            ),
            # With none of them, what is kept would be gone by the next night.
            models.CheckConstraint(
                condition=Q(days__gte=1),
                name="retention_keeps_a_day",
                violation_error_message=_("Keep it for a day at least."),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()
