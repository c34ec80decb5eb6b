"""Links to media that work for one reader, some hours, and as long as it is open.

A link names the thing and not its file: at each request it is asked again whether the
reader may still have it.
"""

from django.core import signing
from django.urls import reverse

from accounts.models import User
from content.models import HandedIn, ItemFile, Lesson
from content.models.played import word_of

SALT = "content.media of"
LIFETIME = 6 * 3600  # seconds: a long recording with pauses


def media_link(thing: Lesson | ItemFile | HandedIn, reader: User) -> str:
    word = "work" if isinstance(thing, HandedIn) else word_of(thing)
    token = signing.dumps([word, thing.pk, reader.pk], salt=SALT)
    return reverse("content:lesson_media", args=[token])


def thing_of(token: str, reader: User) -> tuple[str, int] | None:
    """Its word and number; None for a link that is forged, old or another's."""
    try:
        word, pk, reader_id = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return (word, pk) if reader_id == reader.pk else None
