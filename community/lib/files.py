"""Sending stored files: with ranges (so that seeking works), or by the proxy."""

import hashlib
import mimetypes
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any, cast
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)

BLOCK = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$", re.ASCII)
# What a browser may show by itself; anything else is downloaded.
SHOWN = ("image/", "audio/", "video/")
NEVER_SHOWN = "image/svg+xml"  # may carry scripts


# What everybody may have is named by chance, in whatever sizes it comes.
PUBLIC_NAME = re.compile(r"[0-9a-f]{32}(-\d{1,4})?\.[a-z]{3,4}")


def send_public(request: HttpRequest, folder: str, name: str) -> HttpResponseBase:
    """A picture that everybody may see who knows its name. Raises Http404."""
    path = f"{folder}/{name}"
    if not PUBLIC_NAME.fullmatch(name) or not default_storage.exists(path):
        raise Http404
    return send_file(request, path)


def send_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """The stored file at `path`; whether the reader may have it was asked before.

    With X_ACCEL set, nginx sends it and no process of ours is busy meanwhile; what
    lies in a bucket is sent from there. Pictures are small, and pages may show them
    from here only: those we send ourselves.
    """
    kind = mimetypes.guess_type(PurePosixPath(path).name)[0]
    headers = {
        "Content-Type": kind or "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
    }
    if not (kind or "").startswith(SHOWN) or kind == NEVER_SHOWN:
        headers["Content-Disposition"] = "attachment"
    if settings.BUCKET.name and not (kind or "").startswith("image/"):
        return _send_to_bucket(path, headers)
    if settings.X_ACCEL and not settings.BUCKET.name:
        headers["X-Accel-Redirect"] = f"/_media/{quote(path)}"
        return HttpResponse(headers=headers)
    return _send_ourselves(request, path, headers)


def _send_to_bucket(path: str, headers: dict[str, str]) -> HttpResponse:
    """A link that ends before long; the bucket itself is private."""
    told = {
        f"Response{name.replace('-', '')}": headers[name]
        for name in ("Content-Type", "Content-Disposition")
        if name in headers
    }
    bucket = cast(Any, default_storage)
    return HttpResponseRedirect(bucket.url(path, parameters=told))


def _send_ourselves(
    request: HttpRequest, path: str, headers: dict[str, str]
) -> HttpResponseBase:
    size = default_storage.size(path)
    etag = _etag(path)
    headers |= {"Accept-Ranges": "bytes", "ETag": etag}
    wanted = RANGE.match(request.headers.get("Range", ""))
    # Who goes on with another file than this must begin again.
    is_same = request.headers.get("If-Range", etag) == etag
    if not (wanted and is_same) or wanted.groups() == ("", ""):
        # It would say "inline" by itself.
        as_attachment = "Content-Disposition" in headers
        file = default_storage.open(path)
        return FileResponse(file, headers=headers, as_attachment=as_attachment)
    first, last = _bounds(wanted[1], wanted[2], size)
    if first > last or first >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers |= {
        "Content-Range": f"bytes {first}-{last}/{size}",
        "Content-Length": str(last - first + 1),
    }
    file = default_storage.open(path)
    file.seek(first)
    return StreamingHttpResponse(
        _blocks(file, last - first + 1), status=206, headers=headers
    )


def _etag(path: str) -> str:
    """Stored files never change: what is replaced gets another name."""
    return f'"{hashlib.sha256(path.encode()).hexdigest()[:32]}"'


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Both ends, included; "-500" asks for the last 500 bytes."""
    if not first:
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _blocks(file: IO[bytes], left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
