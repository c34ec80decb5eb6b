"""Files that belong to an item: recordings, attachments."""

import uuid
from pathlib import PurePosixPath

from django.db import models
from django.utils.translation import gettext_lazy as _

from community.lib import chapters
from content.models.items import Item


def file_path(file: "ItemFile", filename: str) -> str:
    """A name that cannot be guessed, so that only signed links lead to the file."""
    return f"items/{uuid.uuid4().hex}{PurePosixPath(filename).suffix.lower()[:8]}"


class ItemFile(models.Model):
    """One file of an item: played on its page, or taken along."""

    class Kind(models.TextChoices):
        AUDIO = "audio", _("Audio")
        VIDEO = "video", _("Video")
        ATTACHMENT = "attachment", _("Attachment")

    PLAYED = (Kind.AUDIO, Kind.VIDEO)

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=160)
    file = models.FileField(_("file"), upload_to=file_path)
    size = models.BigIntegerField(_("bytes"), default=0, editable=False)
    chapters = models.TextField(
        _("chapters"),
        blank=True,
        validators=[chapters.validate],
        help_text=_("One a line, such as 1:30 What it is about"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self):
        return self.title
