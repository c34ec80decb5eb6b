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
    hidden: bool
    item_id: int | None
    item_title: str | None
    item_slug: str | None
    lesson_id: int | None
    lesson_title: str | None
    space_id: int | None
    space_slug: str | None
    space_name: str | None
    space_access: str
    joined: bool
    accepted: list[int]
    read_to: int | None
    is_public: bool
    liked: list[int]
    voted_for: list[int]
    voted_against: list[int]
    viewer_is_expert: bool

    @cached_property
    def url(self) -> str:
        return url_of_topic(self.pk, self.title, self.kind)

    @property
    def is_question(self) -> bool:
        return self.kind == Topic.Kind.QUESTION

    @property
    def has_news(self) -> bool:
        return self.read_to is not None and self.read_to < self.last_number

    def url_of(self, number: int) -> str:
        return self.url + place_on_page(number)


TOPIC = Statement("""
SELECT topic.id, topic.kind, topic.title, topic.author_id, topic.revision,
       topic.last_number, topic.reply_count,
       topic.closed_at IS NOT NULL, topic.hidden_at IS NOT NULL,
       topic.item_id, item.title, item.slug, topic.lesson_id, lesson.title,
       coalesce(topic.space_id, item.space_id),
       space.slug, space.name, coalesce(space.access, ''), place.id IS NOT NULL,
       -- The asker's first; most topics have none, and need not look.
       CASE WHEN topic.is_answered THEN
            ARRAY(SELECT post.number
                    FROM content_acceptedanswer AS mark
                    JOIN content_post AS post ON post.id = mark.post_id
                   WHERE post.topic_id = topic.id
                   GROUP BY post.number
                   ORDER BY min(mark.role), post.number) ELSE '{}' END,
       marker.last_number,
       topic.hidden_at IS NULL AND coalesce(space.access, house.access, 'public')
           = 'public' AND (topic.item_id IS NULL
            OR item.state = 'live' AND item.published_at <= now()),
       ARRAY(SELECT post.number
               FROM content_postlike AS liked
               JOIN content_post AS post ON post.id = liked.post_id
              WHERE liked.member_id = %(viewer)s AND post.topic_id = topic.id
                AND post.number BETWEEN %(first)s AND %(last)s),
       ARRAY(SELECT post.number
               FROM content_answervote AS vote
               JOIN content_post AS post ON post.id = vote.post_id
              WHERE vote.member_id = %(viewer)s AND post.topic_id = topic.id
                AND vote.is_helpful
                AND post.number BETWEEN %(first)s AND %(last)s),
       ARRAY(SELECT post.number
               FROM content_answervote AS vote
               JOIN content_post AS post ON post.id = vote.post_id
              WHERE vote.member_id = %(viewer)s AND post.topic_id = topic.id
                AND NOT vote.is_helpful
                AND post.number BETWEEN %(first)s AND %(last)s),
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
         ON place.space_id = space.id AND place.member_id = %(viewer)s
        AND place.left_at IS NULL
  LEFT JOIN content_readmarker AS marker
         ON marker.topic_id = topic.id AND marker.member_id = %(viewer)s
 WHERE topic.id = %(topic)s
""")


def read_topic(pk: int, viewer: User | AnonymousUser, page: int) -> TopicFacts | None:
    first, last = numbers_on(page)
    row = TOPIC.row(topic=pk, viewer=viewer.pk, first=first, last=last)
    return TopicFacts(*row) if row else None


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One line of a topic list: enough to show it from the cache."""

    pk: int
    revision: int
    last_number: int
    last_post_at: dt.datetime
    read_to: int | None

    @property
    def has_news(self) -> bool:
        return self.read_to is not None and self.read_to < self.last_number


# `{place}` is the column a list stands under; `{narrowed}` what it leaves out.
TOPICS = """
SELECT topic.id, topic.revision, topic.last_number, topic.last_post_at,
       marker.last_number
  FROM content_topic AS topic
  LEFT JOIN content_readmarker AS marker
         ON marker.topic_id = topic.id AND marker.member_id = %(viewer)s
 WHERE topic.{place} = %(id)s AND topic.hidden_at IS NULL {narrowed}
 ORDER BY topic.last_post_at DESC, topic.id DESC
 LIMIT %(limit)s
"""
SHOWN = {
    "all": "",
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
    return rows[:TOPICS_PER_PAGE], len(rows) > TOPICS_PER_PAGE


@cache
def _statement(place: str, shown: str, *, continued: bool) -> Statement:
    narrowed = f"{SHOWN[shown]} {AFTER if continued else ''}"
    return Statement(TOPICS.format(place=place, narrowed=narrowed))


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
    joined: bool


SPACE = Statement("""
SELECT space.id, space.slug, space.name, space.goal, space.audience, space.rules,
       space.access,
       EXISTS (SELECT FROM accounts_spacemember AS place
                WHERE place.space_id = space.id AND place.member_id = %(viewer)s
                  AND place.left_at IS NULL)
  FROM accounts_space AS space
 WHERE space.slug = %(slug)s
""")


def read_space(slug: str, viewer: User) -> SpaceFacts | None:
    row = SPACE.row(slug=slug, viewer=viewer.pk)
    return SpaceFacts(*row) if row else None
