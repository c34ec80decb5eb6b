from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models.orders import Order


class OrderReduction(models.Model):
    """One line off the price of an order: a coupon, or points.

    A trigger sees to it that the lines of an order add up to what it was reduced by.
    """

    class Kind(models.TextChoices):
        COUPON = "coupon", _("Coupon")
        POINTS = "points", _("Points")

    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        related_name="reductions",
        verbose_name=_("order"),
    )
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    # What it comes from; who brought it knows.
    ref = models.BigIntegerField(_("number of it"))
    title = models.CharField(_("title"), max_length=120)
    count = models.PositiveIntegerField(_("points"), default=0)
    amount = models.PositiveIntegerField(_("amount"))

    class Meta:
        ordering = ["order", "position"]
        verbose_name = _("reduction")
        verbose_name_plural = _("reductions")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"], name="reduction_has_its_place"
            ),
            models.UniqueConstraint(
                fields=["order", "kind", "ref"], name="reduction_once_an_order"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="reduction_reduces"),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """As the buyer reads it, in their language of today."""
        if self.kind == self.Kind.POINTS:
            text = ngettext("%(n)d point", "%(n)d points", self.count)
            return text % {"n": self.count}
        return self.title
