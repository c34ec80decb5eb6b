"""Implicit feedback from text files: one line a user, "user item item …"."""

import gzip
from pathlib import Path

import numpy as np
from scipy import sparse


def read_pairs(train: Path, test: Path) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Two (users, items) matrices of ones, of equal shape.

    Raises ValueError for a line that is not numbers.
    """
    pairs = [_pairs(path) for path in (train, test)]
    shape = tuple(
        max(int(table[axis].max(initial=-1)) for table in pairs) + 1 for axis in (0, 1)
    )
    first, second = (
        sparse.csr_matrix((np.ones(table.shape[1]), table), shape=shape)
        for table in pairs
    )
    return first, second


def _pairs(path: Path) -> np.ndarray:
    """(2, n): users above, their items below."""
    opened = gzip.open if path.suffix == ".gz" else open
    rows: list[int] = []
    columns: list[int] = []
    with opened(path, "rt", encoding="ascii") as file:
        for number, line in enumerate(file, 1):
            try:
                user, *items = [int(word) for word in line.split() or ["0"]]
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error
            rows += [user] * len(items)
            columns += items
    return np.array([rows, columns], dtype=np.int64)
