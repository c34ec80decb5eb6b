"""Links to media that work for one reader and a few hours only."""

from django.core import signing
from django.urls import reverse

from accounts.models import User

SALT = "content.media"
LIFETIME = 6 * 3600  # seconds: a long recording with pauses


def media_link(path: str, reader: User) -> str:
    token = signing.dumps([path, reader.pk], salt=SALT)
    return reverse("content:lesson_media", args=[token])


def path_of(token: str, reader: User) -> str | None:
    """The stored file's path; None for a link that is forged, old or another's."""
    try:
        path, reader_id = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return path if reader_id == reader.pk else None
