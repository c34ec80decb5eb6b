"""Who thanked for a post, and who set which sign under it."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count

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
    given: dict[str, list[User]] = defaultdict(list)
    for it in post.reactions.select_related("member").order_by("-pk"):
        if len(given[it.kind]) < MOST_SHOWN:
            given[it.kind].append(it.member)
    likes = post.likes.select_related("member").order_by("-pk")[:MOST_SHOWN]
    signs = [(str(kind.label), given[kind]) for kind in Reaction.Kind if kind in given]
    thanks = [it.member for it in likes]
    return [("", thanks), *signs] if thanks else signs
