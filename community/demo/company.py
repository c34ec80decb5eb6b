"""Who is at hand for the stories of the demo, and when things in them were said."""

import datetime as dt
import random
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from community.demo.people import LANGUAGES
from content.models import Post

TEXTS = Path(__file__).with_name("stories.toml")
FEWEST = 8  # of each language: fewer have no stories
MOST = 60
SETTLED = dt.timedelta(days=60)
A_MOMENT = dt.timedelta(minutes=10)

# What was written just now is put to where it belongs in time, with its traces.
PUT_BACK = """
CREATE TEMP TABLE demo_moved (post_id bigint, topic_id bigint, at timestamptz);
INSERT INTO demo_moved
SELECT post.id, post.topic_id, moved.at
  FROM unnest(%(posts)s::bigint[], %(moments)s::timestamptz[]) AS moved (id, at)
  JOIN content_post AS post ON post.id = moved.id;
UPDATE content_post AS post SET created_at = moved.at
  FROM demo_moved AS moved WHERE post.id = moved.post_id;
UPDATE content_topic AS topic
   SET created_at = said.first_at, last_post_at = said.last_at
  FROM (SELECT topic_id, min(created_at) AS first_at, max(created_at) AS last_at
          FROM content_post
         WHERE topic_id IN (SELECT topic_id FROM demo_moved) GROUP BY 1) AS said
 WHERE topic.id = said.topic_id;
UPDATE accounts_activity AS activity SET at = moved.at
  FROM demo_moved AS moved
 WHERE activity.verb = 'replied' AND activity.object_kind = 'post'
   AND activity.object_id = moved.post_id AND activity.at >= %(since)s;
UPDATE accounts_activity AS activity SET at = topic.created_at
  FROM content_topic AS topic
 WHERE topic.id IN (SELECT topic_id FROM demo_moved)
   AND activity.verb = 'topic_started' AND activity.object_kind = 'topic'
   AND activity.object_id = topic.id AND activity.at >= %(since)s;
DROP TABLE demo_moved;
"""


@dataclass
class Company:
    staff: dict[str, User]
    members: dict[str, list[User]]  # by language
    logins: list[User]
    words: dict[str, Any]
    rng: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311
    began: dt.datetime = field(default_factory=timezone.now)
    moments: dict[int, dt.datetime] = field(default_factory=dict)

    @property
    def operator(self) -> User:
        return self.staff["operator"]

    @cached_property
    def everyone(self) -> list[User]:
        return [member for language in LANGUAGES for member in self.members[language]]

    def some(self, language: str, number: int) -> list[User]:
        return self.rng.sample(self.members[language], number)

    def share_of(self, share: float) -> list[User]:
        return self.rng.sample(self.everyone, round(share * len(self.everyone)))

    def said(self, post: Post, *, hours: float) -> None:
        """It was so many hours ago, but nobody said anything before they joined."""
        moment = self.began - dt.timedelta(hours=hours)
        earliest = post.author.date_joined + A_MOMENT
        self.moments[post.pk] = min(max(moment, earliest), self.began)

    def put_back(self) -> None:
        """Give what was said its moments."""
        with connection.cursor() as cursor:
            cursor.execute(
                PUT_BACK,
                {
                    "posts": list(self.moments),
                    "moments": list(self.moments.values()),
                    "since": self.began,
                },
            )
        self.moments.clear()


def gather(staff: dict[str, User], logins: list[User]) -> Company | None:
    """Nobody where there are too few for stories."""
    members = {language: list(settled(language)[:MOST]) for language in LANGUAGES}
    if min(map(len, members.values())) < FEWEST:
        return None
    words = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    return Company(staff, members, logins, words)


def settled(language: str) -> QuerySet[User]:
    """Simulated members who are still here, the latest first."""
    here = User.objects.filter(
        email=None,
        language=language,
        date_joined__lt=timezone.now() - SETTLED,
        spaces__left_at=None,
    )
    return here.order_by("-pk").distinct()
