"""PostgreSQL's own programs for dumping and loading, run with our settings."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import dj_database_url
import psycopg2

from community.embedded.postgres import BINARIES, PACKAGE

# What libpq reads from the environment: no password stands in a list of processes.
VARIABLES = {
    "HOST": "PGHOST",
    "PORT": "PGPORT",
    "USER": "PGUSER",
    "PASSWORD": "PGPASSWORD",
    "NAME": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
OLDER_BINARIES = "pginstall/bin"
BLOCK = 1024 * 1024


class DumpFailed(Exception):
    """The program is missing or too old, or said this."""


class Database:
    """One database, as an address like DATABASE_URL or a dict of settings has it."""

    def __init__(self, told: str | dict[str, Any]):
        self.settings: dict[str, Any] = (
            dict(dj_database_url.parse(told)) if isinstance(told, str) else told
        )

    def named(self, name: str) -> "Database":
        return Database({**self.settings, "NAME": name})

    @property
    def environment(self) -> dict[str, str]:
        told = {**self.settings.get("OPTIONS", {}), **self.settings}
        return {
            variable: str(told[key])
            for key, variable in VARIABLES.items()
            if told.get(key)
        }

    @contextmanager
    def connection(self) -> Iterator[Any]:
        names = {"NAME": "dbname"}
        told = {**self.settings.get("OPTIONS", {}), **self.settings}
        words = {
            names.get(key, key.lower()): told[key] for key in VARIABLES if told.get(key)
        }
        connection = psycopg2.connect(**words, connect_timeout=5)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def dump(database: Database, snapshot: str) -> Iterator[bytes]:
    """The whole database as of a snapshot, in PostgreSQL's custom format."""
    command = [
        program("pg_dump", database),
        *("--format=custom", "--no-password", f"--snapshot={snapshot}"),
    ]
    with _running(command, database, stdout=subprocess.PIPE) as process:
        while block := process.stdout.read(BLOCK):
            yield block


def load(database: Database, blocks: Iterable[bytes]) -> None:
    """Load a dump into an empty database."""
    command = [
        program("pg_restore", database),
        *("--no-owner", "--no-acl", "--no-password", "--exit-on-error"),
        f"--dbname={database.settings['NAME']}",
    ]
    with _running(command, database, stdin=subprocess.PIPE) as process:
        try:
            for block in blocks:
                process.stdin.write(block)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it gave up: what it said is raised by _running


def program(name: str, database: Database) -> str:
    """The oldest that knows the server: pg_restore says to it what older ones refuse.

    The machine's own, or those of the package that brings the embedded server.
    """
    needed = int(database.ask("SHOW server_version_num")[0][0]) // 10_000
    versions = {path: _major(path) for path in _found(name, database)}
    known = [path for path, major in versions.items() if major >= needed]
    if known:
        return min(known, key=versions.__getitem__)
    newest = max(versions.values(), default=None)
    there = f"only that of {newest} is here" if newest else "it is not here"
    raise DumpFailed(
        f"PostgreSQL {needed} needs {name} of version {needed} or newer, and {there}. "
        f"Install postgresql-client-{needed}."
    )


def _found(name: str, database: Database) -> list[str]:
    on_path = shutil.which(name)
    found = [on_path] if on_path else []
    if "PGSSLMODE" in database.environment:  # the package's are built without TLS
        return found
    return [*found, *_packaged(name)]


def _packaged(name: str) -> list[str]:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return []
    folders = (Path(spec.origin).parent / place for place in (OLDER_BINARIES, BINARIES))
    return [str(folder / name) for folder in folders if (folder / name).exists()]


def _major(path: str) -> int:
    asked = subprocess.run(  # noqa: S603
        [path, "--version"], capture_output=True, text=True, check=False
    )
    told = re.search(r"(\d+)", asked.stdout)
    return int(told[1]) if told else 0


@contextmanager
def _running(command: list[str], database: Database, **pipes: Any) -> Iterator[Any]:
    """The process; raises DumpFailed with what it complained of when it fails."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603
            command, stderr=complaints, env=_environment(database), **pipes
        )
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                _close(pipe)
            process.wait()
        if process.returncode != 0:
            complaints.seek(0)
            said = complaints.read(2000).decode(errors="replace").strip()
            raise DumpFailed(said or f"{command[0]} ended with {process.returncode}.")


def _environment(database: Database) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", **database.environment}


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe:
            pipe.close()
    except BrokenPipeError:
        pass
