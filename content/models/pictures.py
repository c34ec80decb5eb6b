"""Pictures that stand in the texts of an item or its lessons."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from content.models.items import Item


class Picture(models.Model):
    """One picture of an item's texts; who may see it is asked at every request.

    Its key stands in the Markdown and is in no list, and is no secret either.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="pictures")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="pictures",
    )
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return str(self.key)

    def get_absolute_url(self):
        return reverse("content:picture", args=[self.key])

    @property
    def path(self) -> str:
        return f"pictures/{self.key.hex}.webp"
