"""Points in place of money: how much they count for, and who gave some."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Order
from community.lib.money import validate_currency


class PointsTerms(models.Model):
    """So many points count for so much at the checkout, up to a part of the price."""

    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="CNY",
        unique=True,
        validators=[validate_currency],
    )
    points = models.PositiveIntegerField(
        _("so many points"), default=100, validators=[MinValueValidator(1)]
    )
    worth = models.PositiveIntegerField(_("count for"))
    most_percent = models.PositiveSmallIntegerField(
        _("at most this percentage of the price"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Of what is left after coupons."),
    )
    is_active = models.BooleanField(_("in force"), default=True)

    class Meta:
        verbose_name = _("points at the checkout")
        verbose_name_plural = _("points at the checkout")
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gte=1, worth__gte=1)
                & Q(most_percent__gte=1, most_percent__lte=100),
                name="points_terms_make_sense",
                violation_error_message=_(
                    "Points and what they count for are at least 1; the percentage "
                    "is between 1 and 100."
                ),
            ),
        ]

    def __str__(self):
        return self.currency

    def money_for(self, points: int) -> int:
        return points * self.worth // self.points

    def points_for(self, money: int) -> int:
        """The fewest that count for so much."""
        return -(-money * self.points // self.worth)


class PointsPaid(models.Model):
    """Points given for an order: held while it waits for its money, then spent.

    `round` counts how often they were taken: again, when money came late.
    """

    activity_kind = "points_paid"

    class State(models.TextChoices):
        HELD = "held", _("Kept for an order")
        SPENT = "spent", _("Spent")
        RETURNED = "returned", _("Given back: not paid in time")

    order = models.OneToOneField(
        Order,
        on_delete=models.PROTECT,
        related_name="points_paid",
        verbose_name=_("order"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="points_paid",
        verbose_name=_("member"),
    )
    points = models.PositiveIntegerField(_("points"))
    amount = models.PositiveIntegerField(_("count for"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.HELD
    )
    round = models.PositiveSmallIntegerField(_("how often held"), default=1)
    given_back = models.PositiveIntegerField(_("given back"), default=0)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("payment with points")
        verbose_name_plural = _("payments with points")
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0, amount__gt=0), name="points_paid_are_some"
            ),
            models.CheckConstraint(
                condition=Q(given_back__lte=F("points")),
                name="points_given_back_were_paid",
            ),
        ]

    def __str__(self):
        return f"{self.points} for {self.order_id}"
