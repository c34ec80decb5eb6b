"""What is shared with the world outside: what everybody may know of a thing."""

from dataclasses import astuple, dataclass
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import unquote

from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse

from accounts.models import Space, User
from accounts.services import community, recruiting
from accounts.services.recruiting import Shares
from community.lib import pictures
from content.models import Item, Lesson, Topic
from content.services.reading import TopicFacts

# One more whenever pictures are drawn differently, so that all are drawn anew.
DRAWN = 1


@dataclass(frozen=True)
class Shown:
    """A thing as it is seen from outside, on pages, pictures and posters of it."""

    kind: str
    pk: int
    path: str
    title: str
    summary: str
    by: str  # its author, or where a topic stands
    cover: str  # the stored picture; empty without

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.path

    @property
    def share_url(self) -> str:
        return reverse("content:share", args=[self.kind, self.pk])

    @property
    def poster_url(self) -> str:
        return reverse("content:poster", args=[self.kind, self.pk])

    @property
    def version(self) -> str:
        """Another one for whatever a picture of it shows differently."""
        ours = community.current()
        return _version(self, ours.name, ours.accent, ours.logo.name)

    @property
    def picture_path(self) -> str:
        """Of its cover, or of the picture that we draw."""
        if self.cover:
            return default_storage.url(self.cover)
        args = [self.kind, self.pk, self.version]
        return reverse("content:shown_picture", args=args)

    @property
    def picture_url(self) -> str:
        return settings.SITE_URL + self.picture_path

    @property
    def picture_height(self) -> int:
        """Of 1200 pixels' width: covers are 16 by 9."""
        return 675 if self.cover else 630


# Pages name the picture of what they show, and what they show seldom changes.
@lru_cache(maxsize=4096)
def _version(shown: Shown, *ours: str) -> str:
    told = repr((DRAWN, astuple(shown), *ours))
    return blake2b(told.encode(), digest_size=8).hexdigest()


def shown(thing: Item | Lesson | TopicFacts) -> Shown | None:
    """None of what visitors may not know of: it is not shared."""
    if isinstance(thing, TopicFacts):
        return _of_topic(thing) if thing.is_public else None
    if isinstance(thing, Lesson):
        return _of_lesson(thing) if _is_shown(thing) else None
    return _of_item(thing) if _is_public(thing) else None


def _is_shown(lesson: Lesson) -> bool:
    course = lesson.section.item
    is_open = lesson.is_preview or course.access == Item.Access.FREE
    return is_open and _is_public(course)


def _is_public(item: Item) -> bool:
    """What `readable_by` says of a visitor, for a row already read."""
    if not item.is_live or item.kind == Item.Kind.MATERIAL:
        return False
    return item.space is None or item.space.access == Space.Access.PUBLIC


def _of_item(item: Item) -> Shown:
    return Shown(
        kind=Item.activity_kind,
        pk=item.pk,
        path=item.get_absolute_url(),
        title=item.title,
        summary=item.summary,
        by=str(item.author or ""),
        cover=_cover(item),
    )


def _cover(item: Item) -> str:
    return item.cover_path(pictures.COVER_WIDTHS[-1]) if item.cover else ""


def _of_lesson(lesson: Lesson) -> Shown:
    course = lesson.section.item
    return Shown(
        kind=Lesson.activity_kind,
        pk=lesson.pk,
        path=lesson.get_absolute_url(),
        title=lesson.title,
        summary=course.title,
        by=str(course.author or ""),
        cover=_cover(course),
    )


def _of_topic(topic: TopicFacts) -> Shown:
    return Shown(
        kind=Topic.activity_kind,
        pk=topic.pk,
        path=topic.url,
        title=topic.title,
        summary="",
        by=topic.space_name or topic.item_title or "",
        cover="",
    )


def address_for(member: User, thing: Shown) -> str:
    """The member's own link to it; a visitor's is the plain address."""
    if not member.is_authenticated:
        return thing.url
    link = recruiting.link_to_share(
        member=member,
        kind=thing.kind,
        pk=thing.pk,
        path=unquote(thing.path),  # Chinese is three times as long otherwise
    )
    return settings.SITE_URL + reverse("accounts:link", args=[link.code])


def shares_of(item: Item) -> Shares:
    """Of the item, its lessons and what is talked about it."""
    lessons = Lesson.objects.filter(section__item=item)
    return recruiting.shares_of(
        {
            Item.activity_kind: [item.pk],
            Lesson.activity_kind: lessons.values_list("pk", flat=True),
            Topic.activity_kind: item.topics.values_list("pk", flat=True),
        }
    )
