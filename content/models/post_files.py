"""Pictures and files that members put into posts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from content.models.discussions import Post


class PostFile(models.Model):
    """One picture or file; who may have it is asked at every request.

    Its link stands in the Markdown. Until a post of its member with that link is there,
    it is its member's alone, and after some days gone.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="post_files"
    )
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, null=True, related_name="files"
    )
    name = models.CharField(max_length=100, help_text="As the member calls it.")
    suffix = models.CharField(max_length=8, help_text="What it is, by its content.")
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["member", "created_at"], name="post_file_pace"),
            models.Index(
                fields=["created_at"],
                condition=Q(post=None),
                name="post_file_not_posted",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("content:post_file", args=[self.key])

    @property
    def is_picture(self) -> bool:
        return self.suffix == ".webp"

    @property
    def path(self) -> str:
        return f"posts/{self.key.hex}{self.suffix}"
