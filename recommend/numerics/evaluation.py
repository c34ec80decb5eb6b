"""How good a ranking is on what it had not seen. Full ranking, no sampled items."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Quality:
    """Per tested member: the share of later items found, and NDCG, in the top k."""

    recall: Floats
    ndcg: Floats
    coverage: float  # share of all items that anybody was shown


def quality(recommended: Ints, later: sparse.csr_matrix) -> Quality:
    """Judge (n, k) `recommended` items, best first, against `later` (n, items).

    Members without later items are left out. NDCG with binary gains, the ideal cut
    at k, as Jarvelin and Kekalainen (TOIS 20(4), 2002) define it.
    """
    tested = np.flatnonzero(np.diff(later.indptr))
    k = recommended.shape[1]
    discount = 1 / np.log2(np.arange(2, k + 2))
    recall, ndcg = np.zeros(len(tested)), np.zeros(len(tested))
    for place, n in enumerate(tested):
        wanted = later.indices[later.indptr[n] : later.indptr[n + 1]]
        hit = np.isin(recommended[n], wanted)
        recall[place] = hit.sum() / len(wanted)
        ndcg[place] = discount[hit].sum() / discount[: min(k, len(wanted))].sum()
    shown = np.unique(recommended[recommended >= 0])
    return Quality(recall, ndcg, len(shown) / max(1, later.shape[1]))


def interval(
    values: Sequence[float] | Floats, *, draws: int = 1000, level: float = 0.95
) -> tuple[float, float, float]:
    """(low, mean, high): percentile bootstrap over members; zeros without any."""
    values = np.asarray(values, dtype=float)
    if not len(values):
        return 0.0, 0.0, 0.0
    rng = np.random.default_rng(0)
    drawn = (rng.integers(len(values), size=len(values)) for _ in range(draws))
    means = np.array([values[chosen].mean() for chosen in drawn])
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(values.mean()), float(high)
