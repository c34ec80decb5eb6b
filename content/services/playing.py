"""Recordings as a page shows them to one reader: the player and what stands by it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import get_language

from accounts.models import User
from accounts.services import watermarks
from community.lib import chapters
from community.lib.chapters import Chapter
from content.models import Captions, FilePosition, Item, ItemFile, Lesson
from content.models.played import Played, anchor_of
from content.services.captions import Track, tracks_of
from content.services.courses import LONGEST, keep_position
from content.services.media import media_link

# What a page needs of captions; the player fetches the rest.
SHOWN = Captions.objects.defer("vtt", "text")


@dataclass(frozen=True)
class Player:
    kind: str
    title: str
    src: str
    anchor: str  # the address of second 62 ends with #anchor-62
    tracks: list[Track]
    chapters: list[Chapter]
    opens_words: bool  # nothing else tells what is said
    position: int = 0
    mark: str = ""  # stands for the reader, over a film
    progress_url: str = ""  # where it is told how far one is; "" when it is not kept


def player_of(lesson: Lesson, reader: User, *, position: int, keeps: bool) -> Player:
    progress_url = reverse("content:lesson_position", args=[lesson.pk])
    return Player(
        kind=lesson.kind,
        title=lesson.title,
        src=media_link(lesson, reader),
        anchor=anchor_of(lesson),
        tracks=_tracks(SHOWN.filter(lesson=lesson)),
        chapters=chapters.read(lesson.chapters),
        opens_words=not lesson.body_html,
        mark=_mark(lesson, lesson.section.item, reader),
        position=position,
        progress_url=progress_url if keeps else "",
    )


def players_of(item: Item, reader: User, *, keeps: bool) -> list[Player]:
    """As many queries however many recordings the item has."""
    played = item.files.filter(kind__in=ItemFile.PLAYED)
    files = list(played.prefetch_related(Prefetch("captions", SHOWN)))
    kept = _positions(files, reader) if keeps else {}
    return [
        Player(
            kind=it.kind,
            title=it.title,
            src=media_link(it, reader),
            anchor=anchor_of(it),
            tracks=_tracks(it.captions.all()),
            chapters=chapters.read(it.chapters),
            opens_words=not item.body_html,
            mark=_mark(it, item, reader),
            position=kept.get(it.pk, 0),
            progress_url=reverse("content:file_position", args=[it.pk])
            if keeps
            else "",
        )
        for it in files
    ]


def _tracks(captions: Iterable[Captions]) -> list[Track]:
    return tracks_of(list(captions), first=get_language() or "")


def _mark(played: Played, item: Item, reader: User) -> str:
    is_film = played.kind == "video"
    is_marked = is_film and item.has_watermark and reader.is_authenticated
    return watermarks.code_of(reader.pk) if is_marked else ""


def _positions(files: list[ItemFile], reader: User) -> dict[int, int]:
    if not files:
        return {}
    kept = FilePosition.objects.filter(member=reader, file__in=files)
    return dict(kept.values_list("file_id", "seconds"))


def keep_place(*, member: User, played: Played, seconds: int) -> None:
    """Where the member stopped watching or listening."""
    if isinstance(played, Lesson):
        keep_position(member=member, lesson=played, seconds=seconds)
        return
    FilePosition.objects.update_or_create(
        member=member,
        file=played,
        defaults={"seconds": max(0, min(seconds, LONGEST))},
    )
