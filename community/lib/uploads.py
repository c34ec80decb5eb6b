"""What an uploaded file is, told from its first bytes and never from its name."""

import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

HEAD = 4096  # bytes that are looked at
MB = 1024 * 1024
MOST_BYTES = {"audio": 500 * MB, "video": 4096 * MB, "attachment": 100 * MB}


class NotAccepted(Exception):
    """Says in the reader's language why the upload was refused."""


class Format(NamedTuple):
    """How it begins; what it may serve as; the name its kind of file ends with."""

    begins: re.Pattern[bytes]
    serves_as: frozenset[str]
    suffix: str


def _format(begins: bytes, serves_as: str, suffix: str) -> Format:
    return Format(re.compile(begins, re.DOTALL), frozenset(serves_as.split()), suffix)


FORMATS = (
    _format(rb".{4}ftyp(M4A|M4B)", "audio", ".m4a"),
    _format(rb".{4}ftypqt", "video", ".mov"),
    _format(rb".{4}ftyp", "audio video", ".mp4"),
    _format(rb"\x1a\x45\xdf\xa3.{0,64}webm", "audio video", ".webm"),
    _format(rb"OggS", "audio video", ".ogg"),
    _format(rb"RIFF.{4}WAVE", "audio", ".wav"),
    _format(rb"fLaC", "audio", ".flac"),
    _format(rb"ID3|\xff[\xfb\xf3\xf2\xfa]", "audio", ".mp3"),
    _format(rb"%PDF-", "attachment", ".pdf"),
    _format(rb"PK\x03\x04", "attachment", ".zip"),
    _format(rb"\x89PNG\r\n\x1a\n", "attachment", ".png"),
    _format(rb"\xff\xd8\xff", "attachment", ".jpg"),
    _format(rb"RIFF.{4}WEBP", "attachment", ".webp"),
)
# Plain text is of several kinds: there the name says which.
TEXTS = {".csv", ".md", ".vtt", ".srt"}
# Documents that are archives, and what is in each of them.
DOCUMENTS = {
    "word/document.xml": ".docx",
    "xl/workbook.xml": ".xlsx",
    "ppt/presentation.xml": ".pptx",
}
# The same, told by the first entry.
OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/vnd.oasis.opendocument.presentation": ".odp",
    b"application/epub+zip": ".epub",
}
MOST_ENTRIES = 10_000
MOST_UNPACKED = 2048 * MB
LONGEST_LIST = 4 * MB
SAID = {
    "audio": gettext_lazy(
        "This is no audio file that browsers play: MP3, M4A, WAV, OGG or FLAC."
    ),
    "video": gettext_lazy(
        "This is no video file that browsers play: MP4, MOV or WebM."
    ),
    "attachment": gettext_lazy(
        "Attach a PDF, an office document, a picture, a text or a ZIP archive."
    ),
}


def accept(upload: UploadedFile, kind: str) -> UploadedFile:
    """The upload under a plain name that says what it is. Raises NotAccepted."""
    check_size(upload.size or 0, kind)
    suffix = _suffix_of(upload, kind)
    if suffix is None:
        raise NotAccepted(str(SAID[kind]))
    upload.name = f"{kind}{suffix}"
    return upload


def check_size(size: int, kind: str) -> None:
    """Raises NotAccepted."""
    if not size:
        raise NotAccepted(_("This file is empty."))
    if size > MOST_BYTES[kind]:
        megabytes = MOST_BYTES[kind] // MB
        raise NotAccepted(
            _("This file is larger than %(size)s MB.") % {"size": megabytes}
        )


def check_beginning(head: bytes, kind: str) -> None:
    """Refuse by its first bytes what cannot become right, before the rest has come.
    Raises NotAccepted."""
    if _told_by(head, kind) is None:
        raise NotAccepted(str(SAID[kind]))


def _suffix_of(upload: UploadedFile, kind: str) -> str | None:
    upload.seek(0)
    head = upload.read(HEAD)
    upload.seek(0)
    suffix = _told_by(head, kind, upload.name or "")
    return _archive(upload) if suffix == ".zip" else suffix


def _told_by(head: bytes, kind: str, name: str = "") -> str | None:
    found = next((it for it in FORMATS if it.begins.match(head)), None)
    if found and kind in found.serves_as:
        return found.suffix
    if not found and kind == "attachment" and _is_text(head):
        named = PurePosixPath(name).suffix.lower()
        return named if named in TEXTS else ".txt"
    return None


class _ShortReads:
    """An archive's list is read at once, however long it says it is; not here."""

    def __init__(self, file: IO[bytes]):
        self.seek, self.tell, self._read = file.seek, file.tell, file.read
        self.seekable = file.seekable

    def read(self, size: int = -1) -> bytes:
        return self._read(min(size, LONGEST_LIST) if size >= 0 else LONGEST_LIST)


def _archive(upload: UploadedFile) -> str:
    """What the archive is, by what is in it; nothing is unpacked but one short name.
    Raises NotAccepted."""
    try:
        with zipfile.ZipFile(cast(Any, _ShortReads(cast(Any, upload)))) as archive:
            _check_entries(archive.infolist())
            return _document(archive)
    # Whatever else is wrong with it, zipfile tells in many ways.
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError) as error:
        raise NotAccepted(_("This archive is damaged.")) from error
    finally:
        upload.seek(0)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(it.file_size for it in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise NotAccepted(
            _("This archive holds too much: %(files)s files and %(size)s MB at most.")
            % {"files": MOST_ENTRIES, "size": MOST_UNPACKED // MB}
        )
    if any(it.filename.lower().endswith("vbaproject.bin") for it in entries):
        raise NotAccepted(_("This document holds macros. Save it without them."))


def _document(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    for name, suffix in DOCUMENTS.items():
        if name in names:
            return suffix
    first = archive.infolist()[0] if names else None
    # Always stored as it is; packed, a few bytes would unpack to hundreds of megabytes.
    is_plain = first and first.compress_type == zipfile.ZIP_STORED
    if first and is_plain and first.filename == "mimetype" and first.file_size < HEAD:
        return OPEN_DOCUMENTS.get(archive.read(first), ".zip")
    return ".zip"


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters; the last character may be cut."""
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if len(head) < HEAD or error.start < HEAD - 3:
            return False
        text = head[: error.start].decode()
    return not re.search(r"[\x00-\x08\x0e-\x1f]", text)
