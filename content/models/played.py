"""What is played: a lesson with its recording, or a file of an item."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.courses import Lesson
from content.models.files import ItemFile

Played = Lesson | ItemFile


def word_of(played: Played) -> str:
    """How addresses name its kind."""
    return "lessons" if isinstance(played, Lesson) else "files"


def linked(played: Played) -> dict[str, Any]:
    """For rows that have a column for either."""
    return {"lesson" if isinstance(played, Lesson) else "file": played}


def anchor_of(played: Played) -> str:
    """The address of its second 62 ends with #anchor-62. A page may show several files,
    and one lesson at most."""
    return "t" if isinstance(played, Lesson) else f"t{played.pk}"


class FilePosition(models.Model):
    """Where a member stopped in an item's recording; of lessons, their progress says
    it. A convenience: the member says it, so nothing is reckoned from it."""

    file = models.ForeignKey(
        ItemFile, on_delete=models.CASCADE, related_name="positions"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="file_positions",
    )
    seconds = models.PositiveIntegerField(_("stopped at second"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "file"], name="position_once_a_file"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} at {self.file_id}"
