"""That a talk was split, or merged into another; kept so that it can be taken back."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.discussions import Topic


class Rearrangement(models.Model):
    """Posts went from `topic` to `into`: some of them, or all.

    `before` says by numbers only how they stood: no words, no members.
    """

    class Act(models.TextChoices):
        SPLIT = "split", _("Split")
        MERGE = "merge", _("Merge")

    act = models.CharField(_("what was done"), max_length=5, choices=Act)
    topic = models.ForeignKey(
        Topic,
        on_delete=models.CASCADE,
        related_name="rearrangements_from",
        verbose_name=_("topic"),
    )
    into = models.ForeignKey(
        Topic,
        on_delete=models.CASCADE,
        related_name="rearrangements_into",
        verbose_name=_("where its posts went"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="rearrangements",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    before = models.JSONField(_("as it was"), default=dict)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        verbose_name = _("rearrangement")
        verbose_name_plural = _("rearrangements")
        constraints = [
            models.CheckConstraint(
                condition=~Q(topic=F("into")), name="rearranged_between_two"
            ),
            models.UniqueConstraint(
                fields=["topic"],
                condition=Q(act="merge", undone_at=None),
                name="rearranged_merged_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_act_display()}: {self.topic_id} → {self.into_id}"
