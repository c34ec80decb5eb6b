from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Offer, Order


class PaidFor(models.Model):
    """Something that one member pays for, in money by an offer made for them, or in
    points: what it is sold by, then what it was paid with."""

    offer = models.OneToOneField(
        Offer,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("offer"),
    )
    order = models.OneToOneField(
        Order,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("order"),
    )
    paid_points = models.PositiveIntegerField(_("points paid"), null=True)

    class Meta:
        abstract = True
