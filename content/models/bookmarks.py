"""What members keep for later, for themselves only."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from content.models.discussions import Post
from content.models.items import Item


class Bookmark(models.Model):
    """A post or an item that a member keeps; a topic is kept by its first post."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bookmarks"
    )
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, null=True, related_name="bookmarks"
    )
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, null=True, related_name="bookmarks"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                models.F("member"), models.F("id").desc(), name="bookmark_latest"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(post=None, item__isnull=False)
                | Q(post__isnull=False, item=None),
                name="bookmark_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["member", "post"], name="bookmark_once_a_post"
            ),
            models.UniqueConstraint(
                fields=["member", "item"], name="bookmark_once_an_item"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} keeps {self.post_id or self.item_id}"
