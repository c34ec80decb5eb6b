"""The night: learn from what members did, judge it, and only then show it."""

import datetime as dt
import io
import time
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop
from numpy.typing import NDArray
from scipy import sparse

from community.lib.dates import end_of
from recommend.datasets import Interactions, interactions
from recommend.models import Neighbour, PopularItem, Recommendation, RecommendRun
from recommend.numerics import filters
from recommend.numerics.evaluation import interval, quality

HELD_OUT_DAYS = 56
LIST_LENGTH = 40  # longer than any page shows: some are filtered when served
NEIGHBOURS = 30
JUDGED_AT = 10
ENOUGH_TESTED = 30  # members; below this nothing can be said
SMALLEST_SHARE = 0.5  # of the pairs of the last run; fewer are not believed

# Why a run serves what it serves; translated where it is shown.
NOTHING = gettext_noop("There was nothing to learn from: no member used any item.")
FUTURE = gettext_noop("This night is in the future: the clock or the date is wrong.")
OLDER = gettext_noop("The lists of a later night are there already.")
SHRUNK = gettext_noop(
    "There is far less to learn from than the last time; something is probably wrong "
    "with the data, so nothing was changed."
)
TOO_FEW = gettext_noop(
    "Too few members used something new lately to judge the lists, so everybody sees "
    "what is popular."
)
WORSE = gettext_noop(
    "On what it had not seen, each member's own list did worse than popularity, so "
    "everybody sees what is popular."
)
BETTER = gettext_noop(
    "On what it had not seen, each member's own list did at least as well as what is "
    "popular."
)


def train(as_of: dt.date) -> RecommendRun:
    """Make the lists for the day after `as_of`. Repeating it makes them again."""
    begun = time.monotonic()
    until = end_of(as_of)
    known = interactions(until)
    run = RecommendRun(
        as_of=as_of,
        members=len(known.members),
        items=len(known.items),
        pairs=known.matrix.nnz,
    )
    if trouble := _trouble(run):
        run.served, run.why = RecommendRun.Served.YESTERDAY, trouble
        run.save()
        return run
    run.quality = judge(until)
    run.served, run.why = _verdict(run.quality)
    _swap_in(run, known)
    run.seconds = time.monotonic() - begun
    run.save(update_fields=["seconds"])
    return run


def _trouble(run: RecommendRun) -> str:
    """Why this night must not replace what is served; empty when it may."""
    if not run.pairs:
        return NOTHING
    if run.as_of > timezone.localdate():
        return FUTURE
    current = RecommendRun.objects.filter(is_current=True).first()
    if current and current.as_of > run.as_of:
        return OLDER
    if current and run.pairs < SMALLEST_SHARE * current.pairs:
        return SHRUNK
    return ""


def judge(until: dt.datetime) -> dict[str, Any]:
    """Learn from before the last weeks, rank for them, compare with what was used."""
    cut = until - dt.timedelta(days=HELD_OUT_DAYS)
    before, after = interactions(cut), interactions(until, since=cut)
    later = _new_pairs(before, after)
    tested = int((np.diff(later.indptr) > 0).sum())
    if not tested or not before.matrix.nnz:
        return {"tested": 0, "at": JUDGED_AT, "days": HELD_OUT_DAYS}
    fitted = filters.fit(before.matrix)
    worth = before.worth  # of today: for both, so that neither gains by it
    lists = filters.top_items(fitted, before.matrix, JUDGED_AT, worth)
    own = np.vstack([top for _, top in lists])
    same = _popular_unseen(before.weighed, JUDGED_AT)
    return {
        "tested": tested,
        "at": JUDGED_AT,
        "days": HELD_OUT_DAYS,
        "filter": _numbers(own, later),
        "popularity": _numbers(same, later),
    }


def _numbers(
    recommended: NDArray[np.int64], later: sparse.csr_matrix
) -> dict[str, Any]:
    found = quality(recommended, later)
    return {
        "ndcg": interval(found.ndcg),
        "recall": interval(found.recall),
        "coverage": found.coverage,
    }


def _new_pairs(before: Interactions, after: Interactions) -> sparse.csr_matrix:
    """(members, items) of `before`: what each used later and not before."""
    rows, columns = after.matrix.nonzero()
    members, items = after.members[rows], after.items[columns]
    there = np.isin(members, before.members) & np.isin(items, before.items)
    row = np.searchsorted(before.members, members[there])
    column = np.searchsorted(before.items, items[there])
    later = sparse.csr_matrix(
        (np.ones(len(row)), (row, column)), shape=before.matrix.shape
    )
    fresh = later - later.multiply(before.matrix > 0)
    fresh.eliminate_zeros()
    return sparse.csr_matrix(fresh)


def _popular_unseen(matrix: sparse.csr_matrix, k: int) -> NDArray[np.int64]:
    used = np.asarray(matrix.sum(axis=0), dtype=np.float32)
    tops = []
    for first in range(0, matrix.shape[0], filters.BLOCK):
        rows = matrix[first : first + filters.BLOCK]
        scores = np.repeat(used, rows.shape[0], axis=0)
        scores[rows.nonzero()] = -np.inf
        tops.append(filters.best(scores, k))
    return np.vstack(tops)


def _verdict(judged: dict[str, Any]) -> tuple[str, str]:
    served = RecommendRun.Served
    if judged["tested"] < ENOUGH_TESTED:
        return served.POPULARITY, TOO_FEW
    own, same = judged["filter"]["ndcg"][1], judged["popularity"]["ndcg"][1]
    return (served.FILTER, BETTER) if own >= same else (served.POPULARITY, WORSE)


def _swap_in(run: RecommendRun, known: Interactions) -> None:
    """Write the new lists and make them current in one transaction."""
    fitted = filters.fit(known.matrix)
    near, how = filters.neighbours(fitted, min(NEIGHBOURS, len(known.items)))
    with transaction.atomic():
        RecommendRun.objects.filter(is_current=True).update(is_current=False)
        run.is_current = True
        run.save()
        _write_popular(run, known)
        _write_neighbours(run, known, near, how)
        if run.served == RecommendRun.Served.FILTER:
            _write_lists(run, known, fitted, near, how)
        for table in (Recommendation, Neighbour, PopularItem):
            table.objects.exclude(run=run).delete()


def _write_popular(run: RecommendRun, known: Interactions) -> None:
    ranked = known.items[filters.popularity(known.weighed)]
    _copy(
        "recommend_popularitem (run_id, rank, item_id)",
        [(run.pk, rank, item) for rank, item in enumerate(ranked.tolist(), 1)],
    )


def _write_neighbours(
    run: RecommendRun, known: Interactions, near: Any, how: Any
) -> None:
    rows = [
        (
            run.pk,
            known.items[item],
            rank,
            known.items[other],
            float(how[item, rank - 1]),
        )
        for item in range(len(known.items))
        for rank, other in enumerate(near[item].tolist(), 1)
        if other >= 0
    ]
    _copy("recommend_neighbour (run_id, item_id, rank, neighbour_id, score)", rows)


def _write_lists(
    run: RecommendRun, known: Interactions, fitted: Any, near: Any, how: Any
) -> None:
    lists = filters.top_items(fitted, known.matrix, LIST_LENGTH, known.worth)
    for first, top in lists:
        rows = known.matrix[first : first + len(top)]
        why = filters.reasons(rows, top, near, how)
        _copy(
            "recommend_recommendation"
            " (run_id, member_id, rank, item_id, reason_item_id)",
            [
                (
                    run.pk,
                    known.members[first + n],
                    rank,
                    known.items[item],
                    known.items[why[n, rank - 1]] if why[n, rank - 1] >= 0 else "\\N",
                )
                for n in range(len(top))
                for rank, item in enumerate(top[n].tolist(), 1)
                if item >= 0
            ],
        )


def _copy(target: str, rows: list[tuple[Any, ...]]) -> None:
    lines = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", lines)
