from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Budget(models.Model):
    """So much may be given out, in all or in each period; never more.

    What is left of it lies in the ledger, in an account for each period: whatever is
    paid from there must be there.
    """

    class Every(models.TextChoices):
        NONE = "none", _("Once")
        WEEK = "week", _("Every week")
        MONTH = "month", _("Every month")

    name = models.CharField(_("name"), max_length=80)
    unit = models.CharField(
        _("unit"),
        max_length=10,
        default="points",
        help_text=_("“points”, or a currency such as CNY."),
    )
    amount = models.PositiveBigIntegerField(
        _("amount"),
        validators=[MinValueValidator(1)],
        help_text=_("Points, or the smallest unit of the currency, in each period."),
    )
    every = models.CharField(
        _("anew"), max_length=5, choices=Every, default=Every.MONTH
    )
    created_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="budget_holds_something",
                violation_error_message=_("A budget holds at least one."),
            ),
        ]

    def __str__(self):
        return self.name


class BudgetPeriod(models.Model):
    """What was put into a budget for one period, and how often that was changed."""

    budget = models.ForeignKey(
        Budget,
        on_delete=models.PROTECT,
        related_name="periods",
        verbose_name=_("budget"),
    )
    kind = models.CharField(_("ledger account"), max_length=30, unique=True)
    starts_on = models.DateField(_("from"))
    funded = models.PositiveBigIntegerField(_("put in"), default=0)
    revision = models.PositiveIntegerField(_("times changed"), default=0)

    class Meta:
        verbose_name = _("period of a budget")
        verbose_name_plural = _("periods of budgets")
        ordering = ["-starts_on"]

    def __str__(self):
        return self.kind
