"""Following topics and spaces, and telling those who do of what is new."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from accounts.models import Notification, Space, User
from accounts.services.notifications import tell, tell_each
from accounts.services.spaces import readers_among
from community.lib.statements import Statement
from content.models import Post, SpaceReader, Stance, Topic, TopicFollow
from content.models.discussions import place_of

AT_ONCE = 1000  # members told by the same few statements

# Not whoever mutes the space: only a topic that they follow by hand is louder.
FOLLOWERS = Statement("""
SELECT follow.member_id, coalesce(marker.last_number, 0)
  FROM content_topicfollow AS follow
  LEFT JOIN content_readmarker AS marker
         ON marker.topic_id = follow.topic_id AND marker.member_id = follow.member_id
 WHERE follow.topic_id = %(topic)s AND follow.stance = 'following'
   AND follow.member_id > %(after)s
   AND coalesce(marker.last_number, 0) < %(number)s
   AND NOT EXISTS (
       SELECT FROM content_spacereader AS reader
        WHERE reader.space_id = %(space)s AND reader.member_id = follow.member_id
          AND reader.stance = 'muted')
 ORDER BY follow.member_id
 LIMIT %(limit)s
""")
SPACE_FOLLOWERS = Statement("""
SELECT reader.member_id
  FROM content_spacereader AS reader
 WHERE reader.space_id = %(space)s AND reader.stance = 'following'
   AND reader.member_id > %(after)s
 ORDER BY reader.member_id
 LIMIT %(limit)s
""")
BELONGING = Statement("""
SELECT place.member_id
  FROM accounts_spacemember AS place
 WHERE place.space_id = %(space)s AND place.left_at IS NULL
   AND place.member_id > %(after)s
   AND NOT EXISTS (
       SELECT FROM content_spacereader AS reader
        WHERE reader.space_id = place.space_id AND reader.member_id = place.member_id
          AND reader.stance = 'muted')
 ORDER BY place.member_id
 LIMIT %(limit)s
""")


@transaction.atomic
def set_topic_stance(*, topic: Topic, member: User, stance: str) -> None:
    """Follow a topic, mute it, or ("") neither of them."""
    mine = TopicFollow.objects.filter(topic=topic, member=member)
    if not stance:
        mine.delete()
        return
    TopicFollow.objects.update_or_create(
        topic=topic, member=member, defaults={"stance": stance}
    )


@transaction.atomic
def set_space_stance(*, space: Space, member: User, stance: str) -> None:
    """Follow a space, mute it, or ("") neither of them."""
    SpaceReader.objects.update_or_create(
        space=space, member=member, defaults={"stance": stance}
    )


@transaction.atomic
def catch_up(*, space: Space, member: User) -> None:
    """Take all there is in a space as known."""
    SpaceReader.objects.update_or_create(
        space=space, member=member, defaults={"caught_up_at": timezone.now()}
    )


def follow_as_writer(*, topic: Topic, member: User) -> None:
    """Whoever writes in a topic follows it, unless they said what they want."""
    TopicFollow.objects.bulk_create(
        [TopicFollow(topic=topic, member=member, stance=Stance.FOLLOWING)],
        ignore_conflicts=True,
    )


def tell_of_reply(post_id: int) -> None:
    """Tell who follows a topic of a new post in it.

    Once for each time they read it: until they come and read on, one piece of news
    says it all.
    """
    post = _posted(post_id)
    if post is None:
        return
    topic, space = post.topic, place_of(post.topic)
    for rows in _in_parts(
        FOLLOWERS, topic=topic.pk, number=post.number, space=space.pk if space else None
    ):
        may = _may_read(space, [member for member, _ in rows])
        tell_each(
            {
                member: f"replied:{topic.pk}:{read_to}"
                for member, read_to in rows
                if member in may
            },
            kind=Notification.Kind.REPLIED,
            target=post,
            actor=post.author,
        )


def tell_of_topic(topic_id: int, *, everyone: bool) -> None:
    """Tell who follows a space of a new topic; `everyone`: all who belong to it."""
    post = Post.objects.filter(topic=topic_id, number=1).values_list("pk", flat=True)
    opening = _posted(post.first() or 0)
    if opening is None or opening.topic.space is None:
        return
    topic, space = opening.topic, opening.topic.space
    if everyone:
        _tell_all(BELONGING, topic, space, Notification.Kind.ANNOUNCED)
    _tell_all(SPACE_FOLLOWERS, topic, space, Notification.Kind.TOPIC_STARTED)


def _tell_all(
    statement: Statement, topic: Topic, space: Space, kind: Notification.Kind
) -> None:
    for rows in _in_parts(statement, space=space.pk):
        may = _may_read(space, [member for (member,) in rows])
        # One key for both ways: who follows and belongs is told once.
        tell(may, kind=kind, key=f"topic:{topic.pk}", target=topic, actor=topic.author)


def _posted(post_id: int) -> Post | None:
    posts = Post.objects.select_related("author", "topic__author")
    posts = posts.select_related("topic__space", "topic__item__space")
    post = posts.filter(pk=post_id, hidden_at=None, topic__hidden_at=None).first()
    if post and post.topic.item and not post.topic.item.is_live:
        return None
    return post


def _may_read(space: Space | None, members: list[int]) -> set[int]:
    return set(members) if space is None else readers_among(space, members)


def _in_parts(statement: Statement, **asked: int | None) -> Iterator[list[tuple]]:
    after = 0
    while rows := statement.rows(after=after, limit=AT_ONCE, **asked):
        yield rows
        after = rows[-1][0]
