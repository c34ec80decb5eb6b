"""Exact sums of a table by member group: all that least squares needs to know of it.

Sums of whole numbers have no rounding and no order, so the same table gives the
same fit whichever way it was read; and a table without one group is a subtraction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add, sub
from typing import TypeAlias

Exact: TypeAlias = int | Fraction


@dataclass(frozen=True)
class Sums:
    """Of n rows with k columns, the last being the target.

    n : whole number of rows
    totals : k sums, each in its column's unit
    products : k rows of k sums of products, in the product of the units; symmetric
    """

    n: int
    totals: tuple[Exact, ...]
    products: tuple[tuple[Exact, ...], ...]

    @classmethod
    def empty(cls, columns: int) -> "Sums":
        return cls(0, (0,) * columns, ((0,) * columns,) * columns)

    @classmethod
    def of_rows(cls, rows: Iterable[Sequence[Exact]], columns: int) -> "Sums":
        """Sum up rows held in memory; cost O(n k²)."""
        total = cls.empty(columns)
        for row in rows:
            products = tuple(tuple(a * b for b in row) for a in row)
            total += cls(1, tuple(row), products)
        return total

    def __add__(self, other: "Sums") -> "Sums":
        return self._with(other, add)

    def __sub__(self, other: "Sums") -> "Sums":
        return self._with(other, sub)

    def _with(self, other: "Sums", operation: Callable) -> "Sums":
        if len(self.totals) != len(other.totals):
            raise ValueError("the sums are of different columns")
        return Sums(
            operation(self.n, other.n),
            tuple(map(operation, self.totals, other.totals)),
            tuple(
                tuple(map(operation, mine, theirs))
                for mine, theirs in zip(self.products, other.products, strict=True)
            ),
        )

    def squared_error(self, constant: float, weights: Sequence[float]) -> Fraction:
        """The sum of (target - constant - weights · inputs)², exactly.

        The weights are taken as the rationals they are, so there is no cancellation
        however far the columns are from zero.
        """
        # target - constant - w·x = v · (1, x, target)
        v = [-Fraction(w) for w in (constant, *weights)] + [Fraction(1)]
        moments = self.moments()
        return sum(
            (
                v[i] * v[j] * moments[i][j]
                for i in range(len(v))
                for j in range(len(v))
                if v[i] and v[j]
            ),
            Fraction(0),
        )

    def moments(self) -> list[list[Exact]]:
        """Sums of products of (1, *columns)."""
        rows: list[list[Exact]] = [[self.n, *self.totals]]
        for total, products in zip(self.totals, self.products, strict=True):
            rows.append([total, *products])
        return rows

    def centred(self) -> list[list[Fraction]]:
        """Sums of products of the columns' deviations from their means."""
        if not self.n:
            raise ValueError("there are no rows")
        return [
            [
                Fraction(product) - Fraction(a) * b / self.n
                for product, b in zip(products, self.totals, strict=True)
            ]
            for a, products in zip(self.totals, self.products, strict=True)
        ]

    @property
    def target_variation(self) -> Fraction:
        """The sum of squared deviations of the target from its mean."""
        if not self.n:
            return Fraction(0)
        return Fraction(self.products[-1][-1]) - Fraction(self.totals[-1]) ** 2 / self.n


def total(groups: Iterable[Sums]) -> Sums:
    return reduce(add, groups)


def by_fold(groups: Mapping[int, Sums], folds: int) -> dict[int, Sums]:
    """Join groups to folds by remainder; a member stays in one fold.

    Raises ValueError where there is no group.
    """
    if not groups:
        raise ValueError("there are no groups")
    columns = len(next(iter(groups.values())).totals)
    joined = {fold: Sums.empty(columns) for fold in range(folds)}
    for group, sums in groups.items():
        joined[group % folds] += sums
    return joined
