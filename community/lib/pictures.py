"""Uploaded pictures, judged by content and made anew: nothing hidden survives."""

import io
import uuid

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000  # a small file may unfold into a huge picture
FORMATS = ("PNG", "JPEG", "WEBP")
SIDE = 256


class NotAPicture(Exception):
    """Says in the reader's language why the upload was refused."""


def square(upload: UploadedFile) -> ContentFile:
    """The picture cut to a square WebP of 256 pixels, under a new random name.

    Raises NotAPicture.
    """
    if (upload.size or 0) > MOST_BYTES:
        raise NotAPicture(_("This file is larger than 5 MB."))
    try:
        picture = Image.open(upload, formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPicture(_("This picture has too many pixels."))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        small = ImageOps.fit(upright, (SIDE, SIDE))
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as error:
        raise NotAPicture(_("This is not a PNG, JPEG or WebP picture.")) from error
    out = io.BytesIO()
    small.save(out, "WEBP", quality=85)
    return ContentFile(out.getvalue(), name=f"{uuid.uuid4().hex}.webp")
