"""Which texts resemble those that people did not let through.

A linear model over hashed words: small, fast to ask, and the same for Chinese and
English, as both come here as words already.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

BUCKETS = 2**16
FOLDS = 5
FEWEST_MARKED = 10  # of fewer, a share is luck


def features_of(texts: Iterable[Sequence[str]]) -> csr_matrix:
    """(n, BUCKETS) rows of unit length: 1 + ln of how often each word, and each pair of
    neighbouring words, stands in the text; by the CRC of the word modulo BUCKETS.

    A text without words is a row of zeros. Memory grows with the words, not with
    BUCKETS. Weinberger et al., "Feature hashing for large scale multitask learning",
    ICML 2009.
    """
    columns: list[int] = []
    starts = [0]
    for words in texts:
        pairs = (f"{one} {two}" for one, two in pairwise(words))
        columns += (zlib.crc32(it.encode()) % BUCKETS for it in (*words, *pairs))
        starts.append(len(columns))
    counts = csr_matrix(
        (np.ones(len(columns)), columns, starts), shape=(len(starts) - 1, BUCKETS)
    )
    counts.sum_duplicates()
    counts.data = 1 + np.log(counts.data)
    lengths = np.sqrt(counts.multiply(counts).sum(axis=1).A1)
    scale = 1 / np.where(lengths > 0, lengths, 1)
    return csr_matrix(counts.multiply(scale[:, None]))


@dataclass(frozen=True)
class Triage:
    """weights : (BUCKETS,) of each bucket · intercept, in log odds · threshold : share
    from 0 to 1; at or above it a text is worth a look"""

    weights: NDArray[np.float32]
    intercept: float
    threshold: float

    def scores(self, features: csr_matrix) -> NDArray[np.float64]:
        """(n,) from 0 to 1: how much each text resembles those not let through."""
        odds = features @ self.weights.astype(float) + self.intercept
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=float)


def fit(
    features: csr_matrix, refused: NDArray[np.bool_], *, precision: float, seed: int
) -> Triage | None:
    """Learn from decisions; None where no threshold is as precise as asked.

    The threshold is the lowest at which, among texts that the model had not seen (five
    folds), at least the share `precision` of those marked were refused. Balanced
    logistic regression with ridge penalty (scikit-learn, C = 10).

    Parameters
    ----------
    features : (n, BUCKETS) as from `features_of`
    refused : (n,) whether people did not let it through; at least FOLDS of each
    precision : share from 0 to 1
    seed : of the folds

    Raises
    ------
    ValueError
        If the lengths differ, or one outcome is rarer than FOLDS.
    """
    if features.shape[0] != refused.size:
        raise ValueError(f"{features.shape[0]} texts, {refused.size} decisions")
    if min(refused.sum(), (~refused).sum()) < FOLDS:
        raise ValueError("too few of one outcome")
    model = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    unseen = cross_val_predict(
        model, features, refused, cv=folds, method="predict_proba"
    )[:, 1]
    threshold = lowest_threshold(unseen, refused, precision)
    if threshold is None:
        return None
    model.fit(features, refused)
    return Triage(
        weights=model.coef_[0].astype(np.float32),
        intercept=float(model.intercept_[0]),
        threshold=threshold,
    )


def lowest_threshold(
    scores: NDArray[np.float64],
    refused: NDArray[np.bool_],
    precision: float,
    fewest: int = FEWEST_MARKED,
) -> float | None:
    """The lowest score so that at least `fewest` texts are at or above it, and of them
    at least the share `precision` was refused; None where there is none. Equal scores
    stay together. Cost O(n log n)."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(refused[order])
    marked = np.arange(1, scores.size + 1)
    sorted_scores = scores[order]
    is_last = np.append(sorted_scores[:-1] != sorted_scores[1:], True)
    good = is_last & (marked >= fewest) & (hits >= precision * marked)
    return float(sorted_scores[good][-1]) if good.any() else None


@dataclass(frozen=True)
class Judged:
    """What a model marked among texts it had not seen, and what people had decided."""

    texts: int
    refused: int
    marked: int
    right: int  # marked, and refused


def judge(triage: Triage, features: csr_matrix, refused: NDArray[np.bool_]) -> Judged:
    marked = triage.scores(features) >= triage.threshold
    return Judged(
        texts=int(refused.size),
        refused=int(refused.sum()),
        marked=int(marked.sum()),
        right=int((marked & refused).sum()),
    )
