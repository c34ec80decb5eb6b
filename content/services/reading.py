"""The statements behind the most-read pages: one each, written by hand.

An ORM query costs several times what these do (see `make bench-pages`), and each
of these answers everything its page needs to know that no cache can: what may be
read, under which revision, and what is the viewer's own.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property
from typing import ClassVar

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from community.lib.statements import Statement
from content.models.discussions import (
    Topic,
    numbers_on,
    place_on_page,
    url_of_topic,
)

TOPICS_PER_PAGE = 20
LISTED_KINDS = ("discussion", "share", "case", "announcement", "poll")


@dataclass(frozen=True)
class TopicFacts:
    """A topic as one viewer meets it, without its posts."""

    activity_kind: ClassVar = Topic.activity_kind

    pk: int
    kind: str
    title: str
    author_id: int
    revision: int
    last_number: int
    reply_count: int
    closed: bool
    closed_reason: str
    hidden: bool
    link: str
    pinned: bool
    featured: bool
    slow_seconds: int
    item_id: int | None
    item_title: str | None
    item_slug: str | None
    lesson_id: int | None
    lesson_title: str | None
    space_id: int | None
    space_slug: str | None
    space_name: str | None
    space_access: str
    space_level: int | None
    joined: bool
    guided: bool  # the viewer is a mentor or volunteer of its space
    stance: str | None
    accepted: list[int]
    read_to: int | None
    is_public: bool
    liked: list[int]
    waits: bool  # something that the viewer wrote here is looked at first
    votes: list[int]  # numbers of answers the viewer found helpful, or less than 0: not
    viewer_is_expert: bool

    @cached_property
    def url(self) -> str:
        return url_of_topic(self.pk, self.title, self.kind)

    @property
    def is_question(self) -> bool:
        return self.kind == Topic.Kind.QUESTION

    @property
    def kind_label(self) -> str:
        return str(Topic.Kind(self.kind).label)

    @property
    def has_news(self) -> bool:
        return self.read_to is not None and self.read_to < self.last_number

    def url_of(self, number: int) -> str:
        return self.url + place_on_page(number)


TOPIC = Statement("""
SELECT topic.id, topic.kind, topic.title, topic.author_id, topic.revision,
       topic.last_number, topic.reply_count,
       topic.closed_at IS NOT NULL, topic.closed_reason, topic.hidden_at IS NOT NULL,
       topic.link, topic.pinned_at IS NOT NULL, topic.featured_at IS NOT NULL,
       topic.slow_seconds, topic.item_id, item.title, item.slug,
       topic.lesson_id, lesson.title,
       coalesce(topic.space_id, item.space_id),
       space.slug, space.name, coalesce(space.access, ''),
       space.min_level, place.id IS NOT NULL,
       coalesce(place.role <> 'member', false), follow.stance,
       topic.accepted,
       marker.last_number,
       topic.hidden_at IS NULL AND coalesce(space.access, house.access, 'public')
           = 'public' AND (topic.item_id IS NULL
            OR item.state = 'live' AND item.published_at <= now()),
       ARRAY(SELECT post.number
               FROM content_postlike AS liked
               JOIN content_post AS post ON post.id = liked.post_id
              WHERE liked.member_id = %(viewer)s AND post.topic_id = topic.id
                AND post.number BETWEEN %(first)s AND %(last)s),
       EXISTS (SELECT FROM content_case AS held
                WHERE held.author_id = %(viewer)s AND held.topic_id = topic.id
                  AND held.closed_at IS NULL AND held.what <> 'report'),
       CASE WHEN topic.kind = 'question' THEN
            ARRAY(SELECT CASE WHEN vote.is_helpful THEN 1 ELSE -1 END * post.number
                    FROM content_answervote AS vote
                    JOIN content_post AS post ON post.id = vote.post_id
                   WHERE vote.member_id = %(viewer)s AND post.topic_id = topic.id
                     AND post.number BETWEEN %(first)s AND %(last)s) ELSE '{}' END,
       topic.kind = 'question' AND EXISTS (
            SELECT FROM accounts_expert AS expert
             WHERE expert.member_id = %(viewer)s AND expert.state = 'verified'
               AND expert.verified_until > now())
  FROM content_topic AS topic
  LEFT JOIN content_item AS item ON item.id = topic.item_id
  LEFT JOIN content_lesson AS lesson ON lesson.id = topic.lesson_id
  LEFT JOIN accounts_space AS space ON space.id = topic.space_id
  LEFT JOIN accounts_space AS house ON house.id = item.space_id
  LEFT JOIN accounts_spacemember AS place
         ON place.space_id = coalesce(topic.space_id, item.space_id)
        AND place.member_id = %(viewer)s AND place.left_at IS NULL
  LEFT JOIN content_topicfollow AS follow
         ON follow.topic_id = topic.id AND follow.member_id = %(viewer)s
  LEFT JOIN content_readmarker AS marker
         ON marker.topic_id = topic.id AND marker.member_id = %(viewer)s
 WHERE topic.id = %(topic)s
""")


def read_topic(pk: int, viewer: User | AnonymousUser, page: int) -> TopicFacts | None:
    first, last = numbers_on(page)
    row = TOPIC.row(topic=pk, viewer=viewer.pk, first=first, last=last)
    return TopicFacts(*row) if row else None


def topics_read_lately(member: User, *, but: int, most: int = 10) -> list[Topic]:
    """What this member has read and may still write in, the latest first."""
    read = Topic.objects.visible_to(member).filter(
        markers__member=member, hidden_at=None, closed_at=None
    )
    return list(read.exclude(pk=but).order_by("-last_post_at", "-pk")[:most])


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One line of a topic list: enough to show it from the cache."""

    pk: int
    revision: int
    last_number: int
    last_post_at: dt.datetime
    read_to: int | None
    is_pinned: bool

    @property
    def has_news(self) -> bool:
        return self.read_to is not None and self.read_to < self.last_number


# `{place}` is the column a list stands under; `{narrowed}` what it leaves out.
# What is pinned heads the first page, and stands nowhere else in the list of all.
PINNED = """
(SELECT topic.id, topic.revision, topic.last_number, topic.last_post_at,
        marker.last_number, true
   FROM content_topic AS topic
   LEFT JOIN content_readmarker AS marker
          ON marker.topic_id = topic.id AND marker.member_id = %(viewer)s
  WHERE topic.space_id = %(id)s AND topic.hidden_at IS NULL
    AND topic.pinned_at IS NOT NULL
  ORDER BY topic.pinned_at DESC)
UNION ALL
"""
TOPICS = """
(SELECT topic.id, topic.revision, topic.last_number, topic.last_post_at,
        marker.last_number, false
   FROM content_topic AS topic
   LEFT JOIN content_readmarker AS marker
          ON marker.topic_id = topic.id AND marker.member_id = %(viewer)s
  WHERE topic.{place} = %(id)s AND topic.hidden_at IS NULL {narrowed}
  ORDER BY topic.last_post_at DESC, topic.id DESC
  LIMIT %(limit)s)
"""
# Since when something is new to somebody in a space: their last word on it, their
# coming, and never longer ago than a month. `{space}` is no column of the topics: so
# it is known once, and the index begins there.
NEW_SINCE = """
greatest(
    coalesce((SELECT reader.caught_up_at FROM content_spacereader AS reader
               WHERE reader.space_id = {space}
                 AND reader.member_id = %(viewer)s), '-infinity'),
    (SELECT place.joined_at FROM accounts_spacemember AS place
      WHERE place.space_id = {space} AND place.member_id = %(viewer)s
        AND place.left_at IS NULL),
    now() - interval '30 days')
"""
SHOWN = {
    "all": "",
    "new": f"AND topic.last_post_at > {NEW_SINCE.format(space='%(id)s')}"
    " AND coalesce(marker.last_number, 0) < topic.last_number",
    "best": "AND topic.featured_at IS NOT NULL",
    **{f"{kind}s": f"AND topic.kind = '{kind}'" for kind in LISTED_KINDS},
    "questions": "AND topic.kind = 'question'",
    "unanswered": "AND topic.kind = 'question' AND NOT topic.is_answered",
}
AFTER = "AND (topic.last_post_at, topic.id) < (%(after_at)s, %(after_id)s)"


def read_topics(
    *,
    viewer: User,
    shown: str = "all",
    after: tuple[dt.datetime, int] | None = None,
    **place: int,
) -> tuple[list[TopicRow], bool]:
    """A page of the topics of one place, latest first; and if more follow.

    The place is a `space_id`, an `item_id` or a `lesson_id`; access to it is the
    caller's question.
    """
    ((column, place_id),) = place.items()
    after_at, after_id = after or (None, None)
    found = _statement(column, shown, continued=after is not None).rows(
        id=place_id,
        viewer=viewer.pk,
        limit=TOPICS_PER_PAGE + 1,
        after_at=after_at,
        after_id=after_id,
    )
    rows = [TopicRow(*row) for row in found]
    pinned = [row for row in rows if row.is_pinned]
    listed = [row for row in rows if not row.is_pinned]
    return pinned + listed[:TOPICS_PER_PAGE], len(listed) > TOPICS_PER_PAGE


@cache
def _statement(place: str, shown: str, *, continued: bool) -> Statement:
    narrowed = f"{SHOWN[shown]} {AFTER if continued else ''}"
    has_pinned = (place, shown) == ("space_id", "all")
    if has_pinned:
        narrowed += " AND topic.pinned_at IS NULL"
    listed = TOPICS.format(place=place, narrowed=narrowed)
    return Statement(PINNED + listed if has_pinned and not continued else listed)


@dataclass(frozen=True, slots=True)
class SpaceFacts:
    """A space as one viewer meets it."""

    pk: int
    slug: str
    name: str
    goal: str
    audience: str
    rules: str
    access: str
    min_level: int | None
    join_mode: str
    joined: bool
    guided: bool  # the viewer is a mentor or volunteer of it
    stance: str | None


SPACE = Statement("""
SELECT space.id, space.slug, space.name, space.goal, space.audience, space.rules,
       space.access, space.min_level, space.join_mode, place.id IS NOT NULL,
       coalesce(place.role <> 'member', false), reader.stance
  FROM accounts_space AS space
  LEFT JOIN accounts_spacemember AS place
         ON place.space_id = space.id AND place.member_id = %(viewer)s
        AND place.left_at IS NULL
  LEFT JOIN content_spacereader AS reader
         ON reader.space_id = space.id AND reader.member_id = %(viewer)s
 WHERE space.slug = %(slug)s
""")


def read_space(slug: str, viewer: User) -> SpaceFacts | None:
    row = SPACE.row(slug=slug, viewer=viewer.pk)
    return SpaceFacts(*row) if row else None
