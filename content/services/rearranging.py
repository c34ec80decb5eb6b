"""One talk becomes two, or two become one.

Posts keep their row, and with it thanks, pictures and their entry in the search; what
changes is the topic they stand in and their number. Topics are held in the order of
their numbers, so that two of these never wait for each other. How it was is kept for
`services.putting_back`.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Notification, User
from accounts.services import audit, community
from accounts.services.notifications import tell
from content.errors import NotHere, NotMerged
from content.models import AcceptedAnswer, Post, Rearrangement, Topic
from content.services import following
from content.services.discussions import add_post, changed, hold, take_all_marks

MERGED_KINDS = (
    Topic.Kind.DISCUSSION,
    Topic.Kind.QUESTION,
    Topic.Kind.SHARE,
    Topic.Kind.CASE,
)


@transaction.atomic
def split(*, topic: Topic, numbers: list[int], title: str, by: User) -> Topic:
    """Give these posts a topic of their own in the same place; return it.

    Its author is who wrote the first of them. In the old topic their numbers stay
    empty, and a post says where they went. Raises NotHere where no such post is left.
    """
    topic = hold(topic.pk)
    found = topic.posts.filter(number__in=numbers, number__gt=1, hidden_at=None)
    posts = list(found.select_related("author").order_by("number"))
    if not posts or topic.hidden_at:
        raise NotHere
    taken = [post.number for post in posts]
    before: dict[str, Any] = {
        "marks": _marks(topic, taken),
        "answers": _answers_across(topic, taken),
        "posts": [[post.pk, post.number] for post in posts],
    }
    topic = take_all_marks(topic=topic, numbers=taken, by=by)
    new = _topic_of(posts, title, topic)
    settle(topic, new)
    _carry_markers(topic, new, taken)
    for author in {post.author for post in posts}:
        following.follow_as_writer(topic=new, member=author)
    before["note"] = add_post(topic, by, _note_of(new)).pk
    _keep(Rearrangement.Act.SPLIT, topic, new, by, before)
    audit.record(
        act="topic split", actor=by, target=topic, into=new.pk, posts=len(posts)
    )
    return new


def _topic_of(posts: list[Post], title: str, topic: Topic) -> Topic:
    new = Topic.objects.create(
        kind=Topic.Kind.DISCUSSION,
        title=title,
        author=posts[0].author,
        space=topic.space,
        item=topic.item,
        lesson=topic.lesson,
        created_at=posts[0].created_at,
    )
    for number, post in enumerate(posts, start=1):
        post.topic, post.number = new, number
    Post.objects.bulk_update(posts, ["topic", "number"], batch_size=100)
    new.last_number = len(posts)
    return new


def _note_of(new: Topic) -> str:
    """In everybody's language, not the guide's; by number only: what it is called is
    for those who may read it."""
    with translation.override(community.current().language):
        note = _(
            "Some posts of this talk stand in [a topic of their own](%(url)s) now."
        )
    return note % {"url": f"/topics/{new.pk}-topic/"}


@transaction.atomic
def merge(*, topic: Topic, into: Topic, by: User) -> Topic:
    """Put all posts of a topic behind those of another; return that.

    Whoever comes by the old address is led to them. Raises NotMerged for a topic with
    itself, for what is hidden, and for kinds that are more than their posts.
    """
    held = {pk: hold(pk) for pk in sorted({topic.pk, into.pk})}
    if why := why_not(held[topic.pk], held[into.pk]):
        raise NotMerged(why)
    numbers = range(1, held[topic.pk].last_number + 1)
    before: dict[str, Any] = {"marks": _marks(topic, numbers)}
    topic = take_all_marks(topic=topic, numbers=numbers, by=by)
    into = hold(into.pk)
    behind = into.last_number
    topic.posts.update(topic=into, number=F("number") + behind)
    into.last_number += topic.last_number
    topic.hidden_at, topic.pinned_at = timezone.now(), None
    topic.merged_into, topic.merged_at_number = into, behind + 1
    settle(topic, into)
    led_here = Topic.objects.filter(merged_into=topic)
    before["behind"] = behind
    before["led_here"] = list(led_here.values_list("pk", flat=True))
    led_here.update(merged_into=into, merged_at_number=F("merged_at_number") + behind)
    _carry_follows(topic, into)
    _keep(Rearrangement.Act.MERGE, topic, into, by, before)
    tell(
        [topic.author_id],
        kind=Notification.Kind.TOPIC_MOVED,
        key=f"merged:{topic.pk}",
        target=into,
        actor=by,
    )
    audit.record(act="topic merged", actor=by, target=topic, into=into.pk)
    return into


def why_not(topic: Topic, into: Topic) -> str:
    """Why all posts of the one cannot go into the other; "" when they can."""
    if topic.pk == into.pk:
        return "itself"
    if into.merged_into_id:
        return "gone"
    if topic.hidden_at or into.hidden_at:
        return "hidden"
    return "" if topic.kind in MERGED_KINDS else "kind"


def _marks(topic: Topic, numbers: Iterable[int]) -> list[list[Any]]:
    """The accepted answers among them, by whom: their marks do not go along."""
    marks = AcceptedAnswer.objects.filter(post__topic=topic, post__number__in=numbers)
    return list(map(list, marks.values_list("post_id", "role", "by_id")))


def _answers_across(topic: Topic, numbers: list[int]) -> list[list[int]]:
    """Which post answers which, where only one of them goes."""
    across = Q(number__in=numbers) ^ Q(reply_to__number__in=numbers)
    answers = topic.posts.filter(across, reply_to__isnull=False)
    return list(map(list, answers.values_list("pk", "reply_to_id")))


def _keep(
    act: str, topic: Topic, into: Topic, by: User, before: dict[str, Any]
) -> None:
    Rearrangement.objects.create(act=act, topic=topic, into=into, by=by, before=before)


def settle(*topics: Topic) -> None:
    """After posts went from one to the other: counters, answers across, what is cached
    and what is searched."""
    both = Post.objects.filter(topic__in=topics, reply_to__isnull=False)
    both.exclude(reply_to__topic=F("topic")).update(reply_to=None)
    for topic in topics:
        shown = topic.posts.filter(hidden_at=None)
        topic.reply_count = shown.filter(number__gt=1).count()
        latest = shown.aggregate(at=Max("created_at"))["at"]
        topic.last_post_at = latest or topic.last_post_at
        changed(
            topic,
            *("last_number", "reply_count", "last_post_at", "hidden_at", "pinned_at"),
            *("merged_into", "merged_at_number"),
        )


def _carry_markers(topic: Topic, new: Topic, taken: list[int]) -> None:
    """Whoever had read some of the posts has read them where they stand now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO content_readmarker (member_id, topic_id, last_number)
            SELECT marker.member_id, %s, read.number
              FROM content_readmarker AS marker
             CROSS JOIN LATERAL (
                   SELECT count(*) AS number FROM unnest(%s::int[]) AS taken(number)
                    WHERE taken.number <= marker.last_number) AS read
             WHERE marker.topic_id = %s AND read.number > 0
            """,
            [new.pk, taken, topic.pk],
        )


def _carry_follows(topic: Topic, into: Topic) -> None:
    """Followers go along; what they said of the other topic counts there. What they
    said here stays, for when it is shown again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO content_topicfollow (topic_id, member_id, stance, since)
            SELECT %s, member_id, stance, since
              FROM content_topicfollow WHERE topic_id = %s
                ON CONFLICT (topic_id, member_id) DO NOTHING
            """,
            [into.pk, topic.pk],
        )
