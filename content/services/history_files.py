"""The three CSV files of a history from elsewhere: opened, read and checked by line.

Only what one line says by itself is judged here; whether its member and item exist
is asked of the database (`content.services.imports`). Nothing is kept in memory but
the line at hand.
"""

import csv
import datetime as dt
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.models import Verb
from community.lib.text import without_nul

EARLIEST = dt.date(1970, 1, 1)
KEY_LENGTH = 80
LARGEST_COUNT = 2**31 - 1
PROBLEMS_KEPT = 100


class UnusableFile(Exception):
    """The folder or one of its files cannot be read at all; says why."""


class BadLine(Exception):
    """One line cannot be imported; the first argument is the kind of fault."""


@dataclass
class Problems:
    """What is wrong, by line: everything is counted, the first lines are kept."""

    count: int = 0
    by_reason: dict[str, int] = field(default_factory=dict)
    first: list[dict] = field(default_factory=list)

    def count_more(self, reason: str, times: int = 1) -> None:
        self.count += times
        self.by_reason[reason] = self.by_reason.get(reason, 0) + times

    def add(self, file: str, line: int, reason: str, detail: str = "") -> None:
        self.count_more(reason)
        if len(self.first) < PROBLEMS_KEPT:
            self.first.append(
                {"file": file, "line": line, "reason": reason, "detail": detail}
            )


@dataclass(frozen=True)
class Kind:
    """One of the files: its columns and how a line of it becomes a line for COPY.

    `parse` gets the fields in the order of `required + optional` ("" where an
    optional column is missing) and returns texts or None.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    parse: Callable[..., tuple[str | None, ...]]


@lru_cache(maxsize=10_000)
def moment(text: str) -> str:
    """A date or time as Postgres reads it; a day without a time means its noon.

    Times without an offset are local to the community (`TIME_ZONE`).
    """
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadLine("bad date", text) from None
    if len(text) <= len("2013-01-23"):
        at = at.replace(hour=12)
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
    if at.date() < EARLIEST:
        raise BadLine("date before 1970", text)
    if at > timezone.now() + dt.timedelta(days=1):
        raise BadLine("date in the future", text)
    return at.isoformat()


def key(text: str, what: str) -> str:
    if not text:
        raise BadLine(f"no {what}")
    if len(text) > KEY_LENGTH:
        raise BadLine(f"{what} longer than {KEY_LENGTH} characters", text[:20] + "…")
    if not text.isprintable():
        raise BadLine(f"control character in {what}", repr(text))
    return text


def parse_member(member: str, joined_on: str, left_on: str) -> tuple[str | None, ...]:
    return (
        key(member, "member"),
        moment(joined_on),
        moment(left_on) if left_on else None,
    )


def parse_item(item: str, kind: str, title: str) -> tuple[str | None, ...]:
    words = " ".join(without_nul(title).split())
    return key(item, "item"), kind and key(kind, "kind")[:40], (words or item)[:160]


VERBS = frozenset(Verb.values)


def parse_activity(
    on: str, member: str, verb: str, item: str, count: str
) -> tuple[str | None, ...]:
    if verb not in VERBS:
        raise BadLine("unknown verb", verb)
    return (
        moment(on),
        key(member, "member"),
        verb,
        key(item, "item") if item else None,
        whole_number(count) if count else "1",
    )


def whole_number(text: str) -> str:
    try:
        number = int(text)
    except ValueError:
        raise BadLine("bad count", text) from None
    if number < 0:
        raise BadLine("negative count", text)
    if number > LARGEST_COUNT:
        raise BadLine("count too large", text)
    return str(number)


MEMBERS = Kind("members", ("member", "joined_on"), ("left_on",), parse_member)
ITEMS = Kind("items", ("item",), ("kind", "title"), parse_item)
ACTIVITY = Kind("activity", ("on", "member", "verb"), ("item", "count"), parse_activity)


@dataclass
class HistoryFile:
    """One file, read once from front to back."""

    path: Path
    kind: Kind
    problems: Problems
    notes: list[str]
    lines: int = 0

    def copy_lines(self) -> Iterator[str]:
        """Every good line, numbered, in the text form of COPY; bad ones reported."""
        with readable(self.path), open_text(self.path) as text:
            reader = csv.reader(text, strict=True)
            fields, width = self.columns(next(reader, []))
            for row in reader:
                self.lines += 1
                try:
                    if len(row) != width:
                        raise BadLine(f"{width} columns expected", f"{len(row)} found")
                    values = self.kind.parse(*fields(row))
                except BadLine as fault:
                    self.problems.add(self.path.name, reader.line_num, *fault.args)
                    continue
                yield f"{reader.line_num}\t{copy_text(values)}\n"

    def columns(
        self, header: list[str]
    ) -> tuple[Callable[[list[str]], tuple[str, ...]], int]:
        """How to pick our columns from a row, and how many columns a row has."""
        header = [name.strip().lower() for name in header]
        kind = self.kind
        if len(header) == 1 and ";" in header[0]:
            raise UnusableFile(
                f"{self.path.name} is separated by semicolons; save it with commas."
            )
        missing = [name for name in kind.required if name not in header]
        if missing:
            raise UnusableFile(
                f"{self.path.name} lacks the column(s) {', '.join(missing)}; "
                f"its first line is: {','.join(header)[:200] or '(empty)'}"
            )
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise UnusableFile(
                f"{self.path.name} has the column(s) {', '.join(twice)} twice."
            )
        wanted = kind.required + kind.optional
        ignored = [name for name in header if name not in wanted]
        if ignored:
            self.notes.append(f"{self.path.name}: ignored {', '.join(ignored)}")

        # A missing optional column is read from an empty field put behind the row.
        places = [header.index(name) if name in header else -1 for name in wanted]
        pick = itemgetter(*places)
        if -1 in places:
            return (lambda row: pick([*row, ""])), len(header)
        return pick, len(header)


def copy_text(values: tuple[str | None, ...]) -> str:
    return "\t".join(
        [r"\N" if value is None else value.replace("\\", r"\\") for value in values]
    )


def find_file(folder: Path, name: str) -> Path:
    """The plain or the compressed file of this name."""
    if not folder.is_dir():
        raise UnusableFile(f"There is no folder {folder}.")
    found = [
        path
        for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz")
        if path.is_file()
    ]
    if not found:
        raise UnusableFile(f"{folder} has neither {name}.csv nor {name}.csv.gz.")
    if len(found) > 1:
        raise UnusableFile(f"{folder} has {name}.csv and {name}.csv.gz: keep one.")
    return found[0]


def open_text(path: Path) -> TextIO:
    # utf-8-sig: spreadsheets put a byte order mark in front, which is harmless.
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Say in one sentence what makes a file unreadable."""
    try:
        yield
    except UnicodeDecodeError as fault:
        raise UnusableFile(f"{path.name} is not UTF-8.") from fault
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise UnusableFile(f"{path.name} is not a whole gzip file: {fault}") from fault
    except csv.Error as fault:
        raise UnusableFile(f"{path.name} is not proper CSV: {fault}") from fault
    except OSError as fault:
        raise UnusableFile(f"{path.name} cannot be read: {fault}") from fault
