"""PostgreSQL and Redis from the Python packages, so that a first run needs neither.

Used only where DATABASE_URL or REDIS_URL is unset. Both servers listen on Unix
sockets in a private folder, never on TCP. Everyone who needs a server holds a
shared lock while using it, and the last one out stops it: a command in a second
terminal works with or without `make run`, and never stops a server under it.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from community.embedded import places
from community.embedded.errors import ServiceError

__all__ = ["ServiceError", "database_url", "redis_url", "running"]


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

    from community.embedded.postgres import Postgres  # psutil is slow to import
    from community.embedded.redis import Redis

    var = var.resolve()
    places.make_var(var)
    owner = places.owner(var)
    with ExitStack() as stack:
        if postgres:
            stack.enter_context(Postgres(var, owner, durable=durable).in_use())
        if redis:
            stack.enter_context(Redis(var, owner).in_use())
        yield


def from_environment() -> dict[str, bool]:
    """Which servers are ours to run, for `running(var, **from_environment())`."""
    return {
        "postgres": not _is_set("DATABASE_URL"),
        "redis": not _is_set("REDIS_URL"),
    }


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))
