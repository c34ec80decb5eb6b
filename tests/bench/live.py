"""Five hundred people in a live room, on this machine and at its server.

    make bench-live           or: python -m tests.bench.live [--viewers 500] [--json]

The web server runs as it is configured, and meets a connection for each request as
from the proxy in front. Each viewer loads the page, then asks for news as it does, as
often as the answers say; one person says something every
second, and one asks the health check all the while. Counted within the one run: what
the slowest of twenty answers takes (p95), next to the health check's, and after how
long a message was seen by the slowest of a hundred (p99). The exit status is 1 when an
answer takes more than five times as long, a message more than three seconds, or
anything fails.

Runs on servers of its own, or on those of DATABASE_URL and REDIS_URL (there in a
database named like the given one with "_bench" behind it, dropped afterwards).
"""

import argparse
import asyncio
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.pages import own_database, session_of, wait_for

# isort: split
import datetime as dt

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from community import embedded
from content.models import LiveRoom, Registration
from content.services import live
from tests.factories.events import make_event

MOST_TIMES = 5.0  # the health check
MOST_SECONDS = 3.0
EVERY = 1.0  # seconds between two messages
WARMING_UP = 5.0  # seconds
MESSAGE = re.compile(rb'id="m(\d+)"')


@dataclass
class Counts:
    began: float = 0
    news: list[float] = field(default_factory=list)  # seconds
    health: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    status: Counter[int] = field(default_factory=Counter)
    said: dict[int, float] = field(default_factory=dict)  # message: when

    @property
    def counts(self) -> bool:
        return time.monotonic() - self.began > WARMING_UP


class Viewer:
    """A browser on the page, as far as the server meets it."""

    def __init__(self, port: int, path: str, cookies: str, counts: Counts) -> None:
        self.port, self.path, self.cookies, self.counts = port, path, cookies, counts
        self.ticket, self.version, self.last = "", "0.0", 0

    async def come(self, door: asyncio.Semaphore) -> None:
        async with door:
            _status, _headers, body = await self._ask(self.path)
        self.last = max(map(int, MESSAGE.findall(body)), default=0)
        found = re.search(rb'data-version="([0-9.]+)"', body)
        self.version = found[1].decode() if found else self.version

    async def watch(self, until: float) -> None:
        await asyncio.sleep(random.random() * 2)
        while time.monotonic() < until:
            began = time.monotonic()
            path = f"{self.path}news/?after={self.version}"
            status, headers, body = await self._ask(path)
            ended = time.monotonic()
            if self.counts.counts:
                self.counts.news.append(ended - began)
                self.counts.status[status] += 1
            self._look(body, ended)
            self.version = headers.get("x-room-version", self.version)
            wait = float(headers.get("x-room-wait", 5000)) / 1000
            await asyncio.sleep(wait * (0.85 + 0.15 * random.random()))

    async def _ask(self, path: str) -> tuple[int, dict[str, str], bytes]:
        cookies = f"{self.cookies}; {self.ticket}".rstrip("; ")
        status, headers, body = await get(self.port, path, cookies)
        if given := headers.get("set-cookie", ""):
            self.ticket = given.split(";")[0]
        return status, headers, body

    def _look(self, body: bytes, at: float) -> None:
        """Only what was said while they were here was waited for."""
        numbers = [int(it) for it in MESSAGE.findall(body)]
        fresh = [it for it in numbers if it > self.last]
        if self.last and self.counts.counts:
            said = self.counts.said
            self.counts.seen += [at - said[it] for it in fresh if it in said]
        self.last = max([self.last, *numbers])


async def get(
    port: int, path: str, cookies: str = ""
) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n"
        "X-While-Typing: 1\r\n\r\n".encode()
    )
    whole = await reader.read()
    writer.close()
    head, _, body = whole.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers: dict[str, str] = {}
    for name, _, value in pairs:
        if name.lower() != "set-cookie" or value.startswith("room="):
            headers[name.lower()] = value
    return int(first.split()[1]), headers, body


async def ask_health(port: int, until: float, counts: Counts) -> None:
    while time.monotonic() < until:
        began = time.monotonic()
        await get(port, "/healthz")
        if counts.counts:
            counts.health.append(time.monotonic() - began)
        await asyncio.sleep(0.04)


def talk(room: LiveRoom, until: float, counts: Counts) -> None:
    author, number = room.event.host, 0
    while time.monotonic() < until:
        number += 1
        message = live.say(room=room, author=author, body=f"This is number {number}.")
        counts.said[message.pk] = time.monotonic()
        time.sleep(EVERY)
    connection.close()


async def crowd(
    port: int, room: LiveRoom, cookies: list[str], seconds: int, counts: Counts
) -> None:
    path = f"/events/{room.event_id}/live/"
    viewers = [Viewer(port, path, it, counts) for it in cookies]
    door = asyncio.Semaphore(8)
    await asyncio.gather(*(it.come(door) for it in viewers))
    counts.began = time.monotonic()
    until = counts.began + WARMING_UP + seconds
    speaking = asyncio.to_thread(talk, room, until, counts)
    await asyncio.gather(
        speaking, ask_health(port, until, counts), *(it.watch(until) for it in viewers)
    )


def fill(viewers: int) -> tuple[LiveRoom, list[User]]:
    """A room that has begun, and those who have a seat."""
    start = timezone.now() - dt.timedelta(minutes=5)
    event = make_event(starts_at=start, ends_at=start + dt.timedelta(hours=2))
    names = [f"viewer{n}" for n in range(viewers)]
    # Without passwords: to hash five hundred of them takes minutes.
    members = User.objects.bulk_create(
        User(username=it, name=it, email=f"{it}@example.org", password="!")
        for it in names
    )
    Registration.objects.bulk_create(
        Registration(
            event=event,
            member=member,
            state=Registration.State.GOING,
            registered_at=timezone.now(),
        )
        for member in members
    )
    return live.room_of(event), members


@contextmanager
def web_server() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn"),
            *("-c", "python:community.gunicorn", "tests.bench.wsgi"),
        ],
        env={**os.environ, "BIND": f"127.0.0.1:{port}"},
    )
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def bench(viewers: int, seconds: int) -> Counts:
    # Nobody is watched for flooding: one person speaks for all.
    live.MOST_MESSAGES = 10_000
    with own_database():
        room, members = fill(viewers)
        cookies = [session_of(member) for member in members]
        counts = Counts()
        with web_server() as port:
            asyncio.run(crowd(port, room, cookies, seconds, counts))
    return counts


def part(values: list[float], of_hundred: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * of_hundred // 100)]


def told(counts: Counts, viewers: int, seconds: int) -> dict[str, Any]:
    news, health = part(counts.news, 95), part(counts.health, 95)
    seen = part(counts.seen, 99)
    failed = sum(n for it, n in counts.status.items() if it not in (200, 204))
    return {
        "viewers": viewers,
        "asked_a_second": round(len(counts.news) / seconds),
        "status": dict(counts.status),
        "news_p95_ms": round(1000 * news, 1),
        "health_p95_ms": round(1000 * health, 1),
        "times": round(news / health, 2),
        "most_times": MOST_TIMES,
        "seen_p99_s": round(seen, 2),
        "most_s": MOST_SECONDS,
        "passes": not failed and news <= MOST_TIMES * health and seen <= MOST_SECONDS,
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--viewers", type=int, default=500)
    options.add_argument("--seconds", type=int, default=30)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = options.parse_args()
    with embedded.running(settings.VAR_DIR, **embedded.from_environment()):
        counts = bench(chosen.viewers, chosen.seconds)
    found = told(counts, chosen.viewers, chosen.seconds)
    if chosen.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.writelines(f"{name:16}{value}\n" for name, value in found.items())
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    sys.exit(main())
