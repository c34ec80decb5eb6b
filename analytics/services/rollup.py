"""From the activity log to one row per member, space and day.

A night rebuilds only the days of which lines arrived since the last one. A day is
always built whole, from every line the log has of it: so lines that come late, twice
or out of order end in the table a full rebuild would make.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Verb
from analytics.models import RollUp

INTERACTIONS = [
    Verb.INTERACTED,
    Verb.ASKED,
    Verb.ANSWERED,
    Verb.CONTRIBUTED,
    Verb.TOPIC_STARTED,
    Verb.REPLIED,
    Verb.ANSWER_ACCEPTED,
]
CONTENT = [
    *(Verb.CONSUMED, Verb.VIEWED, Verb.WATCHED),
    *(Verb.LESSON_DONE, Verb.COURSE_DONE, Verb.ITEM_READ),
]
# Done to the member, not by them: no sign that they were there.
NO_VISIT = [
    Verb.ANSWER_CHOSEN,
    Verb.ANSWER_UNCHOSEN,
    Verb.THEME_CHOSEN,
    Verb.REFUNDED,
    Verb.QUALITY_REACHED,
    Verb.SUGGESTION_ADOPTED,
]

# Read again before where the last run stopped; costs little, forgives clocks.
OVERLAP = dt.timedelta(hours=1)
# Days built by one statement, to bound what it sorts.
RUN_LENGTH = 31


def roll_up() -> dict[str, int]:
    """Bring `MemberDay` up to the log; return how many days and rows were built."""
    with transaction.atomic():
        RollUp.objects.get_or_create(pk=1)
        state = RollUp.objects.select_for_update().get()
        _summarise_new_blocks()
        seen_until = _everything_is_committed_before()
        last = state.seen_until if state.rules == rules() else None
        if last is None:
            _execute("DELETE FROM analytics_memberday")
        days = _days_with_lines(since=last and last - OVERLAP)
        rows = sum(_build(first, last) for first, last in runs(days))
        if rows > _rows_known() / 10:
            # The models' queries must not be planned for a table that is gone. For
            # a night's few rows the database's own rounds are enough.
            _execute("ANALYZE analytics_memberday")
        state.seen_until, state.rules = seen_until, rules()
        state.save()
    return {"days": len(days), "rows": rows, "rebuilt everything": int(last is None)}


def rebuild() -> dict[str, int]:
    """Build the whole table again."""
    RollUp.objects.update(seen_until=None)
    return roll_up()


def rules() -> str:
    """How lines are counted; when this changes, so does every row."""
    groups = (INTERACTIONS, CONTENT, NO_VISIT)
    return " | ".join([settings.TIME_ZONE, *(" ".join(sorted(g)) for g in groups)])


def runs(days: Iterable[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Split sorted days into stretches without a gap, each at most a month long."""
    first = last = None
    for day in days:
        if first is not None and last is not None:
            if (day - last).days == 1 and (day - first).days < RUN_LENGTH:
                last = day
                continue
            yield first, last
        first = last = day
    if first is not None and last is not None:
        yield first, last


def _everything_is_committed_before() -> dt.datetime:
    """The moment before which no line can still be added to what we can see.

    A line carries the time its transaction began, and is seen when it ends. So
    this is the beginning of the oldest transaction still open, read before the
    lines are.
    """
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT least(now(), min(xact_start)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()""")
        return cursor.fetchone()[0]


def _summarise_new_blocks() -> None:
    """Let the log's indexes know its newest blocks, or every night would read them."""
    _execute("""
        SELECT brin_summarize_new_values(inhrelid)
        FROM pg_inherits WHERE inhparent = 'activity_ingested_at_brin'::regclass""")


def _days_with_lines(since: dt.datetime | None = None) -> list[dt.date]:
    sql = """SELECT DISTINCT (at AT TIME ZONE %(zone)s)::date AS day
        FROM accounts_activity WHERE ingested_at >= %(since)s ORDER BY day"""
    values = {"zone": settings.TIME_ZONE, "since": since or "-infinity"}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [day for (day,) in cursor.fetchall()]


def _rows_known() -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT greatest(reltuples, 0) FROM pg_class
            WHERE oid = 'analytics_memberday'::regclass"""
        )
        return cursor.fetchone()[0]


def _build(first: dt.date, last: dt.date) -> int:
    """Build the days from `first` to `last`; return the rows made."""
    values = {
        "first": first,
        "last": last,
        "zone": settings.TIME_ZONE,
        "interactions": [str(verb) for verb in INTERACTIONS],
        "content": [str(verb) for verb in CONTENT],
        "no_visit": [str(verb) for verb in NO_VISIT],
    }
    _execute(
        "DELETE FROM analytics_memberday WHERE day BETWEEN %(first)s AND %(last)s",
        values,
    )
    return _execute(
        """
        INSERT INTO analytics_memberday
            (day, space_id, member_id, interactions, content)
        SELECT (at AT TIME ZONE %(zone)s)::date AS day, space_id, member_id,
            coalesce(sum(count) FILTER (WHERE verb = ANY(%(interactions)s)), 0),
            coalesce(sum(count) FILTER (WHERE verb = ANY(%(content)s)), 0)
        FROM accounts_activity
        WHERE at >= %(first)s::timestamp AT TIME ZONE %(zone)s
        AND at < (%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s
        AND verb <> ALL(%(no_visit)s)
        GROUP BY day, space_id, member_id
        """,
        values,
    )


def _execute(sql: str, values: dict[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount
