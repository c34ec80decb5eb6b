"""Captions of a lesson's recording, one set a language."""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from community.lib import subtitles
from community.lib.subtitles import Cue
from content.models import Captions, Lesson
from content.services.reuse import pass_on


@transaction.atomic
def save_captions(*, lesson: Lesson, language: str, cues: list[Cue]) -> Captions:
    """In place of those of the same language."""
    told = {
        "cues": [[int(cue.start), cue.text] for cue in cues],
        "vtt": subtitles.as_vtt(cues),
        "text": "\n".join(cue.text for cue in cues),
    }
    saved, _is_new = Captions.objects.update_or_create(
        lesson=lesson, language=language, defaults=told
    )
    pass_on(lesson)
    return saved


@transaction.atomic
def remove_captions(*, captions: Captions) -> None:
    captions.delete()
    pass_on(captions.lesson)


@dataclass(frozen=True)
class Track:
    """Captions as the player and the transcript show them."""

    src: str
    language: str
    label: str
    cues: list[tuple[int, str, str]]  # second, the same as minutes:seconds, words


def tracks_of(lesson: Lesson, first: str) -> list[Track]:
    """Those in the reader's language before the others."""
    found = sorted(lesson.captions.all(), key=lambda it: it.language != first)
    return [
        Track(
            src=reverse("content:captions", args=[it.pk]),
            language=it.language,
            label=it.get_language_display(),
            cues=[(at, _clock(at), said) for at, said in it.cues],
        )
        for it in found
    ]


def _clock(second: int) -> str:
    minutes, seconds = divmod(second, 60)
    return f"{minutes}:{seconds:02}"
