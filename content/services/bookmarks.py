"""What members keep for later."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import User
from content.models import Bookmark, Item, Post, Topic

PER_PAGE = 30


@dataclass(frozen=True)
class Kept:
    """One line of a member's list; without words where they may read it no longer."""

    pk: int
    thing: Post | Item | None

    @property
    def title(self) -> str:
        return (
            self.thing.topic.title if isinstance(self.thing, Post) else str(self.thing)
        )


def keep(*, member: User, **thing: Any) -> None:
    """Keep a `post` or an `item`; twice is once."""
    Bookmark.objects.get_or_create(member=member, **thing)


def drop(*, member: User, **thing: Any) -> None:
    Bookmark.objects.filter(member=member, **thing).delete()


def remove(*, bookmark: Bookmark) -> None:
    Bookmark.objects.filter(pk=bookmark.pk).delete()


def is_kept(*, member: User, **thing: Any) -> bool:
    return Bookmark.objects.filter(member=member, **thing).exists()


def has_kept(reader: User | AnonymousUser, item: Item) -> bool:
    return reader.is_authenticated and is_kept(member=reader, item=item)


def page_of(member: User, *, before: int | None = None) -> tuple[list[Kept], bool]:
    """The latest first, from the one `before`; and whether more follow."""
    place = Q(pk__lt=before) if before else Q()
    rows = list(member.bookmarks.filter(place)[: PER_PAGE + 1])
    shown = rows[:PER_PAGE]
    posts = _posts(member, [it.post_id for it in shown if it.post_id])
    items = _items(member, [it.item_id for it in shown if it.item_id])
    kept = [
        Kept(it.pk, posts.get(it.post_id or 0) or items.get(it.item_id or 0))
        for it in shown
    ]
    return kept, len(rows) > PER_PAGE


def _posts(member: User, numbers: list[int]) -> dict[int, Post]:
    found = Post.objects.filter(
        pk__in=numbers, hidden_at=None, topic__in=Topic.objects.visible_to(member)
    )
    return {it.pk: it for it in found.select_related("topic", "author")}


def _items(member: User, numbers: list[int]) -> dict[int, Item]:
    found = Item.objects.readable_by(member).filter(pk__in=numbers)
    return {it.pk: it for it in found}
