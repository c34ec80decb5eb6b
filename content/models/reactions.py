"""What members feel about a post, besides being thankful for it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.discussions import Post


class Reaction(models.Model):
    """A member's sign under a post; each may give several, of each kind one.

    Thanks are likes: they are counted as help, these are not.
    """

    class Kind(models.TextChoices):
        AGREE = "agree", _("Agreed")
        INSIGHTFUL = "insightful", _("Insightful")
        CELEBRATE = "celebrate", _("Celebrate")
        FUNNY = "funny", _("Funny")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reactions")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reactions"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "member", "kind"], name="reaction_once_of_a_kind"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.kind} {self.post_id}"
