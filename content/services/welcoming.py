"""Welcoming those who are new: whom nobody has answered yet, and how fast we are."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Role, Space, User, Verb
from accounts.services import community
from accounts.services.activity import record_activity
from community.lib.intervals import wilson
from content.models import GoodExample, Greeting, Post, Topic

NEW_FOR = dt.timedelta(days=14)
WINDOW = dt.timedelta(days=28)
IN_TIME = dt.timedelta(days=1)
MOST = 50
ENOUGH = 10  # newcomers; of fewer no share is told
EXAMPLES = 3


@dataclass(frozen=True)
class Newcomer:
    person: User
    first_topic: Topic | None  # as far as the helper may read it
    greeting: Greeting | None


def newcomers(helper: User) -> list[Newcomer]:
    """Whom nobody has welcomed yet, as far as the helper can see their words: first
    those whose first topic waits for a word, longest waiting first."""
    people = list(_new(helper).order_by("first_at", "date_joined")[:MOST])
    begun = {it.pk: it.first_topic for it in people}
    topics = Topic.objects.in_bulk([pk for pk in begun.values() if pk])
    greetings = Greeting.objects.select_related("by").in_bulk(
        begun, field_name="newcomer_id"
    )
    return [
        Newcomer(it, topics.get(begun[it.pk]), greetings.get(it.pk)) for it in people
    ]


def _new(helper: User) -> QuerySet[Any]:
    own = (
        Topic.objects.visible_to(helper)
        .filter(author=OuterRef("pk"), hidden_at=None)
        .order_by("created_at", "pk")
    )
    heard = Post.objects.filter(
        topic__author=OuterRef("pk"), number__gt=1, hidden_at=None
    ).exclude(author=OuterRef("pk"))
    return (
        User.objects.people()
        .filter(
            is_active=True,
            is_applicant=False,
            suspended_at=None,
            roles__contained_by=[Role.MEMBER],
            is_superuser=False,
            date_joined__gte=timezone.now() - NEW_FOR,
        )
        .filter(Q(greeting=None) | Q(greeting__done_at=None))
        .exclude(pk=helper.pk)
        .annotate(
            first_topic=Subquery(own.values("pk")[:1]),
            first_at=Subquery(own.values("created_at")[:1]),
        )
        .filter(~Exists(heard))
    )


@transaction.atomic
def take(*, newcomer: User, by: User) -> Greeting:
    """Take it upon oneself to welcome somebody; who was first stays it."""
    greeting, _new = Greeting.objects.get_or_create(
        newcomer=newcomer, defaults={"by": by}
    )
    return greeting


@transaction.atomic
def give_back(*, newcomer: User, by: User) -> None:
    Greeting.objects.filter(newcomer=newcomer, by=by, done_at=None).delete()


@transaction.atomic
def finish(*, newcomer: User, by: User) -> None:
    """Say that one has welcomed them, wherever that was."""
    take(newcomer=newcomer, by=by)
    mine = Greeting.objects.filter(newcomer=newcomer, by=by, done_at=None)
    if mine.update(done_at=timezone.now()):
        record_activity(member=by, verb=Verb.WELCOMED, target=newcomer)


@dataclass(frozen=True)
class AnsweredShare:
    """How many newcomers' first topics somebody else answered within a day."""

    answered: int
    asked: int
    since: dt.date
    until: dt.date

    @property
    def is_enough(self) -> bool:
        return self.asked >= ENOUGH

    @property
    def percent(self) -> int:
        return round(100 * self.answered / self.asked)

    @property
    def likely(self) -> tuple[int, int]:
        low, high = wilson(self.answered, self.asked)
        return round(100 * low), round(100 * high)


# First topics begun within the window, by whom was new then; a day later it is known.
SHARE = """
WITH first AS (
    SELECT DISTINCT ON (topic.author_id)
           topic.id, topic.author_id, topic.created_at
      FROM content_topic AS topic
      JOIN accounts_user AS member ON member.id = topic.author_id
     WHERE member.date_joined >= %(joined)s AND topic.hidden_at IS NULL
     ORDER BY topic.author_id, topic.created_at, topic.id
), fresh AS (
    SELECT first.* FROM first JOIN accounts_user AS member ON member.id = author_id
     WHERE first.created_at >= %(since)s AND first.created_at < %(until)s
       AND first.created_at < member.date_joined + make_interval(days => %(new_days)s)
)
SELECT count(*),
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM content_post AS post
            WHERE post.topic_id = fresh.id AND post.author_id <> fresh.author_id
              AND post.hidden_at IS NULL
              AND post.created_at < fresh.created_at + make_interval(days => %(days)s)))
  FROM fresh
"""


def answered_within_a_day() -> AnsweredShare:
    until = timezone.now() - IN_TIME
    since = until - WINDOW
    with connection.cursor() as cursor:
        cursor.execute(
            SHARE,
            {
                "joined": since - NEW_FOR,
                "since": since,
                "until": until,
                "new_days": NEW_FOR.days,
                "days": IN_TIME.days,
            },
        )
        asked, answered = cursor.fetchone()
    return AnsweredShare(answered, asked, since.date(), until.date())


def is_before_first_post(member: User) -> bool:
    return not member.posts.exists()


def examples_for(reader: User, most: int = EXAMPLES) -> list[GoodExample]:
    """Good examples that this reader may open, the latest first."""
    shown = GoodExample.objects.filter(
        post__hidden_at=None, post__topic__in=Topic.objects.visible_to(reader)
    )
    return list(shown.select_related("post__topic", "post__author")[:most])


def may_introduce(member: User) -> str:
    """The slug of the space where somebody new may introduce themselves, or nothing."""
    place = community.current().introductions_id
    if place is None or member.date_joined < timezone.now() - NEW_FOR:
        return ""
    if member.topics.filter(space=place).exists():
        return ""
    space = Space.objects.visible_to(member).filter(pk=place).first()
    return space.slug if space else ""
