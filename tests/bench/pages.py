"""What a page costs in CPU, next to a hello world of the same server.

    make bench-pages          or: python -m tests.bench.pages [--rounds 5] [--json]

One gunicorn worker as in production, on one core, is asked for each page in turn,
round after round, so that whatever else the machine does meets all of them alike.
Counted is the CPU time of the worker, of its Postgres sessions and of Redis: on a
full server that, and not the waiting, decides how many members it carries.

Runs on servers of its own, or on those of DATABASE_URL and REDIS_URL (there in a
database named like the given one with "_bench" behind it, dropped afterwards).
The exit status is 1 when a page misses what it must reach.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection

import django
import psutil

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django_redis import get_redis_connection  # noqa: E402

from community import embedded  # noqa: E402
from tests.bench.scene import Scene, make_scene  # noqa: E402

STATEMENTS = 6
TOPIC_KB = 80
HTMX = {"HX-Request": "true", "HX-Target": "posts"}


@dataclass
class Page:
    """A page and its bar: `must` and `aim` are multiples of the page `against`."""

    name: str
    path: str
    member: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    must: float | None = None
    aim: float | None = None
    against: str = "hello world"


@dataclass
class Result:
    page: str
    cpu_ms: float
    ratio: float
    against: str
    must: float | None
    aim: float | None
    statements: int
    html_kb: float

    @property
    def passes(self) -> bool:
        return (
            (self.must is None or self.ratio <= self.must)
            and self.statements <= STATEMENTS
            and self.html_kb <= TOPIC_KB
        )


def pages(scene: Scene) -> list[Page]:
    topic, space, lesson = scene.topic_url, scene.space_url, scene.lesson_url
    whole = "topic, member"
    return [
        Page("hello world", "/hello/", member=False),
        Page(whole, topic, must=10, aim=6),
        Page("topic, visitor", topic, member=False, must=3, aim=2),
        Page("list of topics, member", space, must=8, aim=5),
        Page("lesson, member", lesson, must=10, aim=6),
        Page("next posts by htmx", f"{topic}?page=2", True, HTMX, 0.5, 0.5, whole),
    ]


def bench(rounds: int, seconds: float) -> list[Result]:
    with own_database():
        scene = make_scene()
        asked = pages(scene)
        cookies = session_of(scene.member)
        with web_server() as (port, worker):
            reader = Reader(port, cookies)
            for page in asked:  # twice: the second finds the caches filled
                reader.get(page), reader.get(page)
            spent = measure(asked, reader, processes(worker), rounds, seconds)
            sizes = {page.name: len(reader.get(page)) / 1000 for page in asked}
        statements = {page.name: statements_of(page, cookies) for page in asked}
    cpu = {name: statistics.median(costs) for name, costs in spent.items()}
    return [
        Result(
            page=page.name,
            cpu_ms=round(cpu[page.name], 2),
            ratio=round(cpu[page.name] / cpu[page.against], 2),
            against=page.against,
            must=page.must,
            aim=page.aim,
            statements=statements[page.name],
            html_kb=round(sizes[page.name], 1),
        )
        for page in asked
    ]


def measure(asked, reader, watched, rounds, seconds) -> dict[str, list[float]]:
    """Milliseconds of CPU per request of each page, one figure a round."""
    spent: dict[str, list[float]] = {page.name: [] for page in asked}
    for _ in range(rounds):
        for page in asked:
            before, requests = cpu_of(watched), 0
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                reader.get(page)
                requests += 1
            spent[page.name].append(1000 * (cpu_of(watched) - before) / requests)
    return spent


def cpu_of(watched: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in watched)


class Reader:
    """A browser without a cache that keeps its connection."""

    def __init__(self, port: int, cookies: str):
        self.connection = HTTPConnection("127.0.0.1", port)
        self.cookies = cookies

    def get(self, page: Page) -> bytes:
        headers = page.headers | ({"Cookie": self.cookies} if page.member else {})
        self.connection.request("GET", page.path, headers=headers)
        answer = self.connection.getresponse()
        html = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{page.name}: {answer.status} instead of 200")
        return html


def session_of(member) -> str:
    """The cookies of a member's browser."""
    client = Client()
    client.force_login(member)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    names = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
    return "; ".join(map("=".join, zip(names, (session, "b" * 32), strict=True)))


def statements_of(page: Page, cookies: str) -> int:
    """How often the page asks the database, its session and member included."""
    client = Client(SERVER_NAME="127.0.0.1")
    if page.member:
        client.cookies.load(cookies)
    client.get(page.path, headers=page.headers)
    with CaptureQueriesContext(connection) as queries:
        client.get(page.path, headers=page.headers)
    return len(queries)


@contextmanager
def own_database() -> Iterator[None]:
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    cache.clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    try:
        yield
    finally:
        cache.clear()
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], 0)


@contextmanager
def web_server() -> Iterator[tuple[int, psutil.Process]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = {"BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1", "WEB_THREADS": "1"}
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn"),
            *("-c", "python:community.gunicorn", "tests.bench.wsgi"),
        ],
        env={**os.environ, **address},
    )
    try:
        wait_for(port, server)
        [worker] = psutil.Process(server.pid).children()
        if hasattr(worker, "cpu_affinity"):
            worker.cpu_affinity([max(worker.cpu_affinity())])
        yield port, worker
    finally:
        server.terminate()
        server.wait(30)


def wait_for(port: int, server: subprocess.Popen) -> None:
    hello = Page("hello world", "/hello/", member=False)
    for _ in range(200):
        if server.poll() is not None:
            break
        with suppress(OSError):
            Reader(port, "").get(hello)
            return
        time.sleep(0.1)
    raise SystemExit("The web server did not start.")


def processes(worker: psutil.Process) -> list[psutil.Process]:
    """The worker, its sessions in Postgres and Redis, if these run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    pids.append(get_redis_connection().info("server")["process_id"])
    names = ("postgres", "redis")
    served = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return [worker, *(it for it in served if it.name().startswith(names))]


def report(results: list[Result]) -> str:
    lines = [
        f"{'page':24}{'CPU ms':>8}{'times':>8}{'must':>7}{'aim':>6}{'SQL':>5}{'KB':>7}"
    ]
    for it in results:
        must, aim = it.must or "", it.aim or ""
        lines.append(
            f"{it.page:24}{it.cpu_ms:8.2f}{it.ratio:8.2f}{must:>7}{aim:>6}"
            f"{it.statements:5}{it.html_kb:7.1f}  {'' if it.passes else 'MISSED'}"
        )
    lines.append(
        "times: of hello world, for the htmx part of the whole topic page. SQL: at "
        f"most {STATEMENTS}; HTML: at most {TOPIC_KB} KB."
    )
    return "\n".join(lines)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=1.5, help="per page, round")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = options.parse_args()

    servers = embedded.from_environment()
    with embedded.running(settings.VAR_DIR, **servers):
        results = bench(chosen.rounds, chosen.seconds)
    if chosen.json:
        found = [asdict(it) | {"passes": it.passes} for it in results]
        sys.stdout.write(json.dumps({"pages": found}) + "\n")
    else:
        sys.stdout.write(report(results) + "\n")
    return 0 if all(it.passes for it in results) else 1


if __name__ == "__main__":
    sys.exit(main())
