"""Least squares from exact sums, how sure it is, and which input explains how much."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import factorial, sqrt

import numpy as np
from numpy.typing import NDArray

from analytics.numerics.sums import Sums, by_fold, total

# An input is left out when others explain all but this share of its variation.
COLLINEAR = Fraction(1, 10**12)


@dataclass(frozen=True)
class Fit:
    """Target = constant + coefficients · inputs.

    n : rows
    constant : in the target's unit; 0 for a fit without one
    coefficients : (k,) target's unit per input's unit; 0 where an input was dropped
    squared_error : sum over the rows, in the target's unit squared
    r2 : share of the target's variation explained; without a constant, of its
        squares; 0 where the target never varies
    inverse : (k+1, k+1) inverse of the moments of (1, inputs); zeros for what was
        left out
    dropped : position of a left-out input -> "constant" or "collinear"
    """

    n: int
    constant: float
    coefficients: NDArray[np.float64]
    squared_error: float
    r2: float
    inverse: NDArray[np.float64]
    dropped: dict[int, str] = field(default_factory=dict)

    @property
    def parameters(self) -> NDArray[np.float64]:
        return np.concatenate([[self.constant], self.coefficients])

    @property
    def rank(self) -> int:
        return int(np.count_nonzero(np.diag(self.inverse)))

    @property
    def residual_variance(self) -> float:
        """nan where no row is left over to tell."""
        left_over = self.n - self.rank
        return self.squared_error / left_over if left_over > 0 else float("nan")

    def standard_errors(self) -> NDArray[np.float64]:
        """Classical ones, of (constant, *coefficients): one spread for all rows."""
        return np.sqrt(self.residual_variance * np.diag(self.inverse))

    def robust_errors(self, meat: NDArray[np.float64]) -> NDArray[np.float64]:
        """From `meat`, the sum of x x' e² / (1 - h)² over rows x = (1, inputs): HC3.

        J. S. Long & L. H. Ervin, The American Statistician 54 (2000) 217-224.
        """
        return np.sqrt(np.diag(self.inverse @ meat @ self.inverse))


def least_squares(
    sums: Sums, *, constant: bool = True, inputs: Sequence[int] | None = None
) -> Fit:
    """Fit the target on the inputs (all, or the positions given).

    Works in rationals by the sweep operator (J. H. Goodnight, The American
    Statistician 33 (1979) 149-158), so no digit is lost to columns far from zero.
    Inputs that never vary, or follow from those before them, are dropped and named.
    Cost O(k³) operations on whole numbers of the size of the sums.

    Raises ValueError where there is no row.
    """
    if not sums.n:
        raise ValueError("there are no rows")
    k = len(sums.totals) - 1
    chosen = range(k) if inputs is None else inputs
    if constant:
        table = sums.centred()
    else:
        table = [[Fraction(cell) for cell in row] for row in sums.products]
    variation = table[k][k]

    dropped: dict[int, str] = {}
    swept = []
    for j in chosen:
        before = table[j][j]
        if _spread(sums, j, constant) == 0:
            dropped[j] = "constant"
        elif before <= COLLINEAR * _spread(sums, j, constant):
            dropped[j] = "collinear"
        else:
            _sweep(table, j)
            swept.append(j)

    slopes = [table[j][k] if j in swept else Fraction(0) for j in range(k)]
    error = table[k][k]
    means = [Fraction(t) / sums.n for t in sums.totals]
    level = means[k] - sum(
        (slope * mean for slope, mean in zip(slopes, means[:k], strict=True)),
        Fraction(0),
    )
    return Fit(
        n=sums.n,
        constant=float(level) if constant else 0.0,
        coefficients=np.array([float(slope) for slope in slopes]),
        squared_error=float(error),
        r2=float(1 - error / variation) if variation else 0.0,
        inverse=_inverse(table, swept, means[:k], sums.n if constant else 0),
        dropped=dropped,
    )


def _spread(sums: Sums, j: int, constant: bool) -> Fraction:
    square = Fraction(sums.products[j][j])
    return square - Fraction(sums.totals[j]) ** 2 / sums.n if constant else square


def _sweep(table: list[list[Fraction]], k: int) -> None:
    pivot = table[k][k]
    others = [i for i in range(len(table)) if i != k]
    for i in others:
        share = table[i][k] / pivot
        if share:
            for j in others:
                table[i][j] -= share * table[k][j]
    for i in others:
        table[i][k] /= pivot
        table[k][i] /= pivot
    table[k][k] = -1 / pivot


def _inverse(
    table: list[list[Fraction]], swept: list[int], means: list[Fraction], n: int
) -> NDArray[np.float64]:
    """Of the moments of (1, inputs), put together from the swept block."""
    k = len(means)
    inverse = [[Fraction(0)] * (k + 1) for _ in range(k + 1)]
    for i in swept:
        for j in swept:
            inverse[i + 1][j + 1] = -table[i][j]
    if n:
        for i in swept:
            with_level = -sum((means[j] * -table[i][j] for j in swept), Fraction(0))
            inverse[0][i + 1] = inverse[i + 1][0] = with_level
        inverse[0][0] = Fraction(1, n) - sum(
            (means[i] * inverse[0][i + 1] for i in swept), Fraction(0)
        )
    return np.array([[float(cell) for cell in row] for row in inverse])


@dataclass(frozen=True)
class HeldOut:
    """How a fit on the other folds does on this one. Errors in the target's unit."""

    fold: int
    fit: Fit
    n: int
    r2: float
    rmse: float


def cross_validate(groups: Mapping[int, Sums], folds: int = 5) -> list[HeldOut]:
    """Fit without each fold and judge on it, from the sums alone.

    Folds without rows, or with all rows, are left out of the answer.
    """
    parts = by_fold(groups, folds)
    everything = total(parts.values())
    results = []
    for fold, part in parts.items():
        if not part.n or part.n == everything.n:
            continue
        fit = least_squares(everything - part)
        error = part.squared_error(fit.constant, fit.coefficients.tolist())
        r2, rmse = explained(part, error)
        results.append(HeldOut(fold, fit, part.n, r2, rmse))
    return results


def explained(sums: Sums, squared_error: Fraction) -> tuple[float, float]:
    """R² (0 where the target never varies) and root mean squared error."""
    variation = sums.target_variation
    r2 = float(1 - squared_error / variation) if variation else 0.0
    return r2, sqrt(float(squared_error / sums.n))


@dataclass(frozen=True)
class Estimate:
    """Values with their standard errors and the ends of 95 % intervals; same units."""

    value: NDArray[np.float64]
    error: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def jackknife(
    groups: Mapping[int, Sums], statistic: Callable[[Sums], Sequence[float]]
) -> Estimate:
    """A statistic of the sums, with errors from leaving out one group at a time.

    Members stay together in a group, so rows of one member need not be independent,
    which the classical errors take for granted. Intervals are Student's with one
    degree of freedom less than groups.

    Raises ValueError with fewer than two groups that have rows.

    Notes
    -----
    B. Efron & C. Stein, Annals of Statistics 9 (1981) 586-596; delete-a-group form:
    P. S. Kott, Journal of Official Statistics 17 (2001) 521-526.
    """
    from scipy.special import stdtrit

    filled = [sums for sums in groups.values() if sums.n]
    if len(filled) < 2:
        raise ValueError("need at least two groups with rows")
    everything = total(filled)
    value = np.asarray(statistic(everything), dtype=float)
    without = np.array([statistic(everything - sums) for sums in filled], dtype=float)
    g = len(filled)
    error = np.sqrt((g - 1) / g * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    width = float(stdtrit(g - 1, 0.975)) * error
    return Estimate(value, error, value - width, value + width)


def driver_shares(sums: Sums) -> NDArray[np.float64]:
    """How much of R² each input accounts for, on average over all orders of entry.

    Returns (k,) parts of R², which they add up to: the measure of Lindeman, Merenda
    and Gold as in U. Groemping, J. Statistical Software 17(1) (2006). Cost 2^k fits.

    Raises ValueError for more than ten inputs.
    """
    k = len(sums.totals) - 1
    if k > 10:
        raise ValueError("too many inputs: the cost doubles with each")
    r2 = {
        chosen: least_squares(sums, inputs=chosen).r2
        for size in range(k + 1)
        for chosen in combinations(range(k), size)
    }
    shares = np.zeros(k)
    for j in range(k):
        for chosen in r2:
            if j in chosen:
                continue
            size = len(chosen)
            weight = factorial(size) * factorial(k - 1 - size) / factorial(k)
            joined = tuple(sorted((*chosen, j)))
            shares[j] += weight * (r2[joined] - r2[chosen])
    return shares


@dataclass(frozen=True)
class Gain:
    """Mean squared error of a baseline less that of the model, on held-out members.

    In the target's unit squared per row; above zero the model is better.
    """

    value: float
    low: float
    high: float


def gain_over(
    groups: Mapping[int, Sums],
    held_out: Sequence[HeldOut],
    baseline: Sequence[float],
    folds: int = 5,
) -> Gain:
    """Compare the held-out fits with `baseline · inputs`, on the same members.

    The interval (95 %) is that of a ratio of group totals; what both find hard
    cancels.
    """
    from scipy.special import stdtrit

    fits = {part.fold: part.fit for part in held_out}
    differences, sizes = [], []
    for group, sums in groups.items():
        fit = fits.get(group % folds)
        if not sums.n or fit is None:
            continue
        ours = sums.squared_error(fit.constant, fit.coefficients.tolist())
        differences.append(float(sums.squared_error(0.0, baseline) - ours))
        sizes.append(sums.n)
    g, n = len(sizes), sum(sizes)
    if g < 2:
        raise ValueError("need at least two groups with rows")
    value = sum(differences) / n
    spread = sum(
        (d - value * size) ** 2 for d, size in zip(differences, sizes, strict=True)
    )
    width = float(stdtrit(g - 1, 0.975)) * sqrt(g / (g - 1) * spread) / n
    return Gain(value, value - width, value + width)
