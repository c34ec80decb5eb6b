"""Uploaded pictures, judged by content and made anew: nothing hidden survives."""

import io
import uuid

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 5 * 1024 * 1024
# A small file may unfold into a huge picture. JPEG can be read at a part of its size.
MOST_PIXELS = 40_000_000
MOST_PIXELS_READ = 16_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
SIDE = 256
WIDEST = 1600  # pixels, either way, of a picture in a text
COVER_WIDTHS = (400, 800, 1200)


class NotAPicture(Exception):
    """Says in the reader's language why the upload was refused."""


def square(upload: UploadedFile) -> ContentFile:
    """The picture cut to a square WebP of 256 pixels, under a new random name.

    Raises NotAPicture.
    """
    return _webp(ImageOps.fit(_opened(upload).convert("RGB"), (SIDE, SIDE)))


def mark(upload: UploadedFile) -> ContentFile:
    """The whole picture on a clear square of 256 pixels. Raises NotAPicture."""
    return _webp(ImageOps.pad(_opened(upload).convert("RGBA"), (SIDE, SIDE)))


def cover(upload: UploadedFile) -> dict[int, ContentFile]:
    """The picture cut to 16 by 9, as one WebP for each of COVER_WIDTHS.

    Raises NotAPicture.
    """
    whole = _opened(upload).convert("RGB")
    if whole.width < COVER_WIDTHS[0] or whole.height < COVER_WIDTHS[0] * 9 // 16:
        raise NotAPicture(_("This picture is too small: 400 by 225 pixels at least."))
    return {
        width: _webp(ImageOps.fit(whole, (width, width * 9 // 16)))
        for width in COVER_WIDTHS
    }


def for_text(upload: UploadedFile) -> tuple[ContentFile, int, int]:
    """The whole picture as WebP, no larger than a text shows it; its width and height.

    Raises NotAPicture.
    """
    whole = _opened(upload)
    whole = whole.convert("RGBA" if whole.has_transparency_data else "RGB")
    whole.thumbnail((WIDEST, WIDEST))
    return _webp(whole), whole.width, whole.height


def _opened(upload: UploadedFile) -> Image.Image:
    """Read to its end, so that a broken picture is refused here."""
    if (upload.size or 0) > MOST_BYTES:
        raise NotAPicture(_("This file is larger than 5 MB."))
    try:
        picture = Image.open(upload, formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPicture(_("This picture has too many pixels."))
        picture.draft("RGB", (WIDEST, WIDEST))
        if picture.width * picture.height > MOST_PIXELS_READ:
            raise NotAPicture(_("This picture has too many pixels."))
        picture.load()
        return ImageOps.exif_transpose(picture)
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as error:
        raise NotAPicture(_("This is not a PNG, JPEG or WebP picture.")) from error


def _webp(picture: Image.Image) -> ContentFile:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=85)
    return ContentFile(out.getvalue(), name=f"{uuid.uuid4().hex}.webp")
