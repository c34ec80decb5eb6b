"""What went with coming to an event, next to like members who did not come.

Nothing here knows a cause: it compares members who were alike in what was measured
before. That they were also alike in what was not, the placebo can refute and nothing
can prove.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# In standard deviations of the log odds: Austin, Pharmaceutical Statistics 10 (2011)
# 150-161, found it best among those in use.
CALLIPER = 0.2
LEVEL = 0.975


@dataclass(frozen=True)
class Pairs:
    """Rows of who came, and of the like one who did not: (m,) each."""

    came: Ints
    other: Ints

    def __len__(self) -> int:
        return len(self.came)

    def differences(self, values: Floats) -> Floats:
        """Who came less the other, of (n,) or (n, k) values of the rows."""
        return np.asarray(values[self.came] - values[self.other], dtype=np.float64)

    def where(self, kept: Bools) -> "Pairs":
        return Pairs(self.came[kept], self.other[kept])


@dataclass(frozen=True)
class Effect:
    """A difference in means, and between what it lies 19 in 20 times."""

    value: float
    low: float
    high: float
    error: float


def log_odds(came: Bools, covariates: Floats) -> Floats:
    """Of coming, from what was known before: (n,) from (n, k).

    A logistic regression on standardised covariates with a light penalty, so that a
    covariate that tells everything leaves the odds finite. Rosenbaum and Rubin,
    Biometrika 70 (1983) 41-55.

    Raises
    ------
    ValueError
        If all came or nobody did.
    """
    if came.all() or not came.any():
        raise ValueError("need some who came and some who did not")
    spread = covariates.std(axis=0)
    scaled = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1)
    model = LogisticRegression(C=10, max_iter=1000).fit(scaled, came)
    return np.asarray(model.decision_function(scaled), dtype=np.float64)


def match(strata: Ints, came: Bools, odds: Floats) -> Pairs:
    """To each who came the nearest in log odds who did not, each used once at most.

    Parameters
    ----------
    strata : (n,) rows are only matched within the same one
    came, odds : (n,)

    Returns
    -------
    Pairs; who has no other within the calliper is in none.

    Notes
    -----
    Greedy and without replacement, who was likeliest to come first, as they have the
    fewest like them: Rosenbaum and Rubin, The American Statistician 39 (1985) 33-38.
    The same rows in the same order give the same pairs. Cost O(n log n), and a move of
    memory for each pair.
    """
    within = CALLIPER * float(odds.std())
    found: list[tuple[int, int]] = []
    for stratum in np.unique(strata[came]):
        rows = np.flatnonzero(strata == stratum)
        found += _match_within(rows[came[rows]], rows[~came[rows]], odds, within)
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    return Pairs(pairs[:, 0], pairs[:, 1])


def _match_within(
    came: Ints, others: Ints, odds: Floats, within: float
) -> list[tuple[int, int]]:
    order = others[np.argsort(odds[others], kind="stable")]
    free, places = order.tolist(), odds[order].tolist()
    found = []
    for row in came[np.argsort(-odds[came], kind="stable")].tolist():
        own = float(odds[row])
        at = bisect_left(places, own)
        near = [n for n in (at - 1, at) if 0 <= n < len(places)]
        if not near:
            break
        best = min(near, key=lambda n: abs(places[n] - own))
        if abs(places[best] - own) <= within:
            found.append((row, free.pop(best)))
            places.pop(best)
    return found


def balance(covariates: Floats, came: Bools, pairs: Pairs) -> tuple[Floats, Floats]:
    """Standardised mean differences of the (k,) covariates before and after matching.

    Both in the standard deviations of before, so that matching cannot look good by
    making them large. Under 0.1 is taken for alike (Austin, Statistics in Medicine 28
    (2009) 3083-3107); a covariate that is the same for all differs by 0.
    """
    ours, others = covariates[came], covariates[~came]
    spread = np.sqrt((ours.var(axis=0) + others.var(axis=0)) / 2)
    scale = np.where(spread > 0, spread, 1)
    before = (ours.mean(axis=0) - others.mean(axis=0)) / scale
    after = pairs.differences(covariates).mean(axis=0) / scale
    return before, after


def effect(pairs: Pairs, outcome: Floats, covariates: Floats, members: Ints) -> Effect:
    """The mean difference of the outcome within pairs, less what remaining differences
    of covariates explain.

    Parameters
    ----------
    outcome : (n,) of the rows; known for every row in the pairs
    covariates : (n, k)
    members : (n,) whose row it is; the same member may stand in many pairs

    Raises
    ------
    ValueError
        If there are not more pairs than covariates.

    Notes
    -----
    The intercept of a least squares fit of differences on differences: regression
    after matching without replacement, whose errors are right when clustered by what
    was matched (Abadie and Spiess, JASA 117 (2022) 983-995). As a member may be in
    several pairs, all pairs that share one count as dependent: the dyadic errors of
    Aronow, Samii and Assenova, Political Analysis 23 (2015) 564-577.
    """
    gaps = pairs.differences(outcome)
    m = len(pairs)
    inputs = np.column_stack([np.ones(m), pairs.differences(covariates)])
    freedom = len(np.unique(members[pairs.came])) - np.linalg.matrix_rank(inputs)
    if freedom < 1:
        raise ValueError("need more pairs than covariates")
    inverse = np.linalg.pinv(inputs)
    weights = inverse @ gaps
    left = gaps - inputs @ weights
    # The intercept is a weighted sum of the gaps: each pair's part of its error, with
    # the leverage of HC3.
    leverage = np.einsum("ij,ji->i", inputs, inverse)
    parts = inverse[0] * left / np.maximum(1 - leverage, 1e-6)
    variance = _dyadic(parts, members[pairs.came], members[pairs.other])
    return _around(float(weights[0]), variance**0.5, freedom)


def _dyadic(parts: Floats, ours: Ints, others: Ints) -> float:
    """The variance of the sum of `parts`, where those that share a member depend."""
    _, seats = np.unique(np.concatenate([ours, others]), return_inverse=True)
    of_members = np.bincount(seats, weights=np.concatenate([parts, parts]))
    alone = float(parts @ parts)
    # A pair is counted with each of its two members, so once too often. The estimate
    # can fall below that of independent pairs only by chance.
    return max(float(of_members @ of_members) - alone, alone)


def difference(ours: Floats, others: Floats) -> Effect:
    """Of two means as they are, without any matching; Welch's interval.

    Raises ValueError where one has fewer than two.
    """
    if min(len(ours), len(others)) < 2:
        raise ValueError("need two of each")
    parts = np.array([ours.var(ddof=1) / len(ours), others.var(ddof=1) / len(others)])
    variance = float(parts.sum())
    below = np.array([len(ours) - 1, len(others) - 1])
    spread = float((parts**2 / below).sum())
    freedom = variance**2 / spread if spread else float(below.sum())
    return _around(float(ours.mean() - others.mean()), variance**0.5, freedom)


def mean(values: Floats) -> Effect:
    """A mean with Student's interval. Raises ValueError with fewer than two."""
    if len(values) < 2:
        raise ValueError("need two values")
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    return _around(float(values.mean()), error, len(values) - 1)


def _around(value: float, error: float, freedom: float) -> Effect:
    reach = float(stdtrit(freedom, LEVEL)) * error
    return Effect(value, value - reach, value + reach, error)
