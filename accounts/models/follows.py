from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Follow(models.Model):
    """That a member wants to hear of somebody; gone when they no longer do."""

    follower = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="following"
    )
    followed = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="followers"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["follower", "followed"], name="followed_once"
            ),
            models.CheckConstraint(
                condition=~Q(follower=F("followed")), name="nobody_follows_themselves"
            ),
        ]

    def __str__(self):
        return f"{self.follower_id} follows {self.followed_id}"
