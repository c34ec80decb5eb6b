"""Large files in pieces, so that a lost connection costs one piece and not the file.

What has come is said by the row; its lock lets one piece at a time be put behind the
others. A file is judged by its beginning as soon as that is here, and whole at its end.
"""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import UnreadablePostError
from django.utils import timezone

from accounts.models import User
from accounts.services.members import hold_members
from community.lib.uploads import (
    HEAD,
    MB,
    NotAccepted,
    accept,
    check_beginning,
    check_size,
)
from content.errors import TooMuch, UploadGone, WrongOffset
from content.models import Upload
from content.services import room
from content.services.revisions import item_of, place_of
from content.services.texts import Thing

if TYPE_CHECKING:
    from _typeshed import SupportsRead

MOST_OF_A_PIECE = 8 * MB
BLOCK = 256 * 1024
KEPT = dt.timedelta(days=7)


@transaction.atomic
def begin(
    *, member: User, place: Thing, kind: str, name: str, size: int, modified: str = ""
) -> Upload:
    """Begin a file; the same one for the same place goes on where it stopped.

    Raises NotAccepted and NoRoom.
    """
    check_size(size, kind)
    item = item_of(place)
    hold_members(member.pk, item.author_id)
    told = {**place_of(place), "name": name, "size": size, "modified": modified}
    upload = Upload.objects.filter(member=member, **told).first()
    if upload is None:
        room.check_uploads(member, size)
        room.check_drafts(item, size)
        return Upload.objects.create(member=member, kind=kind, **told)
    upload.kind = kind
    upload.save(update_fields=["kind"])
    return upload


def arrived(upload: Upload) -> int:
    """How much is here: what the row says, unless bytes were lost since."""
    if _is_stored(upload):
        return upload.size
    try:
        return min(upload.arrived, upload.staged.stat().st_size)
    except FileNotFoundError:
        return 0


def _is_stored(upload: Upload) -> bool:
    """Whole where it will lie; a crash may have left a part of it there."""
    if not upload.is_whole or not default_storage.exists(upload.path):
        return False
    return default_storage.size(upload.path) == upload.size


def receive(body: "SupportsRead[bytes]") -> IO[bytes]:
    """The piece, off the line: nobody shall wait for a slow one while a row is held.
    What came before a line broke counts. Nothing is left of it once it is closed."""
    folder = Path(settings.UPLOADS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    piece = TemporaryFile(dir=folder)  # noqa: SIM115 (the caller's to close)
    with suppress(UnreadablePostError):
        shutil.copyfileobj(body, piece, BLOCK)
    return piece


def append(*, upload: Upload, at: int, piece: IO[bytes]) -> Upload:
    """Put a piece behind what is here, which is `at` bytes.

    Raises UploadGone, WrongOffset, TooMuch; and NotAccepted, with which the upload is
    gone and leaves nothing behind.
    """
    try:
        return _append(upload, at, piece)
    except NotAccepted:
        end(upload=upload)
        raise


@transaction.atomic
def _append(upload: Upload, at: int, piece: IO[bytes]) -> Upload:
    upload = _held(upload)
    here = arrived(upload)
    if at != here:
        raise WrongOffset(here)
    size = piece.seek(0, os.SEEK_END)
    if not size:
        return upload
    upload.arrived = here + size
    if upload.arrived > upload.size:
        raise TooMuch
    upload.suffix = ""
    _write(upload.staged, here, piece)
    _judge(upload, before=here)
    upload.touched_at = timezone.now()
    upload.save(update_fields=["arrived", "suffix", "touched_at"])
    return upload


def _held(upload: Upload) -> Upload:
    held = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if held is None:
        raise UploadGone
    return held


def _write(path: Path, at: int, piece: IO[bytes]) -> None:
    """On the disk before the row says so. What a killed request has left is cut off."""
    piece.seek(0)
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        file.truncate(at)
        file.seek(at)
        shutil.copyfileobj(piece, file, BLOCK)
        file.flush()
        os.fsync(file.fileno())


def _judge(upload: Upload, *, before: int) -> None:
    """Raises NotAccepted."""
    if upload.arrived == upload.size:
        with opened(upload) as file:
            accepted = accept(file, upload.kind)
        upload.suffix = PurePosixPath(accepted.name or "").suffix
    elif before < HEAD <= upload.arrived:
        with upload.staged.open("rb") as begun:
            check_beginning(begun.read(HEAD), upload.kind)


@transaction.atomic
def end(*, upload: Upload) -> None:
    """Its bytes go after commit (see receivers.py). Twice is once."""
    Upload.objects.filter(pk=upload.pk).delete()


class _Staged(UploadedFile):
    """Moved, not copied, into a storage on the same disk."""

    def temporary_file_path(self) -> str:
        return cast(str, cast(Any, self.file).name)


@contextmanager
def opened(upload: Upload) -> Iterator[UploadedFile]:
    """What has come, as a form would have it."""
    with _bytes_of(upload) as file:
        yield _Staged(file, upload.name, size=upload.size)


def _bytes_of(upload: Upload) -> IO[bytes]:
    """Here, unless a form moved them and was then refused."""
    if upload.staged.exists():
        return upload.staged.open("rb")
    return default_storage.open(upload.path)


@transaction.atomic
def store(*, upload: Upload) -> str:
    """Move a whole one into the storage; return its name there. Twice is once.

    Before the transaction of the row that will have it: a film takes its time, and
    nothing but its own row is held meanwhile. What is then not taken goes with that
    row. Raises UploadGone.
    """
    upload = _held(upload)
    if arrived(upload) != upload.size or not upload.is_whole:
        raise UploadGone
    if _is_stored(upload):
        return upload.path
    default_storage.delete(upload.path)  # left by a crash
    with opened(upload) as file:
        return default_storage.save(upload.path, file)


def take(*, upload: Upload) -> str:
    """The name of a stored one, for the row that has it from now on; in its
    transaction. Raises UploadGone."""
    upload = _held(upload)
    upload.delete()
    return upload.path


# The night ------------------------------------------------------------------------


def drop_lapsed() -> int:
    """End what nobody has gone on with, and what a crash left of it in the storage."""
    before = timezone.now() - KEPT
    old = Upload.objects.filter(touched_at__lt=before).values_list("pk", flat=True)
    return sum(_drop_lapsed(pk, before) for pk in list(old))


@transaction.atomic
def _drop_lapsed(pk: int, before: dt.datetime) -> int:
    rows = Upload.objects.select_for_update().filter(pk=pk, touched_at__lt=before)
    upload = rows.first()
    if upload is None:
        return 0
    upload.delete()
    return 1


def drop_strays() -> int:
    """Bytes whose row is gone: the process died in between."""
    folder = Path(settings.UPLOADS_DIR)
    # Listed first: what begins meanwhile is not taken for a stray.
    found = {path.name: path for path in folder.glob("?" * 32)}
    keys = {key.hex for key in Upload.objects.values_list("key", flat=True)}
    strays = [path for name, path in found.items() if name not in keys]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)
