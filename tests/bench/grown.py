"""What topics and their lists cost among many posts, next to among few.

    make bench-grown      or: python -m tests.bench.grown [--posts 10000000] [--json]

Half of all posts stand in one space. As a member who is signed in, one gunicorn worker
is asked for topics that no process has rendered yet, for the space's list at its
beginning and deep in it, and for all that is new; first among FEW posts, then among
`--posts`. A list is asked for once before it is measured: among few topics its rows are
found rendered, among many they would not be, and that is no matter of their number.
The medians of the same pages are compared. The exit status is 1 when one of them takes
more than MUST times as long.
"""

import argparse
import datetime as dt
import json
import random
import statistics
import sys
import time
from typing import Any

from tests.bench.checkout import Buyer
from tests.bench.pages import own_database, web_server  # sets Django up

# isort: split
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Space, SpaceMember, User
from accounts.services.spaces import join_space
from community import embedded
from community.lib.keyset import mark_of
from content.models import Topic
from tests.factories.accounts import make_member, make_space

MUST = 1.5
FEW = 10_000
POSTS_A_TOPIC = 20
SPACES = 2  # in turn, so half of all is in the one that is asked for
AT_ONCE = 50_000  # topics

# The newest topics are those of the highest numbers, one a second, all of this month.
TOPICS = """
INSERT INTO content_topic (id, kind, title, author_id, space_id, created_at,
    last_post_at, last_number, reply_count, is_answered, revision, hidden_reason)
SELECT n, 'discussion', 'Topic ' || n, %(author)s, %(space)s + n %% %(spaces)s,
       %(at)s + n * interval '1 second', %(at)s + n * interval '1 second',
       %(each)s, %(each)s - 1, false, 1, ''
  FROM generate_series(%(first)s, %(last)s) AS n
"""
POSTS = """
INSERT INTO content_post (topic_id, author_id, number, body, body_html, created_at,
    like_count, helpful_count, unhelpful_count, hidden_reason)
SELECT n, %(author)s, number, 'Post ' || n, '<p>Post ' || n || '</p>',
       %(at)s + n * interval '1 second', 0, 0, 0, ''
  FROM generate_series(%(first)s, %(last)s) AS n,
       generate_series(1, %(each)s) AS number
"""


def grow(author: User, space: Space, *, of: int, to: int, since: dt.datetime) -> None:
    """Add topics until there are `to` posts, where there are `of` now."""
    facts: dict[str, Any] = {
        "author": author.pk,
        "space": space.pk,
        "spaces": SPACES,
        "each": POSTS_A_TOPIC,
        "at": since,
    }
    last = to // POSTS_A_TOPIC
    with connection.cursor() as cursor:
        for first in range(of // POSTS_A_TOPIC + 1, last + 1, AT_ONCE):
            batch = facts | {"first": first, "last": min(first + AT_ONCE - 1, last)}
            cursor.execute(TOPICS, batch)
            cursor.execute(POSTS, batch)
        cursor.execute("VACUUM ANALYZE content_topic, content_post")


def measure(port: int, member: User, space: Space, rounds: int) -> dict[str, float]:
    """The median of each page, in milliseconds; every topic is asked for once."""
    buyer = Buyer(port, member)
    topics = Topic.objects.filter(space=space).order_by("pk")
    numbers = list(topics.values_list("pk", "last_post_at"))
    drawn = random.Random(7).sample(numbers, 2 * rounds)
    spent: dict[str, list[float]] = {}
    for number, (pk, at) in enumerate(drawn):
        asked = {
            "topic": f"/topics/{pk}-x/",
            "list": f"/spaces/{space.slug}/",
            "deep in the list": f"/spaces/{space.slug}/?after={mark_of(at, pk)}",
            "what is new": "/whats-new/",
        }
        for name, path in asked.items():
            if name != "topic":
                buyer.ask("GET", path)
            begin = time.perf_counter()
            status, _ = buyer.ask("GET", path)
            if status != 200:
                raise SystemExit(f"{path}: {status} instead of 200")
            if number >= rounds:  # before that the server warms up
                took = 1000 * (time.perf_counter() - begin)
                spent.setdefault(name, []).append(took)
    return {name: statistics.median(ms) for name, ms in spent.items()}


def bench(posts: int, rounds: int) -> dict:
    now = timezone.now()
    since = now - dt.timedelta(seconds=posts / POSTS_A_TOPIC)
    with own_database():
        member, author = make_member("reader"), make_member("author")
        spaces = [
            make_space(f"s{n}", access=Space.Access.PUBLIC) for n in range(SPACES)
        ]
        space = spaces[0]
        for each in spaces:
            join_space(space=each, member=member)
        # Nothing that is here now was here before they came.
        SpaceMember.objects.update(joined_at=now - dt.timedelta(days=400))
        found = {}
        of = 0
        for to in (FEW, posts):
            grow(author, space, of=of, to=to, since=since)
            with web_server() as (port, _):
                found[to] = measure(port, member, space, rounds)
            of = to
    few, many = found[FEW], found[posts]
    return {
        "posts": posts,
        "pages": {
            name: {
                "few_ms": round(few[name], 2),
                "many_ms": round(many[name], 2),
                "ratio": round(many[name] / few[name], 2),
            }
            for name in few
        },
        "passes": all(many[name] <= MUST * few[name] for name in few),
    }


def report(found: dict) -> str:
    lines = [f"{'page':18}{f'{FEW} posts':>14}{found['posts']:>14}{'ratio':>8}"]
    for name, it in found["pages"].items():
        few, many = it["few_ms"], it["many_ms"]
        lines.append(f"{name:18}{few:>11} ms{many:>11} ms{it['ratio']:>8}")
    lines.append(f"at most {MUST} each" + ("" if found["passes"] else ": MISSED"))
    return "\n".join(lines)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--posts", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = options.parse_args()
    with embedded.running(settings.VAR_DIR, **embedded.from_environment()):
        found = bench(chosen.posts, chosen.rounds)
    sys.stdout.write((json.dumps(found) if chosen.json else report(found)) + "\n")
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    sys.exit(main())
