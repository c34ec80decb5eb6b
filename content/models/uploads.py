"""Files on their way: large ones come in pieces."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from content.models.courses import Lesson
from content.models.files import ItemFile
from content.models.items import Item


class Upload(models.Model):
    """How much of one file has come, for one place, from one member.

    Its bytes lie in UPLOADS_DIR until a form takes them. There may be more of them
    than `arrived` says, when a request was killed: those are written over.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads"
    )
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, null=True, related_name="uploads"
    )
    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, null=True, related_name="uploads"
    )
    kind = models.CharField(max_length=10, choices=ItemFile.Kind)
    name = models.CharField(max_length=255, help_text="As the member calls it.")
    size = models.BigIntegerField(help_text="Bytes, as announced.")
    modified = models.CharField(
        max_length=20, blank=True, help_text="With name and size, tells it again."
    )
    arrived = models.BigIntegerField(default=0, help_text="Bytes that are here.")
    suffix = models.CharField(
        max_length=8, blank=True, help_text="What it is, once it is whole and judged."
    )
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item=None, lesson__isnull=False)
                | Q(item__isnull=False, lesson=None),
                name="upload_has_one_place",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0, arrived__gte=0, arrived__lte=F("size")),
                name="upload_within_its_size",
            ),
            models.CheckConstraint(
                condition=Q(suffix="") | Q(arrived=F("size")),
                name="upload_is_judged_when_whole",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_whole(self) -> bool:
        return bool(self.suffix)

    @property
    def staged(self) -> Path:
        """Where its bytes lie while they come."""
        return Path(settings.UPLOADS_DIR) / self.key.hex

    @property
    def path(self) -> str:
        """Where it will lie in the storage: known before, so that the night finds what
        a crash has left there."""
        folder = "lessons" if self.lesson_id else "items"
        return f"{folder}/{self.key.hex}{self.suffix}"
