from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incentives.models.budgets import Budget


class Grant(models.Model):
    """Points given for one cause, until they are the member's for good.

    They may wait (`pending`) until `matures_at`; what falls with its cause is counted
    as reversed. `key` is that of the transfer in the ledger.
    """

    key = models.CharField(_("key"), max_length=100, unique=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="grants",
        verbose_name=_("member"),
    )
    points = models.PositiveBigIntegerField(_("points"))
    pending = models.PositiveBigIntegerField(_("of it waiting"), default=0)
    reversed = models.PositiveBigIntegerField(_("of it taken back"), default=0)
    cause = models.CharField(_("cause"), max_length=60)
    object_kind = models.CharField(_("kind of thing"), max_length=20, blank=True)
    object_id = models.BigIntegerField(_("its number"), null=True)
    # The ledger account that paid, so that what is taken back returns there.
    paid_from = models.CharField(_("paid from"), max_length=30)
    budget = models.ForeignKey(
        Budget,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("budget"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    matures_at = models.DateTimeField(_("usable from"), null=True)
    expires_at = models.DateTimeField(_("usable until"), null=True)

    class Meta:
        verbose_name = _("grant of points")
        verbose_name_plural = _("grants of points")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["matures_at"], condition=Q(pending__gt=0), name="grant_waiting"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="grant_gives"),
            models.CheckConstraint(
                condition=Q(pending__lte=F("points") - F("reversed")),
                name="grant_no_more_than_given",
            ),
            models.CheckConstraint(
                condition=Q(pending=0) | Q(matures_at__isnull=False),
                name="grant_waits_for_a_date",
            ),
        ]

    def __str__(self):
        return f"{self.points} to {self.member_id} ({self.key})"


class Reversal(models.Model):
    """Points of a grant whose cause fell; `short` of them had been used already."""

    key = models.CharField(_("key"), max_length=100, unique=True)
    grant = models.ForeignKey(
        Grant,
        on_delete=models.PROTECT,
        related_name="reversals",
        verbose_name=_("grant of points"),
    )
    taken = models.PositiveBigIntegerField(_("taken back"))
    short = models.PositiveBigIntegerField(_("used already"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.taken} of {self.grant_id} ({self.key})"
