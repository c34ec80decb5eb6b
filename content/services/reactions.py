"""Who thanked for a post, and who set which sign under it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import User
from content.models import Post, Reaction

MOST_SHOWN = 200  # of each kind


def counts_of(posts: Iterable[Post]) -> dict[int, list[tuple[str, int]]]:
    """By post: the names of the signs under it in their order, and how many of each."""
    counted = (
        Reaction.objects.filter(post__in=posts)
        .values_list("post", "kind")
        .annotate(number=Count("pk"))
    )
    number = {(post, kind): count for post, kind, count in counted}
    return {
        post.pk: [
            (str(kind.label), number[post.pk, kind])
            for kind in Reaction.Kind
            if (post.pk, kind) in number
        ]
        for post in posts
    }


def own_kinds(post: Post, member: User) -> set[str]:
    return set(post.reactions.filter(member=member).values_list("kind", flat=True))


def people_of(post: Post) -> list[tuple[str, list[User]]]:
    """The names of its signs, thanks first, and the latest who set them."""
    given: list[tuple[str, QuerySet[Any]]] = [("", post.likes.all())]
    given += [(str(it.label), post.reactions.filter(kind=it)) for it in Reaction.Kind]
    signs = [(name, _latest_of(rows)) for name, rows in given]
    return [(name, people) for name, people in signs if people]


def _latest_of(rows: QuerySet[Any]) -> list[User]:
    latest = rows.select_related("member").order_by("-pk")[:MOST_SHOWN]
    return [it.member for it in latest]
