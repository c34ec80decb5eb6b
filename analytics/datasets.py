"""The tables models are made from: built, summed up and used inside the database.

Only sums and counts come out, so memory stays flat at any number of members, and
only whole numbers are summed, so neither the order of rows nor parallel workers can
change a digit.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Space
from analytics.models import ModelRun
from analytics.numerics.evaluation import Bands, Cells
from analytics.numerics.regression import Fit
from analytics.numerics.sums import Sums

WINDOW = 28
INPUTS = ("interactions", "visits", "content")
FOLDS = 5
# Where a band of visits begins: none, 1-3, 4-9, 10 and more.
BANDS = (0, 1, 4, 10)

# Without a cap nothing is cut but what would overflow a product.
LARGEST = 10**9
# Predictions are counted in cells this wide, errors summed in billionths and
# products in 2^-24ths: whole numbers, whose sums have no order.
CELL = 0.05
PART = 1e9
FINE = float(2**24)
CEILING = 9e18

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


@dataclass(frozen=True)
class Judged:
    """Second scan: cases by prediction and outcome, and mean absolute errors by fold.

    Errors are in days: of the model, of persistence ("as in the last 28 days") and
    of the mean given for each fold.
    """

    cells: Cells
    mae: dict[int, float]
    persistence_mae: dict[int, float]
    mean_mae: dict[int, float]


def judge(
    parameters: Mapping[int, NDArray[np.float64]],
    means: Mapping[int, float],
    caps: Caps,
) -> Judged:
    """Predict each fold with its own parameters (constant, *inputs) and compare."""
    values: dict[str, Any] = {**_cap_values(caps), "cell": CELL, "part": PART}
    values["folds"] = list(parameters)
    values["mean"] = [means[fold] for fold in parameters]
    for position, name in enumerate(("constant", *INPUTS)):
        values[f"b_{name}"] = [float(p[position]) for p in parameters.values()]
    weights = ", ".join(f"%(b_{name})s::float8[]" for name in ("constant", *INPUTS))
    names = ", ".join(f"b_{name}" for name in INPUTS)
    rows = list(
        _rows(
            f"""
            SELECT fold, band, round(predicted / %(cell)s::float8)::int AS bin, target,
                count(*), sum(round(abs(target - predicted) * part)::bigint),
                sum(abs(target - visits)), sum(round(abs(target - mean) * part)::bigint)
            FROM (
                SELECT fold, target, visits, mean, {_band()} AS band,
                    b_constant + b_interactions * interactions + b_visits * visits
                    + b_content * content AS predicted,
                    %(part)s::float8 AS part
                FROM {_capped()} JOIN unnest(
                    %(folds)s::int[], %(mean)s::float8[], {weights}
                ) AS f (fold, mean, b_constant, {names}) ON fold = grp %% {FOLDS}
            ) predicted
            GROUP BY fold, band, bin, target ORDER BY fold, band, bin, target""",
            values,
        )
    )
    fold, band, bins, target, count, error, persistence, mean = (
        np.array(column) for column in (zip(*rows, strict=True) if rows else [[]] * 8)
    )
    count = count.astype(np.int64)

    def by_fold(errors: NDArray[Any], unit: float) -> dict[int, float]:
        return {
            int(f): float(sum(errors[fold == f])) / unit / int(count[fold == f].sum())
            for f in np.unique(fold)
        }

    return Judged(
        Cells(fold, band, bins * CELL, target.astype(float), count),
        by_fold(error, PART),
        by_fold(persistence, 1),
        by_fold(mean, PART),
    )


def residual_products(fit: Fit, sums: Sums, caps: Caps) -> NDArray[np.float64]:
    """Sum of x x' e² / (1 - h)² over rows x = (1, inputs): the middle of HC3.

    e is the row's error and h its leverage. Columns are scaled by their root mean
    square before they are rounded, and scaled back after.
    """
    k = len(INPUTS)
    squares = [float(sums.products[j][j]) / sums.n for j in range(k)]
    scale = np.array([1.0, *(np.sqrt(square) or 1.0 for square in squares)])
    pairs = [(i, j) for i in range(k + 1) for j in range(i, k + 1)]
    values: dict[str, Any] = {**_cap_values(caps), "fine": FINE, "ceiling": CEILING}
    for i, weight in enumerate(fit.parameters.tolist()):
        values[f"b{i}"], values[f"s{i}"] = weight, float(scale[i])
    for i, j in pairs:
        twice = 1 if i == j else 2
        values[f"q{i}{j}"] = float(fit.inverse[i, j]) * twice
    x = ["1", *INPUTS]
    error = " - ".join(
        ["target", *(f"%(b{i})s::float8 * {x[i]}" for i in range(k + 1))]
    )
    leverage = " + ".join(f"%(q{i}{j})s::float8 * {x[i]} * {x[j]}" for i, j in pairs)
    scaled = ", ".join(f"{x[i]} / %(s{i})s::float8 AS z{i}" for i in range(k + 1))
    sums_of = ", ".join(
        f"sum(round(greatest(least(w * z{i} * z{j}, ceiling), -ceiling))::bigint)"
        for i, j in pairs
    )
    row = _row(
        f"""SELECT {sums_of} FROM (
            SELECT {scaled}, %(ceiling)s::float8 AS ceiling,
                (({error}) / greatest(1 - ({leverage}), 1e-6)) ^ 2
                    * %(fine)s::float8 AS w
            FROM {_capped()}
        ) weighted""",
        values,
    )
    middle = np.zeros((k + 1, k + 1))
    for (i, j), cell in zip(pairs, row, strict=True):
        middle[i, j] = middle[j, i] = float(cell) / FINE * scale[i] * scale[j]
    return middle


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
