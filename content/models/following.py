"""How members stand to what is new: in one topic, in one space."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Space
from content.models.discussions import Topic


class Stance(models.TextChoices):
    """Following, one is told of what is new; muted, never. Without either, what one
    is told follows from what one did."""

    FOLLOWING = "following", _("Following")
    MUTED = "muted", _("Muted")


class TopicFollow(models.Model):
    """That a member follows a topic, or wants to hear no more of it."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="follows")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="topic_follows",
    )
    stance = models.CharField(_("stance"), max_length=9, choices=Stance)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        constraints = [
            # In this order: who follows is read topic by topic, in parts.
            models.UniqueConstraint(
                fields=["topic", "member"], name="topic_follow_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.stance} {self.topic_id}"


class SpaceReader(models.Model):
    """Whether a member follows a space, and until when they know what is new in it.

    Topics with nothing later than `caught_up_at` are not new to them, read or not.
    """

    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="readers")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="space_readings",
    )
    stance = models.CharField(_("stance"), max_length=9, choices=Stance, blank=True)
    caught_up_at = models.DateTimeField(_("caught up at"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["space", "member"], name="space_reader_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.stance} {self.space_id}"
