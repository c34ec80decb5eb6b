"""Captions and chapters of recordings; captions one set a language."""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from community.lib import subtitles
from community.lib.chapters import clock
from community.lib.subtitles import Cue
from content.models import Captions, Lesson
from content.models.played import Played, linked
from content.services.reuse import pass_on


@transaction.atomic
def save_captions(*, played: Played, language: str, cues: list[Cue]) -> Captions:
    """In place of those of the same language."""
    told = {
        "cues": [[int(cue.start), cue.text] for cue in cues],
        "vtt": subtitles.as_vtt(cues),
        "text": "\n".join(cue.text for cue in cues),
    }
    saved, _is_new = Captions.objects.update_or_create(
        **linked(played), language=language, defaults=told
    )
    _pass_on(played)
    return saved


@transaction.atomic
def remove_captions(*, captions: Captions) -> None:
    captions.delete()
    _pass_on(captions.played)


@transaction.atomic
def save_chapters(*, played: Played, chapters: str) -> None:
    played.chapters = chapters
    played.save(update_fields=["chapters"])
    _pass_on(played)


def _pass_on(played: Played) -> None:
    if isinstance(played, Lesson):
        pass_on(played)


@dataclass(frozen=True)
class Track:
    """Captions as the player and the transcript show them."""

    src: str
    language: str
    label: str
    cues: list[tuple[int, str, str]]  # second, the same as minutes:seconds, words


def tracks_of(captions: list[Captions], first: str) -> list[Track]:
    """Those in the reader's language before the others."""
    found = sorted(captions, key=lambda it: it.language != first)
    return [
        Track(
            src=reverse("content:captions", args=[it.pk]),
            language=it.language,
            label=it.get_language_display(),
            cues=[(at, clock(at), said) for at, said in it.cues],
        )
        for it in found
    ]
