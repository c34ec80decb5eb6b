"""Bring the history of another platform into a space.

The files go by COPY into temporary tables, the checks and the writing are SQL on
those: memory stays flat and a line costs microseconds. Lines of `activity` are a
multiset: two equal lines are two events. So a repeated import writes the multiset
difference between the file and what the space already has in that window of time.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import Activity, Space, SpaceMember, User
from accounts.services import recruiting
from accounts.services.activity import ensure_partitions
from content.models import Item
from content.services.history_files import (
    ACTIVITY,
    ITEMS,
    KEY_LENGTH,
    MEMBERS,
    PROBLEMS_KEPT,
    HistoryFile,
    Kind,
    Problems,
    find_file,
)

KINDS = (MEMBERS, ITEMS, ACTIVITY)
BATCH = 2_000
PROGRESS_EVERY = 50_000

Progress = Callable[[str], None]


class InvalidHistory(Exception):
    """Lines are wrong and nothing was written; the report says which."""

    def __init__(self, report: "Report") -> None:
        super().__init__(f"{report.problems.count} lines are wrong")
        self.report = report


@dataclass
class Count:
    """Of one file: lines read, rows made (or to be made), rows there before."""

    read: int = 0
    new: int = 0
    present: int = 0


@dataclass
class Report:
    space: str
    space_is_new: bool
    written: bool = False
    members: Count = field(default_factory=Count)
    items: Count = field(default_factory=Count)
    activity: Count = field(default_factory=Count)
    problems: Problems = field(default_factory=Problems)
    warnings: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    rows_per_second: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def import_history(
    *,
    folder: Path,
    space_name: str,
    dry_run: bool = False,
    skip_invalid: bool = False,
    progress: Progress = lambda _: None,
) -> Report:
    """Import members, items and activity from `folder` into the space of that name.

    All or nothing, or with `skip_invalid` everything but the lines reported. The
    same folder twice changes nothing: members and items are known again by their
    key and left as they are, activity by its content.

    Raises UnusableFile when a file cannot be read, InvalidHistory when lines are
    wrong and may not be skipped.
    """
    started = time.monotonic()
    paths = {kind.name: find_file(folder, kind.name) for kind in KINDS}
    space = find_space(space_name)
    report = Report(space=space_name, space_is_new=space.pk is None)

    try:
        create_staging_tables()
        for kind in KINDS:
            stage(kind, paths[kind.name], report, progress)
        progress("checking keys")
        drop_repeated_keys(paths, report)
        match_what_is_there(space)
        drop_unknown_references(paths[ACTIVITY.name], report)
        warn_of_departures_before_arrival(paths[MEMBERS.name], report)
        count_what_is_there(space, report)

        if not dry_run:
            if report.problems.count and not skip_invalid:
                raise InvalidHistory(report)
            write(space, report, progress)
    finally:
        drop_staging_tables()

    report.seconds = round(time.monotonic() - started, 2)
    report.rows_per_second = int(report.activity.read / max(report.seconds, 0.01))
    return report


def find_space(name: str) -> Space:
    """The space of that name, or a new one not yet saved."""
    space = Space.objects.filter(name=name).first()
    if space is not None:
        return space
    slug = stem = slugify(name)[:50] or "history"
    number = 1
    while Space.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{stem}-{number}"
    return Space(name=name, slug=slug)


# Reading -------------------------------------------------------------------------

STAGING = {
    "members": """line int, key text, joined_at timestamptz, left_at timestamptz,
        id bigint""",
    "items": """line int, key text, kind text, title text,
        id bigint, first_used timestamptz""",
    "activity": """line int, at timestamptz, member text, verb text, item text,
        count int""",
}
# What COPY fills of each table; the other columns are found or made afterwards.
COPIED = {
    "members": "line, key, joined_at, left_at",
    "items": "line, key, kind, title",
    "activity": "line, at, member, verb, item, count",
}


def create_staging_tables() -> None:
    drop_staging_tables()
    with connection.cursor() as cursor:
        for name, columns in STAGING.items():
            cursor.execute(f"CREATE TEMP TABLE import_{name} ({columns})")


def drop_staging_tables() -> None:
    if connection.needs_rollback or not connection.is_usable():
        return  # they go with the connection
    with connection.cursor() as cursor:
        for name in STAGING:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.import_{name}")


class CopySource:
    """What COPY reads from: lines handed over in blocks, never all at once.

    The driver would turn a fault in `read` into one of its own and break the
    transaction; so it ends the data instead, and is raised afterwards.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.fault: Exception | None = None

    def read(self, size: int) -> str:
        try:
            return "".join(islice(self.lines, BATCH))
        except Exception as fault:
            self.fault = fault
            return ""


def stage(kind: Kind, path: Path, report: Report, progress: Progress) -> None:
    file = HistoryFile(path, kind, report.problems, report.notes)
    source = CopySource(reporting(file, progress))
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY import_{kind.name} ({COPIED[kind.name]}) FROM STDIN", source
        )
        if source.fault:
            raise source.fault
        # Freshly copied tables have no statistics, and the joins below need them.
        cursor.execute(f"ANALYZE import_{kind.name}")
    getattr(report, kind.name).read = file.lines
    progress(f"{path.name}: {file.lines:,} lines")


def reporting(file: HistoryFile, progress: Progress) -> Iterator[str]:
    for number, line in enumerate(file.copy_lines(), start=1):
        if number % PROGRESS_EVERY == 0:
            progress(f"{file.path.name}: {number:,} lines so far")
        yield line


# Checking ------------------------------------------------------------------------


def drop_repeated_keys(paths: dict[str, Path], report: Report) -> None:
    """Keep the first line of each key; the others are reported."""
    for kind in (MEMBERS, ITEMS):
        repeated = f"""
            SELECT line, key FROM (
                SELECT line, key, row_number() OVER (PARTITION BY key ORDER BY line)
                FROM import_{kind.name}
            ) numbered WHERE row_number > 1"""
        report_lines(report.problems, paths[kind.name], "duplicate key", repeated)
        execute(f"""
            DELETE FROM import_{kind.name}
            WHERE line IN (SELECT line FROM ({repeated}) repeated)""")


def match_what_is_there(space: Space) -> None:
    if space.pk is None:
        return
    execute(
        """UPDATE import_members m SET id = s.member_id FROM accounts_spacemember s
        WHERE s.space_id = %s AND s.external_key = m.key""",
        [space.pk],
    )
    execute(
        """UPDATE import_items i SET id = c.id FROM content_item c
        WHERE c.space_id = %s AND c.external_key = i.key""",
        [space.pk],
    )


def drop_unknown_references(path: Path, report: Report) -> None:
    for what, table in (("member", "import_members"), ("item", "import_items")):
        unknown = f"""
            SELECT line, {what} FROM import_activity a WHERE {what} IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.key = a.{what})"""
        if report_lines(report.problems, path, f"unknown {what}", unknown):
            execute(f"""
                DELETE FROM import_activity
                WHERE line IN (SELECT line FROM ({unknown}) unknown)""")


def warn_of_departures_before_arrival(path: Path, report: Report) -> None:
    """Real histories have them. They are imported as they are: who had left by a
    day counts as gone on that day, whenever they are said to have come."""
    report_lines(
        report.warnings,
        path,
        "left before joined",
        "SELECT line, key FROM import_members WHERE left_at < joined_at",
    )


def report_lines(problems: Problems, path: Path, reason: str, lines: str) -> int:
    """Report the result of a query for (line, detail): count all, keep the first."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({lines}) wrong")
        total = cursor.fetchone()[0]
        cursor.execute(f"{lines} ORDER BY line LIMIT {PROBLEMS_KEPT}")
        first = cursor.fetchall()
    for line, detail in first:
        problems.add(path.name, line, reason, detail)
    if total > len(first):
        problems.count_more(reason, total - len(first))
    return total


def count_what_is_there(space: Space, report: Report) -> None:
    for name, count in (("members", report.members), ("items", report.items)):
        total, known = one_row(f"SELECT count(*), count(id) FROM import_{name}")
        count.new, count.present = total - known, known
    total = one_row("SELECT count(*) FROM import_activity")[0]
    present = 0
    if has_activity(space):
        present = one_row(
            f"SELECT count(*) FROM ({FROM_FILE} INTERSECT ALL {FROM_LOG}) both_have",
            {"space": space.pk},
        )[0]
    report.activity.new, report.activity.present = total - present, present


# Writing -------------------------------------------------------------------------

# The same shape twice: what the file says, and what the log has in that window.
FROM_FILE = """
    SELECT a.at, m.id AS member_id, a.verb, i.id AS object_id, a.count
    FROM import_activity a JOIN import_members m ON m.key = a.member
    LEFT JOIN import_items i ON i.key = a.item"""
FROM_LOG = """
    SELECT at, member_id, verb, object_id, count FROM accounts_activity
    WHERE space_id = %(space)s
    AND at >= (SELECT min(at) FROM import_activity)
    AND at <= (SELECT max(at) FROM import_activity)"""


def write(space: Space, report: Report, progress: Progress) -> None:
    make_partitions()
    with transaction.atomic():
        if space.pk is None:
            space.save()
        else:
            # Two imports of one folder take turns; the second finds all done.
            Space.objects.select_for_update().get(pk=space.pk)
            match_what_is_there(space)
        progress("writing members")
        report.members.new = add_members(space)
        progress("writing items")
        report.items.new = add_items(space)
        progress("writing activity")
        report.activity.new = add_activity(space)
    report.written = True


def make_partitions() -> None:
    """Before the transaction of the import: making one locks the log for a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC')::date
            FROM import_activity"""
        )
        months = [month for (month,) in cursor.fetchall()]
    for month in months:
        ensure_partitions(month, month)


def add_members(space: Space) -> int:
    """Users nobody can sign in as, until the person claims the account."""
    made = 0
    for rows in new_rows("members", "key, joined_at, left_at"):
        taken = set(
            User.objects.filter(
                username__in=[f"{space.slug}-{key}" for _, key, *_ in rows]
            ).values_list("username", flat=True)
        )
        users = User.objects.bulk_create(
            User(
                username=handle(space, key, taken),
                password=make_password(None),
                date_joined=joined_at,
            )
            for _, key, joined_at, _ in rows
        )
        recruiting.came_by_import(users)
        SpaceMember.objects.bulk_create(
            SpaceMember(
                space=space,
                member=user,
                joined_at=joined_at,
                left_at=left_at,
                external_key=key,
            )
            for user, (_, key, joined_at, left_at) in zip(users, rows, strict=True)
        )
        save_ids("members", [row[0] for row in rows], [user.pk for user in users])
        made += len(users)
    return made


def handle(space: Space, key: str, taken: set[str]) -> str:
    """`space-key`, or where that is no free handle, one made of the key's hash."""
    name = f"{space.slug}-{key}"
    try:
        User._meta.get_field("username").run_validators(name)
    except ValidationError:
        return hashed_name(space, key)
    return hashed_name(space, key) if name in taken else name


def hashed_name(space: Space, key: str) -> str:
    return f"{space.slug[:45]}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def add_items(space: Space) -> int:
    """Materials of the library, published when somebody first used them."""
    execute("""
        UPDATE import_items i SET first_used = a.at
        FROM (SELECT item, min(at) AS at FROM import_activity GROUP BY item) a
        WHERE a.item = i.key""")
    made = 0
    for rows in new_rows("items", "key, kind, title, first_used"):
        slugs = [slugify(f"{space.slug}-{row[1]}", allow_unicode=True) for row in rows]
        taken = set(Item.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        items = []
        for (_, key, kind, title, first_used), words in zip(rows, slugs, strict=True):
            free = words not in taken and len(words) <= KEY_LENGTH
            slug = words if free else hashed_name(space, key)
            taken.add(slug)
            items.append(
                Item(
                    kind=Item.Kind.MATERIAL,
                    source_kind=kind,
                    space=space,
                    slug=slug,
                    title=title,
                    state=Item.State.LIVE,
                    published_at=first_used or timezone.now(),
                    external_key=key,
                )
            )
        Item.objects.bulk_create(items)
        save_ids("items", [row[0] for row in rows], [item.pk for item in items])
        made += len(items)
    return made


def new_rows(name: str, columns: str) -> Iterator[list[tuple[Any, ...]]]:
    """Staged lines without an id yet, in blocks: (line, *columns)."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT line, {columns} FROM import_{name}
                WHERE id IS NULL AND line > %s ORDER BY line LIMIT {BATCH}""",
                [last],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def save_ids(name: str, lines: list[int], ids: list[int]) -> None:
    execute(
        f"""UPDATE import_{name} t SET id = made.id
        FROM unnest(%s::int[], %s::bigint[]) AS made (line, id)
        WHERE t.line = made.line""",
        [lines, ids],
    )


def add_activity(space: Space) -> int:
    """Write what the log lacks. In the order of time, which its BRIN index lives on."""
    missing = f"{FROM_FILE} EXCEPT ALL {FROM_LOG}" if has_activity(space) else FROM_FILE
    return execute(
        f"""INSERT INTO accounts_activity
            (at, member_id, space_id, verb, object_kind, object_id, count)
        SELECT at, member_id, %(space)s, verb,
            CASE WHEN object_id IS NULL THEN '' ELSE 'item' END, object_id, count
        FROM ({missing}) missing ORDER BY at""",
        {"space": space.pk},
    )


def has_activity(space: Space) -> bool:
    return space.pk is not None and Activity.objects.filter(space=space).exists()


def execute(sql: str, values: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def one_row(sql: str, values: Any = None) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()
