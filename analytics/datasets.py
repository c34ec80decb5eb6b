"""The tables models are made from: built, summed up and used inside the database.

Only sums and counts come out, so memory stays flat at any number of members, and
only whole numbers are summed, so neither the order of rows nor parallel workers can
change a digit.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Space
from accounts.services.consents import MAY_BE_PROFILED
from analytics.models import ModelRun
from analytics.numerics.evaluation import Bands
from analytics.numerics.regression import Fit
from analytics.numerics.scan import Judged, Scan
from analytics.numerics.sums import Sums
from content.models import Decision

WINDOW = 28
INPUTS = ("interactions", "visits", "content")
FOLDS = 5
# Where a band of visits begins: none, 1-3, 4-9, 10 and more.
BANDS = (0, 1, 4, 10)

# A community decides about some thousands a year; more teach no more.
MOST_JUDGEMENTS = 20_000

# Without a cap nothing is cut but what would overflow a product.
LARGEST = 10**9

Caps = Mapping[str, int]


@dataclass(frozen=True)
class Population:
    """Who is in a snapshot, and why others of the space are not."""

    members: int
    joined_too_late: int
    gone: int


@contextmanager
def activity_snapshot(space: Space, snapshots: Sequence[dt.date]) -> Iterator[None]:
    """A temporary table of members' inputs up to a day, and what came after it.

    One row per member and snapshot t0: interactions, visits (active days) and
    content over the days (t0-28, t0], and as target the active days in
    (t0, t0+28]. Registered for the whole input window and not gone at t0. `grp` is
    one of a hundred groups of members, from a hash of the member's key.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.activity_snapshot")
        cursor.execute("""
            CREATE TEMP TABLE activity_snapshot (
                t0 date, member_id bigint, grp int,
                interactions bigint, visits bigint, content bigint, target bigint
            )""")
        for snapshot in snapshots:
            cursor.execute(FILL_SNAPSHOT, _window(space, snapshot))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE IF EXISTS pg_temp.activity_snapshot")


FILL_SNAPSHOT = f"""
    INSERT INTO activity_snapshot
    SELECT %(t0)s::date, s.member_id,
        ('x' || left(md5(coalesce(s.external_key, s.member_id::text)), 8)
        )::bit(32)::bigint %% 100,
        least(coalesce(interactions, 0), {LARGEST}),
        coalesce(visits, 0),
        least(coalesce(content, 0), {LARGEST}),
        coalesce(target, 0)
    FROM accounts_spacemember s
    LEFT JOIN (
        SELECT member_id,
            sum(interactions) FILTER (WHERE day <= %(t0)s) AS interactions,
            count(*) FILTER (WHERE day <= %(t0)s) AS visits,
            sum(content) FILTER (WHERE day <= %(t0)s) AS content,
            count(*) FILTER (WHERE day > %(t0)s) AS target
        FROM analytics_memberday
        WHERE space_id = %(space)s
        AND day >= %(first)s AND day <= %(last)s
        GROUP BY member_id
    ) d USING (member_id)
    WHERE s.space_id = %(space)s
    AND s.joined_at < %(registered_before)s
    AND (s.left_at IS NULL OR s.left_at >= %(over)s)"""


def _window(space: Space, snapshot: dt.date) -> dict[str, Any]:
    """The days around a snapshot; the moments are midnights of the community."""
    first = snapshot - dt.timedelta(days=WINDOW - 1)
    return {
        "space": space.pk,
        "t0": snapshot,
        "first": first,
        "last": snapshot + dt.timedelta(days=WINDOW),
        "registered_before": _midnight(first + dt.timedelta(days=1)),
        "over": _midnight(snapshot + dt.timedelta(days=1)),
    }


def _midnight(day: dt.date) -> dt.datetime:
    midnight = dt.datetime.combine(day, dt.time())
    return timezone.make_aware(midnight, timezone.get_default_timezone())


def population(space: Space, snapshot: dt.date) -> Population:
    row = _row(
        """
        SELECT count(*) FILTER (WHERE NOT late AND NOT gone),
            count(*) FILTER (WHERE late AND NOT gone), count(*) FILTER (WHERE gone)
        FROM (
            SELECT joined_at >= %(registered_before)s AS late,
                coalesce(left_at < %(over)s, false) AS gone
            FROM accounts_spacemember
            WHERE space_id = %(space)s AND joined_at < %(over)s
        ) judged""",
        _window(space, snapshot),
    )
    return Population(*row)


def days_collected(space: Space, snapshot: dt.date) -> dict[str, Any]:
    """What of the log's days went into the snapshot: rows, first and last day."""
    rows, first, last = _row(
        """SELECT count(*), min(day), max(day) FROM analytics_memberday
        WHERE space_id = %(space)s
        AND day >= %(first)s AND day <= %(last)s""",
        _window(space, snapshot),
    )
    return {"member_days": rows, "first": first, "last": last}


def first_day(space: Space) -> dt.date | None:
    """The first day of which the space has any activity."""
    return _row(
        "SELECT min(day) FROM analytics_memberday WHERE space_id = %(space)s",
        {"space": space.pk},
    )[0]


def last_day(space: Space) -> dt.date | None:
    """The last day of which the space has any activity."""
    return _row(
        "SELECT max(day) FROM analytics_memberday WHERE space_id = %(space)s",
        {"space": space.pk},
    )[0]


def caps_before(space: Space, snapshot: dt.date) -> dict[str, int]:
    """The last run's 99th percentiles: one spammer must not bend a coefficient."""
    run = (
        ModelRun.objects.filter(
            kind=ModelRun.Kind.ACTIVITY, space=space, snapshot__lt=snapshot
        )
        .exclude(numbers__preprocessing__percentile_99=None)
        .first()
    )
    return run.numbers["preprocessing"]["percentile_99"] if run else {}


def percentile_99() -> dict[str, int]:
    row = _row("""
        SELECT percentile_disc(0.99) WITHIN GROUP (ORDER BY interactions),
            percentile_disc(0.99) WITHIN GROUP (ORDER BY content)
        FROM activity_snapshot""")
    return dict(zip(("interactions", "content"), row, strict=True))


def rows_cut(caps: Caps) -> dict[str, int]:
    """How many members a cap changes."""
    return {
        name: _row(
            f"SELECT count(*) FROM activity_snapshot WHERE {name} > %(cap)s",
            {"cap": cap},
        )[0]
        for name, cap in caps.items()
        if name in INPUTS
    }


def group_sums(caps: Caps) -> dict[int, Sums]:
    """First scan: by group the count, sums and products of the inputs and target."""
    columns = (*INPUTS, "target")
    k = len(columns)
    pairs = [(i, j) for i in range(k) for j in range(i, k)]
    sums = [f"sum({name})" for name in columns]
    sums += [f"sum({columns[i]} * {columns[j]})" for i, j in pairs]
    groups = {}
    for grp, n, *cells in _rows(
        f"SELECT grp, count(*), {', '.join(sums)} FROM {_capped()} GROUP BY grp",
        _cap_values(caps),
    ):
        whole = [int(cell) for cell in cells]
        products = [[0] * k for _ in range(k)]
        for (i, j), product in zip(pairs, whole[k:], strict=True):
            products[i][j] = products[j][i] = product
        groups[int(grp)] = Sums(n, tuple(whole[:k]), tuple(map(tuple, products)))
    return groups


def judge(
    parameters: Mapping[int, NDArray[np.float64]],
    means: Mapping[int, float],
    caps: Caps,
    *,
    fit: Fit | None = None,
    sums: Sums | None = None,
) -> Judged:
    """Second scan: predict each fold with its own parameters, compare with what came.

    With `fit`, and the `sums` it is made of, also what its HC3 errors need.
    """
    scale = []
    if sums is not None:
        squares = [sums.products[j][j] for j in range(len(INPUTS))]
        scale = [float(square / sums.n) ** 0.5 for square in squares]
    scan = Scan(parameters, means, BANDS, fit, scale)
    blocks = Blocks(scan)
    values = {name: int(cap) for name, cap in _cap_values(caps).items()}
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"""COPY (
                SELECT (grp %% {FOLDS})::int, interactions::int, visits::int,
                    content::int, target::int
                FROM {_capped()}
            ) TO STDOUT (FORMAT binary)"""
            % values,
            blocks,
        )
    blocks.finish()
    return scan.judged()


class Blocks:
    """Where COPY writes rows to: gathers them to blocks for the scan.

    In binary form every row is as long as any other, so a block is read as it is,
    without a number made from text.
    """

    HEADER, TRAILER = 19, 2
    ROW = np.dtype(
        [("fields", ">i2")]
        + [
            part
            for name in ("fold", *INPUTS, "target")
            for part in ((f"size_{name}", ">i4"), (name, ">i4"))
        ]
    )
    ROWS = 50_000

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.parts: list[bytes] = []
        self.begun = False

    def write(self, data: bytes) -> None:
        self.parts.append(data)
        if len(self.parts) >= self.ROWS:
            self.parts = [self._take(b"".join(self.parts))]

    def finish(self) -> None:
        rest = self._take(b"".join(self.parts))
        if len(rest) != self.TRAILER:
            raise ValueError("the rows ended in the middle of one")

    def _take(self, data: bytes) -> bytes:
        """Hand over the whole rows in `data`; return what is left."""
        start = 0 if self.begun else self.HEADER
        self.begun = True
        count = (len(data) - start) // self.ROW.itemsize
        rows = np.frombuffer(data, self.ROW, count, start)
        if count:
            self.scan.add(
                rows["fold"].astype(np.int64),
                np.column_stack([rows[name].astype(np.int64) for name in INPUTS]),
                rows["target"].astype(np.int64),
                rows["visits"].astype(np.int64),
            )
        return data[start + count * self.ROW.itemsize :]


def store_scores(run: ModelRun, fit: Fit, bands: Bands, caps: Caps) -> int:
    """Replace the space's predictions by those for everybody in the snapshot."""
    values: dict[str, Any] = {
        **_cap_values(caps),
        "run": run.pk,
        "space": run.space_id,
        "window": WINDOW,
        "bands": list(range(len(BANDS))),
        "low": [bands[band][0] for band in range(len(BANDS))],
        "high": [bands[band][1] for band in range(len(BANDS))],
    }
    for i, weight in enumerate(fit.parameters.tolist()):
        values[f"b{i}"] = weight
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM analytics_activityscore WHERE space_id = %(space)s", values
        )
        cursor.execute(
            f"""
            INSERT INTO analytics_activityscore
                (run_id, space_id, member_id, predicted, low, high)
            SELECT %(run)s, %(space)s, member_id,
                greatest(0, least(%(window)s, predicted)),
                greatest(0, least(%(window)s, predicted + low)),
                greatest(0, least(%(window)s, predicted + high))
            FROM (
                SELECT member_id, {_band()} AS band, %(b0)s::float8
                    + %(b1)s::float8 * interactions + %(b2)s::float8 * visits
                    + %(b3)s::float8 * content AS predicted
                FROM {_capped()}
            ) p JOIN unnest(%(bands)s::int[], %(low)s::float8[], %(high)s::float8[])
                AS b (band, low, high) USING (band)""",
            values,
        )
        return cursor.rowcount


def _capped() -> str:
    return """(
        SELECT member_id, grp, visits, target,
            least(interactions, %(cap_interactions)s) AS interactions,
            least(content, %(cap_content)s) AS content
        FROM activity_snapshot
    ) capped"""


def _cap_values(caps: Caps) -> dict[str, int]:
    return {
        f"cap_{name}": caps.get(name, LARGEST) for name in ("interactions", "content")
    }


def _band() -> str:
    """SQL for the position of a row's visits among `BANDS`."""
    return " + ".join(f"(visits >= {start})::int" for start in BANDS[1:])


def _rows(sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(values or {}))
        return cursor.fetchall()


def _row(sql: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
    return _rows(sql, values)[0]


@dataclass(frozen=True)
class Judgements:
    """What people decided about texts, in the order in which they did.

    texts : n texts · refused : (n,) whether it was not let through, or hidden ·
    at : n moments
    """

    texts: list[str]
    refused: NDArray[np.bool_]
    at: list[dt.datetime]


def judgements(until: dt.datetime) -> Judgements:
    """Decisions before `until` that still stand, at most the last MOST_JUDGEMENTS.

    Of what its author has changed or removed since, the text as it was decided about is
    not known any more: what is empty is left out.
    """
    against = {Decision.Act.REJECT, Decision.Act.HIDE}
    decided = (
        Decision.objects.filter(undone_at=None, at__lt=until, by__isnull=False)
        .select_related("case__post", "case__topic")
        .order_by("-at", "-pk")[:MOST_JUDGEMENTS]
    )
    rows = [
        (f"{it.case.title}\n{it.case.body}", it.act in against, it.at)
        for it in reversed(decided)
        if it.case.body
    ]
    return Judgements(
        texts=[text for text, _refused, _at in rows],
        refused=np.array([refused for _text, refused, _at in rows], dtype=bool),
        at=[at for _text, _refused, at in rows],
    )


# Satisfaction ------------------------------------------------------------------------


@dataclass(frozen=True)
class SatisfactionAnswers:
    """Everybody who was asked how satisfied they are, one row an ask.

    Answers are NaN where there is none, so that the silent can be weighed: by the
    probability they were drawn with, their days in the community, whether they paid,
    and on how many of the 28 days before they were active.
    """

    member_ids: NDArray[np.int64]
    probability: NDArray[np.float64]
    answered: NDArray[np.bool_]
    answers: NDArray[np.float64]  # (n, 5): overall, content, … as in SATISFACTION
    tenure_days: NDArray[np.int64]
    paying: NDArray[np.bool_]
    active_days: NDArray[np.int64]


SATISFACTION = ("overall", "content", "interaction", "incentives", "atmosphere")


def satisfaction_answers() -> SatisfactionAnswers:
    """Only of members whose acts may be used for models."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT asked.member_id, asked.probability, asked.answered_at IS NOT NULL,
                   asked.tenure_days, asked.is_paying,
                   (SELECT count(DISTINCT day.day) FROM analytics_memberday AS day
                     WHERE day.member_id = asked.member_id
                       AND day.day >= asked.asked_on - 28 AND day.day < asked.asked_on),
                   (SELECT jsonb_object_agg(answer.question, answer.value)
                      FROM content_surveyanswer AS answer
                     WHERE answer.asked_id = asked.id)
              FROM content_asked AS asked
              JOIN content_survey AS survey ON survey.id = asked.survey_id
             WHERE survey.kind = 'satisfaction'
               AND asked.member_id IN ({MAY_BE_PROFILED})
             ORDER BY asked.id
            """
        )
        rows = cursor.fetchall()
    said = [_said(row[6]) for row in rows]
    return SatisfactionAnswers(
        member_ids=np.array([row[0] for row in rows], dtype=np.int64),
        probability=np.array([row[1] for row in rows], dtype=np.float64),
        answered=np.array([row[2] for row in rows], dtype=np.bool_),
        answers=np.array(said, dtype=np.float64).reshape(-1, len(SATISFACTION)),
        tenure_days=np.array([row[3] for row in rows], dtype=np.int64),
        paying=np.array([row[4] for row in rows], dtype=np.bool_),
        active_days=np.array([row[5] for row in rows], dtype=np.int64),
    )


def _said(told: str | None) -> list[float]:
    values = json.loads(told) if told else {}
    return [values.get(name, np.nan) for name in SATISFACTION]
