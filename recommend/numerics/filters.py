"""Training-free linear filters on the member-item matrix.

The family of GF-CF (Shen et al., How Powerful is Graph Convolution for
Recommendation?, CIKM 2021): a neighbourhood part and a low-pass spectral part of
the normalised matrix. Nothing is trained, so equal inputs give equal outputs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

RANK = 256
SPECTRAL_WEIGHT = 0.3
BLOCK = 512  # members scored at once: BLOCK x (members + items) numbers in memory


@dataclass(frozen=True)
class LinearFilter:
    """A fitted filter. `normal` is the (members, items) matrix after scaling both
    sides by degree^-1/2; `basis` (items, K) spans its K leading directions."""

    normal: sparse.csr_matrix
    item_scale: Floats  # (items,) degree^1/2, at least 1 where empty
    basis: Floats
    spectral_weight: float

    def scores(self, rows: sparse.csr_matrix) -> Floats:
        """(n, items) scores for `rows` (n, items), weights of what members did."""
        near = rows @ self.normal.T @ self.normal
        dense = np.asarray(near.todense(), dtype=np.float32)
        if self.basis.shape[1] and self.spectral_weight:
            smooth = (rows.multiply(1 / self.item_scale).tocsr() @ self.basis) @ (
                self.basis.T
            )
            dense += self.spectral_weight * smooth * self.item_scale
        return dense


def fit(
    matrix: sparse.csr_matrix,
    *,
    rank: int = RANK,
    spectral_weight: float = SPECTRAL_WEIGHT,
) -> LinearFilter:
    """Fit on `matrix` (members, items), non-negative weights.

    Cost: one randomised SVD of rank K, O(pairs * K). Raises ValueError for negative
    or infinite weights.
    """
    matrix = sparse.csr_matrix(matrix, dtype=np.float32)
    if matrix.nnz and (matrix.data.min() < 0 or not np.isfinite(matrix.data).all()):
        raise ValueError("weights are finite and not negative")
    of_member = _root(np.asarray(matrix.sum(axis=1)).ravel())
    of_item = _root(np.asarray(matrix.sum(axis=0)).ravel())
    normal = sparse.csr_matrix(
        sparse.diags(1 / of_member) @ matrix @ sparse.diags(1 / of_item),
        dtype=np.float32,
    )
    return LinearFilter(normal, of_item, _basis(normal, rank), spectral_weight)


def _root(degrees: NDArray[np.float32]) -> Floats:
    return np.sqrt(np.where(degrees > 0, degrees, 1)).astype(np.float32)


def _basis(normal: sparse.csr_matrix, rank: int) -> Floats:
    rank = min(rank, min(normal.shape) - 1)
    if rank < 1 or not normal.nnz:
        return np.zeros((normal.shape[1], 0), dtype=np.float32)
    _, _, directions = randomized_svd(normal, rank, n_iter=4, random_state=0)
    return np.ascontiguousarray(directions.T, dtype=np.float32)


def top_items(
    fitted: LinearFilter, matrix: sparse.csr_matrix, k: int, worth: Floats | None = None
) -> Iterator[tuple[int, Ints]]:
    """For each block of members (first member, (n, k) items, best first).

    What a member did already is left out; -1 fills where nothing scores. `worth`
    (items,), positive and about one, multiplies the scores.
    """
    for first in range(0, matrix.shape[0], BLOCK):
        rows = matrix[first : first + BLOCK]
        scores = fitted.scores(rows)
        if worth is not None:
            scores *= worth
        scores[rows.nonzero()] = -np.inf
        yield first, best(scores, k)


def best(scores: Floats, k: int) -> Ints:
    """(n, k) column numbers of the highest positive scores, ties by lower number."""
    k = min(k, scores.shape[1])
    if not k:
        return np.zeros((len(scores), 0), dtype=np.int64)
    chosen = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    picked = np.take_along_axis(scores, chosen, axis=1)
    order = np.lexsort((chosen, -picked), axis=1)
    chosen = np.take_along_axis(chosen, order, axis=1).astype(np.int64)
    picked = np.take_along_axis(picked, order, axis=1)
    return np.where(picked > 0, chosen, -1)


def neighbours(fitted: LinearFilter, k: int) -> tuple[Ints, Floats]:
    """((items, k) neighbours, best first, -1 where none; (items, k) similarities)."""
    items = fitted.normal.shape[1]
    near = np.full((items, k), -1, dtype=np.int64)
    how = np.zeros((items, k), dtype=np.float32)
    columns = fitted.normal.T.tocsr()
    for first in range(0, items, BLOCK):
        block = columns[first : first + BLOCK]
        similar = np.asarray((block @ fitted.normal).todense(), dtype=np.float32)
        rows = np.arange(block.shape[0])
        similar[rows, first + rows] = 0
        found = best(similar, k)
        near[first : first + len(rows), : found.shape[1]] = found
        values = np.take_along_axis(similar, np.maximum(found, 0), axis=1)
        how[first : first + len(rows), : found.shape[1]] = np.where(
            found >= 0, values, 0
        )
    return near, how


def popularity(matrix: sparse.csr_matrix) -> Ints:
    """Item numbers by total weight, most used first, unused ones left out."""
    used = np.asarray(matrix.sum(axis=0)).ravel()
    order = np.lexsort((np.arange(len(used)), -used))
    return order[used[order] > 0].astype(np.int64)


def reasons(
    known: sparse.csr_matrix, recommended: Ints, near: Ints, how: Floats
) -> Ints:
    """(n, k) for each recommended item the known one it is nearest to, or -1.

    `known` (n, items) is what the members did, `near` and `how` are `neighbours`.
    """
    items = known.shape[1]
    rows = np.repeat(np.arange(items), near.shape[1])[near.ravel() >= 0]
    linked = sparse.csr_matrix(
        (how.ravel()[near.ravel() >= 0], (rows, near.ravel()[near.ravel() >= 0])),
        shape=(items, items),
    )
    why = np.full(recommended.shape, -1, dtype=np.int64)
    for n in range(known.shape[0]):
        mine = known.indices[known.indptr[n] : known.indptr[n + 1]]
        wanted = recommended[n]
        if not len(mine) or not (wanted >= 0).any():
            continue
        link = linked[np.maximum(wanted, 0)][:, mine].toarray()
        nearest = link.argmax(axis=1)
        found = (link.max(axis=1) > 0) & (wanted >= 0)
        why[n, found] = mine[nearest[found]]
    return why
