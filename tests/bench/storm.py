"""What members notice of a storm: 1,000 posts by 100 new accounts within a minute.

    make bench-storm          or: python -m tests.bench.storm [--posts 1000] [--json]

One process posts at that pace, another reads a topic and the list of its space as a
member does, before the storm and while it lasts. `shown_while` says whether the first
posts were seen in the moments until the storm was noticed. The exit status is 1 when a
post of the storm stands at its end, when a page shows one of them then or asks the
database more often, or when reading takes more than twice as long.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from typing import Any

from tests.bench.database import scratch_database

MOST_RATIO = 2.0
ROUNDS = 40
EACH = 0.06  # seconds: a thousand in a minute


def bench(posts: int, accounts: int) -> dict[str, Any]:
    with scratch_database():
        from tests.bench.scene import make_scene
        from tests.factories.accounts import make_member

        scene = make_scene()
        paths = {"topic": scene.topic_url, "list": scene.space_url}
        _settle(scene.member)
        stormers = [make_member(f"storm{n}").pk for n in range(accounts)]
        reader = _client_of(scene.member)
        before = _read(reader, paths, rounds=ROUNDS)

        storm, began = _begin(stormers, posts, scene.space_url)
        during = _read(reader, paths, until=storm)
        seconds = storm_took(storm, began)
        return _told(before, during, seconds, posts, accounts, reader, paths)


def _settle(member: Any) -> None:
    """The reader has been here for long; what the scene wrote is no storm."""
    import datetime as dt

    from django.utils import timezone

    from accounts.models import User

    User.objects.update(date_joined=timezone.now() - dt.timedelta(days=90))
    member.refresh_from_db()


def _client_of(member: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(member)
    return client


def _begin(stormers: list[int], posts: int, space_url: str) -> tuple[Any, float]:
    from django.db import connections

    connections.close_all()  # a connection is not shared between processes
    context = multiprocessing.get_context("fork")
    began = time.monotonic()
    process = context.Process(target=_storm, args=(stormers, posts, space_url))
    process.start()
    return process, began


def storm_took(process: Any, began: float) -> float:
    process.join()
    return time.monotonic() - began


def _storm(stormers: list[int], posts: int, space_url: str) -> None:
    from accounts.models import User

    clients = [_client_of(User.objects.get(pk=pk)) for pk in stormers]
    began = time.monotonic()
    for number in range(posts):
        time.sleep(max(0, began + number * EACH - time.monotonic()))
        clients[number % len(clients)].post(
            f"{space_url}new/",
            {
                "kind": "discussion",
                "title": f"Storm {number}",
                "body": f"A text of its own, number {number * 7919}, in a few words.",
            },
        )


def _read(
    reader: Any, paths: dict[str, str], *, rounds: int = 0, until: Any = None
) -> dict[str, Any]:
    """The milliseconds and the number of statements of each page."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    took: dict[str, list[float]] = {name: [] for name in paths}
    asked = dict.fromkeys(paths, 0)
    shown = False
    while until.is_alive() if until else rounds:
        rounds -= 1
        for name, path in paths.items():
            reset_queries()  # a full log counts no more
            with CaptureQueriesContext(connection) as queries:
                began = time.perf_counter()
                page = reader.get(path).content
                took[name].append(1000 * (time.perf_counter() - began))
            asked[name] = len(queries)
            shown = shown or b"Storm " in page
    median = {name: statistics.median(times) for name, times in took.items()}
    return {"ms": median, "statements": asked, "shown": shown}


def _told(
    before: dict[str, Any],
    during: dict[str, Any],
    seconds: float,
    posts: int,
    accounts: int,
    reader: Any,
    paths: dict[str, str],
) -> dict[str, Any]:
    from content.models import Case, Topic

    after = _read(reader, paths, rounds=3)
    storm = Topic.objects.filter(title__startswith="Storm")
    return {
        "posts": posts,
        "accounts": accounts,
        "seconds": round(seconds, 1),
        "in_queue": Case.objects.filter(closed_at=None).count(),
        "standing": storm.filter(hidden_at=None).count(),
        "shown_while": during["shown"],
        "shown_after": after["shown"],
        "ratio": {
            name: round(during["ms"][name] / before["ms"][name], 2) for name in paths
        },
        "statements": {
            name: [before["statements"][name], during["statements"][name]]
            for name in paths
        },
    }


def passes(told: dict[str, Any]) -> bool:
    return (
        told["standing"] == 0
        and not told["shown_after"]
        and told["in_queue"] >= told["posts"]
        and all(ratio <= MOST_RATIO for ratio in told["ratio"].values())
        and all(was >= now for was, now in told["statements"].values())
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    told = bench(asked.posts, asked.accounts)
    told["passes"] = passes(told)
    if asked.json:
        print(json.dumps(told))
    else:
        for name, value in told.items():
            print(f"{name:12} {value}")
    return 0 if told["passes"] else 1


if __name__ == "__main__":
    sys.exit(main())
