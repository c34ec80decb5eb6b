"""What a person's page shows of their work, to one reader."""

from dataclasses import dataclass

from accounts.models import User
from content.models import Item, Post, Topic
from content.services.library import Entry, entries, with_counts

RECENT = 10
MOST_COURSES = 24


@dataclass(frozen=True)
class Work:
    courses: list[Entry]
    posts: list[Post]


def work_of(person: User, reader: User) -> Work:
    courses = with_counts(Item.objects.readable_by(reader).courses())
    taught = courses.filter(author=person).order_by("-published_at", "-pk")
    return Work(
        courses=entries(list(taught[:MOST_COURSES]), reader),
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
