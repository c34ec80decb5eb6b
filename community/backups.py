"""Encrypted backups of the database and the uploads, and the proof that they load."""

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.services import audit
from community.dumps import Database, DumpFailed, dump, load
from community.lib import encrypted
from community.lib.logs import redacted
from community.models import Backup

DATABASE, MEDIA = b"D", b"M"
SHORTEST_KEY = 32
TEST_EVERY = dt.timedelta(days=6, hours=12)  # every seventh night
SUFFIX = ".zhiqun-backup"
PROOFS = ("check_ledger", "verify_audit")
TABLES = """
    SELECT quote_ident(relname) FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""


class BackupFailed(Exception):
    """In a sentence for the operator."""


# Making one ------------------------------------------------------------------------


def make(folder: Path | None = None) -> Backup:
    """Back up everything into one encrypted file; forget those that are too many.

    A manifest for people lies beside it. Raises BackupFailed.
    """
    key = _key()
    folder = (folder or settings.BACKUP_DIR).resolve()
    now = timezone.now()
    path = folder / f"{now:%Y%m%dT%H%M%S}{SUFFIX}"
    backup = Backup.objects.create(path=str(path), started_at=now)
    head = audit.head()  # before the snapshot, so that it is in it
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        backup.rows = _write_whole(path, key)
        backup.size, backup.sha256 = path.stat().st_size, _fingerprint(path)
        _write_manifest(backup, head)
    except Exception as error:  # whatever it was: a backup that failed says so
        backup.problem = redacted(str(error)) or type(error).__name__
        raise BackupFailed(backup.problem) from error
    finally:
        backup.finished_at = timezone.now()
        backup.save()
    _forget_old(folder)
    return backup


def uploads_left_out() -> str:
    """Where uploads lie in a bucket they are not in a backup: whose bucket it is keeps
    them. Said wherever a backup is spoken of; empty where they are in it."""
    if not settings.BUCKET.name:
        return ""
    return (
        f"The uploads are not in it: they lie in the bucket {settings.BUCKET.name} "
        "alone. Let the bucket keep versions, or copy it elsewhere."
    )


def _key() -> str:
    if len(settings.BACKUP_KEY) < SHORTEST_KEY:
        raise BackupFailed(
            f"Set BACKUP_KEY to at least {SHORTEST_KEY} random characters and keep it "
            "where the backups are not. To make one: python -c 'import secrets; "
            "print(secrets.token_urlsafe(50))'"
        )
    return settings.BACKUP_KEY


def _write_whole(path: Path, key: str) -> dict[str, int]:
    """Under its name the file is whole: what was cut off ends in .part."""
    part = path.with_suffix(".part")
    try:
        with part.open("xb") as file:
            part.chmod(0o600)
            rows = _write(file, key)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return rows


@transaction.atomic
def _write(file: IO[bytes], key: str) -> dict[str, int]:
    """Rows are counted in the very snapshot that is dumped."""
    writer = encrypted.Writer(file, key)
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = _row_counts(cursor)
        for block in dump(Database(connection.settings_dict), snapshot):
            writer.write(DATABASE, block)
    files = _write_media(writer)
    writer.write(encrypted.END, json.dumps({"rows": rows, "files": files}).encode())
    return rows


def _row_counts(cursor: Any) -> dict[str, int]:
    cursor.execute(TABLES)
    counts = {}
    for (table,) in cursor.fetchall():
        cursor.execute(f"SELECT count(*) FROM public.{table}")  # noqa: S608 (quoted)
        counts[table] = cursor.fetchone()[0]
    return counts


def _write_media(writer: encrypted.Writer) -> int:
    count, root = 0, Path(settings.MEDIA_ROOT)
    sink: Any = _Sink(writer)
    with tarfile.open(fileobj=sink, mode="w|", bufsize=encrypted.BLOCK) as tar:
        for path in sorted(root.rglob("*")):
            try:
                file = path.open("rb") if path.is_file() else None
            except FileNotFoundError:
                continue  # deleted meanwhile
            if file:
                with file:
                    name = str(path.relative_to(root))
                    tar.addfile(tar.gettarinfo(arcname=name, fileobj=file), file)
                count += 1
    return count


class _Sink:
    def __init__(self, writer: encrypted.Writer):
        self.writer = writer

    def write(self, data: bytes) -> int:
        self.writer.write(MEDIA, bytes(data))
        return len(data)


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_manifest(backup: Backup, head: dict[str, Any]) -> None:
    told = {
        "file": Path(backup.path).name,
        "made_at": backup.started_at.isoformat(),
        "size": backup.size,
        "sha256": backup.sha256,
        "rows": backup.rows,
        "uploads": uploads_left_out() or "in it",
        "audit": head,  # for `verify_audit --noted`
    }
    _manifest_of(Path(backup.path)).write_text(json.dumps(told, indent=1) + "\n")


def _manifest_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _forget_old(folder: Path) -> None:
    for path in sorted(folder.glob(f"*{SUFFIX}"))[: -settings.BACKUPS_KEPT]:
        path.unlink()
        _manifest_of(path).unlink(missing_ok=True)


# Loading one -----------------------------------------------------------------------


def restore(path: Path, database: Database, *, media: Path | None) -> dict[str, int]:
    """Load a backup into an empty database, uploads into the folder `media` if given.

    Returns the count of rows by table, which are those of the backup. Raises
    BackupFailed.
    """
    key = _key()
    if database.ask("SELECT 1 FROM pg_class WHERE relname = 'django_migrations'"):
        raise BackupFailed("There are tables in that database: give an empty one.")
    try:
        with path.open("rb") as file:
            told = _load_parts(encrypted.read(file, key), database, media)
    except (encrypted.Unreadable, DumpFailed, OSError, tarfile.TarError) as error:
        raise BackupFailed(redacted(str(error))) from error
    return _same_rows(database, told["rows"])


def _load_parts(
    parts: Iterator[tuple[bytes, bytes]], database: Database, media: Path | None
) -> dict[str, Any]:
    told: dict[str, Any] = {}
    files = 0
    for kind, part in groupby(parts, key=lambda it: it[0]):
        blocks = (data for _, data in part)
        if kind == DATABASE:
            load(database, blocks)
        elif kind == MEDIA:
            files = _unpack(blocks, media)
        else:
            told = json.loads(next(blocks))
    if files != told["files"]:
        raise BackupFailed(f"{files} uploads are in it instead of {told['files']}.")
    return told


def _unpack(blocks: Iterable[bytes], media: Path | None) -> int:
    source: Any = _Source(blocks)
    count = 0
    with tarfile.open(fileobj=source, mode="r|", bufsize=encrypted.BLOCK) as tar:
        for member in tar:
            if media:
                tar.extract(member, media, filter="data")
            count += 1
    while source.read(encrypted.BLOCK):
        pass  # the rest of the tape, so that the next part begins where it should
    return count


class _Source:
    """Blocks as a file to read from."""

    def __init__(self, blocks: Iterable[bytes]):
        self.blocks = iter(blocks)
        self.left = b""

    def read(self, size: int) -> bytes:
        while len(self.left) < size and (block := next(self.blocks, b"")):
            self.left += block
        data, self.left = self.left[:size], self.left[size:]
        return data


def _same_rows(database: Database, told: dict[str, int]) -> dict[str, int]:
    with database.connection() as there, there.cursor() as cursor:
        found = _row_counts(cursor)
    if wrong := sorted(table for table in told if found.get(table) != told[table]):
        table = wrong[0]
        raise BackupFailed(
            f"{table} has {found.get(table, 'no')} rows instead of {told[table]} "
            f"({len(wrong)} tables differ)."
        )
    return found


# The proof -------------------------------------------------------------------------


def is_test_due() -> bool:
    since = timezone.now() - TEST_EVERY
    return not Backup.objects.filter(tested_at__gt=since).exists()


def test_latest() -> Backup:
    """Load the last backup into a database made for it, and check what is there.

    Raises BackupFailed, after the row has been told.
    """
    backup = Backup.objects.made().first()
    if backup is None:
        raise BackupFailed("There is no backup to test.")
    try:
        _test(Path(backup.path))
        backup.test_problem = ""
    except (BackupFailed, OSError) as error:
        backup.test_problem = redacted(str(error))
        raise BackupFailed(backup.test_problem) from error
    finally:
        backup.tested_at = timezone.now()
        backup.save(update_fields=["tested_at", "test_problem"])
    return backup


def _test(path: Path) -> None:
    here = Database(connection.settings_dict)
    name = f"{connection.settings_dict['NAME']}_restored"
    quoted = connection.ops.quote_name(name)
    here.ask(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
    here.ask(f"CREATE DATABASE {quoted} TEMPLATE template0")
    try:
        restore(path, here.named(name), media=None)
        for command in PROOFS:
            _prove(command, here.named(name))
    finally:
        here.ask(f"DROP DATABASE {quoted} WITH (FORCE)")


def _prove(command: str, database: Database) -> None:
    """In a process of its own: there the whole house stands on the other database."""
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", command],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": _address(database)},
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said.seek(0)
        if done.returncode != 0:
            last = said.read()[-1000:].decode(errors="replace").strip()
            raise BackupFailed(f"{command} on the restored database: {last}")


def _address(database: Database) -> str:
    it = database.settings
    user = ":".join(
        quote(it[key], safe="") for key in ("USER", "PASSWORD") if it.get(key)
    )
    host = quote(it.get("HOST") or "", safe="")
    port = f":{it['PORT']}" if it.get("PORT") else ""
    options = {
        key: value
        for key, value in it.get("OPTIONS", {}).items()
        if key.startswith("ssl")
    }
    query = f"?{urlencode(options)}" if options else ""
    return f"postgres://{user}{'@' if user else ''}{host}{port}/{it['NAME']}{query}"
