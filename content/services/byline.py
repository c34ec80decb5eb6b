"""What a person's page shows of their work, to one reader."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from content.models import Item, Post, Topic
from content.services.library import Entry, entries, with_counts

RECENT = 10
MOST_ITEMS = 24


@dataclass(frozen=True)
class Work:
    published: list[Entry]
    posts: list[Post]


def work_of(person: User, reader: User) -> Work:
    items = with_counts(Item.objects.readable_by(reader).listed())
    by_person = items.filter(
        Q(author=person) | Q(pk__in=person.co_written.values("item"))
    ).order_by("-published_at", "-pk")
    return Work(
        published=entries(list(by_person[:MOST_ITEMS]), reader),
        posts=_recent_posts(person, reader),
    )


def _recent_posts(person: User, reader: User) -> list[Post]:
    """The latest that this reader may open, by the index on author and time."""
    posts = Post.objects.filter(
        author=person,
        hidden_at=None,
        topic__in=Topic.objects.visible_to(reader).filter(hidden_at=None),
    )
    recent = posts.select_related("topic__space", "topic__item")
    return list(recent.order_by("-created_at", "-pk")[:RECENT])
