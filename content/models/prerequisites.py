from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from content.models.items import Item


class Prerequisite(models.Model):
    """That a course is begun only by who has finished another item."""

    item = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="prerequisites",
        verbose_name=_("course"),
    )
    needs = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        related_name="needed_by",
        verbose_name=_("to be finished first"),
    )

    class Meta:
        verbose_name = _("prerequisite")
        verbose_name_plural = _("prerequisites")
        constraints = [
            models.UniqueConstraint(fields=["item", "needs"], name="needed_once"),
            models.CheckConstraint(
                condition=~Q(item=F("needs")), name="needs_another_item"
            ),
        ]

    def __str__(self):
        return f"{self.item_id} needs {self.needs_id}"
