"""What members allow themselves to spend. Nobody else sets it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SpendingLimit(models.Model):
    """The most that a member wants to spend in a month of one unit, from when on.

    `unit` is that of the ledger: points, or a currency. The row that has begun last
    is in force; one that begins later is a limit raised, which waits for a day.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="spending_limits",
        verbose_name=_("member"),
    )
    unit = models.CharField(_("unit"), max_length=10)
    amount = models.PositiveBigIntegerField(
        _("at most in a month"), null=True, help_text=_("Empty: without a limit.")
    )
    starts_at = models.DateTimeField(_("from"), default=timezone.now)

    class Meta:
        ordering = ["member", "unit", "-starts_at", "-pk"]
        verbose_name = _("own limit")
        verbose_name_plural = _("own limits")
        indexes = [
            models.Index(fields=["member", "unit"], name="spending_limit_of_member"),
        ]

    def __str__(self):
        return f"{self.amount} {self.unit} for {self.member_id}"


class SpendingRest(models.Model):
    """A time in which a member wants to buy nothing, neither for money nor points."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="spending_rests",
        verbose_name=_("member"),
    )
    began_at = models.DateTimeField(_("from"), default=timezone.now)
    until = models.DateTimeField(_("until"))

    class Meta:
        ordering = ["-until"]
        verbose_name = _("time without buying")
        verbose_name_plural = _("times without buying")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("began_at")), name="spending_rest_lasts"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "until"], name="spending_rest_of_member"),
        ]

    def __str__(self):
        return f"{self.member_id} until {self.until:%Y-%m-%d}"


class Concentration(SpendingLimit):
    """The page that tells how spending is spread over members; it has no rows."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("who spends how much")
