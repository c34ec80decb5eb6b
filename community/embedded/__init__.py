"""PostgreSQL and Redis from the Python packages, so that a first run needs neither.

Used only where DATABASE_URL or REDIS_URL is unset. Both servers listen on Unix
sockets in a private folder, never on TCP. Everyone who needs a server holds a
shared lock while using it, and the last one out stops it: a command in a second
terminal works with or without `make run`, and never stops a server under it.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from community.embedded import places
from community.embedded.errors import ServiceError

if TYPE_CHECKING:
    from community.embedded.server import Server

WATCH_EVERY = 2  # seconds

__all__ = ["ServiceError", "database_url", "redis_url", "running", "servers", "watched"]


def database_url(var: Path) -> str:
    return f"postgres://zhiqun@{quote(str(places.sockets(var)), safe='')}/zhiqun"


def redis_url(var: Path) -> str:
    return f"unix://{quote(str(places.sockets(var) / 'redis.sock'))}?db=0"


@contextmanager
def running(
    var: Path, *, postgres: bool = True, redis: bool = True, durable: bool = True
) -> Iterator[None]:
    """Keep the chosen servers up while the block runs.

    `durable=False` trades safety for speed and is for tests only. Raises
    ServiceError, in words for the person at the keyboard.
    """
    if not (postgres or redis):
        yield
        return

    var = var.resolve()
    places.make_var(var)
    with ExitStack() as stack:
        for server in servers(var, postgres=postgres, redis=redis, durable=durable):
            stack.enter_context(server.in_use())
        yield


def servers(
    var: Path, *, postgres: bool = True, redis: bool = True, durable: bool = True
) -> "list[Server]":
    from community.embedded.postgres import Postgres  # psutil is slow to import
    from community.embedded.redis import Redis

    owner = places.owner(var)
    return [
        *([Postgres(var, owner, durable=durable)] if postgres else []),
        *([Redis(var, owner)] if redis else []),
    ]


@contextmanager
def watched(var: Path, **chosen: bool) -> Iterator[None]:
    """While the block runs, a server that dies is started again.

    On a real machine the system does that; here a PostgreSQL killed for its memory
    would leave the site without one until somebody looks.
    """
    ours = servers(var.resolve(), **chosen)
    over = threading.Event()

    def watch() -> None:
        while not over.wait(WATCH_EVERY):
            for server in ours:
                try:
                    server.revive()
                except ServiceError as error:
                    places.say(str(error))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def from_environment() -> dict[str, bool]:
    """Which servers are ours to run, for `running(var, **from_environment())`."""
    return {
        "postgres": not _is_set("DATABASE_URL"),
        "redis": not _is_set("REDIS_URL"),
    }


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))
