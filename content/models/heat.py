"""How heated a talk is at the moment."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.discussions import Topic


class TopicHeat(models.Model):
    """How heated a topic is, for those who guide its place; gone when it has cooled.

    It proposes and does nothing: no post is hidden, held or moved by it. Nothing stands
    here about who wrote.
    """

    class Proposal(models.TextChoices):
        NONE = "none", _("Nothing")
        WORD = "word", _("A word from somebody whom both trust")
        SLOW = "slow", _("Slow mode: a while between two posts of one person")

    topic = models.OneToOneField(
        Topic,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="heat",
        verbose_name=_("topic"),
    )
    heat = models.FloatField(_("heat"))
    parts = models.JSONField(_("parts"), default=dict)
    proposal = models.CharField(
        _("proposal"), max_length=4, choices=Proposal, default=Proposal.NONE
    )
    at = models.DateTimeField(_("measured at"), default=timezone.now)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("seen by"),
    )
    seen_at = models.DateTimeField(_("seen at"), null=True)
    quiet_until = models.DateTimeField(_("not shown until"), null=True)

    class Meta:
        verbose_name = _("heat of a topic")
        verbose_name_plural = _("heat of topics")
        indexes = [
            models.Index(
                fields=["-heat"], condition=~Q(proposal="none"), name="heat_proposing"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(heat__gte=0, heat__lte=1), name="heat_between_0_and_1"
            ),
        ]

    def __str__(self):
        return f"{self.topic_id}: {self.heat:.2f}"
