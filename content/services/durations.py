"""How long a recording plays, read from the file itself where its kind says so.

WebM is not read: there the number stands that was typed.
"""

import math
from contextlib import nullcontext
from typing import IO, Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from tinytag import TinyTag

from content.models import Lesson, Upload
from content.services.uploads import opened

MOST_BYTES = 8 * 2**20  # that are looked at, of however large a file
MOST_READS = 100_000
MOST_MINUTES = 24 * 60


class TooMuchToRead(Exception):
    pass


class _Bounded:
    """A file of which only so much is read, in so many pieces."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.bytes, self.reads = MOST_BYTES, MOST_READS

    def read(self, size: int = -1) -> bytes:
        self.reads -= 1
        if size < 0 or size > self.bytes or not self.reads:
            raise TooMuchToRead
        self.bytes -= size
        return self.file.read(size)

    def seek(self, place: int, whence: int = 0) -> int:
        self.file.seek(place, whence)
        return self.file.tell()

    def tell(self) -> int:
        return self.file.tell()


def minutes_of(file: IO[bytes]) -> int | None:
    """None where the file does not say it, or is broken."""
    try:
        bounded = cast(BinaryIO, _Bounded(file))
        seconds = TinyTag.get(file_obj=bounded, tags=False).duration
        minutes = math.ceil((seconds or 0) / 60)
    except Exception:  # a stranger's bytes: whatever goes wrong, nothing is known
        return None
    finally:
        file.seek(0)
    return minutes if 0 < minutes <= MOST_MINUTES else None


def of_new_recording(
    *, lesson: Lesson, upload: Upload | None, values: dict[str, Any]
) -> dict[str, Any]:
    """The minutes of a recording that comes, unless others were typed with it."""
    file = values.get("media")
    is_typed = values.get("minutes", lesson.minutes) != lesson.minutes
    if is_typed or not isinstance(file, UploadedFile):
        return {}
    try:
        with opened(upload) if upload else nullcontext(file) as recording:
            minutes = minutes_of(cast(IO[bytes], recording))
    except FileNotFoundError:  # said by whoever stores it
        return {}
    return {"minutes": minutes} if minutes else {}
