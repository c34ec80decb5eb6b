"""What members think of the answers to a question, and which are the best."""

from django.db.models import Count, Q

from community.lib.intervals import wilson
from content.models import AcceptedAnswer, Post

MOST_SHOWN = 20
MOST_WEIGHED = 500


def recount_votes(posts: list[int]) -> None:
    """Let these posts say again how many found them helpful."""
    counted = Post.objects.filter(pk__in=posts).annotate(
        helpful=Count("votes", filter=Q(votes__is_helpful=True)),
        unhelpful=Count("votes", filter=Q(votes__is_helpful=False)),
    )
    for post in counted:
        post.helpful_count, post.unhelpful_count = post.helpful, post.unhelpful
    Post.objects.bulk_update(counted, ["helpful_count", "unhelpful_count"])


def best(topic_id: int) -> list[Post]:
    """The best answers first: what its asker accepted, what an expert marked as right,
    then what surely most find helpful; of equals, the earlier.

    Of very many answers those are weighed that anybody said something of.
    """
    answers = Post.objects.filter(topic=topic_id, number__gt=1, hidden_at=None)
    answers = answers.exclude(body="").select_related("author", "topic")
    answers = answers.prefetch_related("marks__by")
    weighed = list(answers.order_by("-helpful_count", "number")[:MOST_WEIGHED])
    known = {post.pk for post in weighed}
    marked = answers.filter(marks__isnull=False).distinct()
    weighed += [post for post in marked if post.pk not in known]
    return sorted(weighed, key=_merit)[:MOST_SHOWN]


def _merit(post: Post) -> tuple[bool, bool, float, int]:
    """The smaller, the better."""
    roles = {mark.role for mark in post.marks.all()}
    helped = surely_helpful(post.helpful_count, post.unhelpful_count)
    accepted, checked = AcceptedAnswer.Role.ASKER, AcceptedAnswer.Role.EXPERT
    return accepted not in roles, checked not in roles, -helped, post.number


def surely_helpful(helpful: int, unhelpful: int) -> float:
    """The least share that finds it helpful, as far as so few votes can tell.

    Three of three votes say less than thirty of thirty-one.
    """
    return wilson(helpful, helpful + unhelpful)[0]
