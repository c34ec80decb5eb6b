"""What a member may hear and watch, for programs that play podcasts."""

import datetime as dt
import mimetypes
from dataclasses import dataclass
from functools import partial

from django.urls import reverse

from accounts.models import User
from content.models import Enrolment, Item, ItemFile, Lesson, PodcastAddress
from content.models.played import Played, word_of
from content.services import secret_addresses
from content.services.courses import syllabus_for
from content.services.library import is_open

MOST_FILES = 200
MOST_COURSES = 20  # of those begun, learnt in last


make_address = partial(secret_addresses.make_address, PodcastAddress)
remove_address = partial(secret_addresses.remove_address, PodcastAddress)
has_address = partial(secret_addresses.has_address, PodcastAddress)
listener = partial(secret_addresses.owner, PodcastAddress)


@dataclass(frozen=True)
class Episode:
    """Something to play; `path` is its address below the listener's own."""

    title: str
    about: str
    author: str
    at: dt.datetime
    page: str
    path: str
    media_type: str


def episodes_for(member: User) -> list[Episode]:
    """What is open to them now, the latest first: recordings and the like, and the
    lessons of the courses that they have begun."""
    found = [*_of_items(member), *_of_lessons(member)]
    return sorted(found, key=lambda it: it.at, reverse=True)


def _of_items(member: User) -> list[Episode]:
    files = ItemFile.objects.filter(
        kind__in=ItemFile.PLAYED, item__in=Item.objects.readable_by(member)
    )
    latest = files.select_related("item__author").order_by("-item__published_at", "pk")
    return [
        _episode(it.item, it.title, it.file.name, it.item.get_absolute_url(), _path(it))
        for it in latest[:MOST_FILES]
        if is_open(it.item, member)
    ]


def _of_lessons(member: User) -> list[Episode]:
    begun = Enrolment.objects.filter(
        member=member, item__in=Item.objects.readable_by(member)
    )
    latest = begun.select_related("item__author").order_by("-last_at")[:MOST_COURSES]
    courses = [it.item for it in latest if is_open(it.item, member)]
    unlocked = [
        step.pk
        for course in courses
        for step in syllabus_for(course, member).steps
        if not step.lock
    ]
    lessons = Lesson.objects.filter(pk__in=unlocked).exclude(media="")
    return [
        _episode(
            it.section.item,
            f"{it.section.item.title}: {it.title}",
            it.media.name,
            it.get_absolute_url(),
            _path(it),
        )
        for it in lessons.select_related("section__item__author")
    ]


def _episode(item: Item, title: str, file: str, page: str, path: str) -> Episode:
    return Episode(
        title=title,
        about=item.summary,
        author=str(item.author or ""),
        at=item.published_at or item.created_at,
        page=page,
        path=path,
        media_type=mimetypes.guess_type(file)[0] or "application/octet-stream",
    )


def _path(played: Played) -> str:
    return f"{word_of(played)}/{played.pk}/"


def address_of(token: str) -> str:
    return reverse("content:podcast", args=[token])
