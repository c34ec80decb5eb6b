"""The second pass over a table, block by block: what sums alone cannot tell.

Every figure is rounded to a fine unit and summed as whole numbers, so neither the
order of rows nor the size of the blocks can change a digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.numerics.evaluation import Cells
from analytics.numerics.regression import Fit

# Predictions are counted in cells this wide, errors summed in these units.
CELL = 0.05
UNIT = 2.0**-24
# A single row counts no more than this many units: far beyond any real one.
CEILING = 2.0**62


@dataclass(frozen=True)
class Judged:
    """Cases by prediction and outcome, and mean absolute errors by fold.

    Errors are in the target's unit: of the model, of persistence (as in the last
    window) and of the mean given for each fold. `middle` is the sum of
    x x' e² / (1 - h)² that HC3 needs; zeros where no fit was given.
    """

    cells: Cells
    mae: dict[int, float]
    persistence_mae: dict[int, float]
    mean_mae: dict[int, float]
    middle: NDArray[np.float64]


def whole_sum(values: NDArray[np.float64]) -> int:
    """The sum of values / UNIT, each rounded: exact, hence without an order."""
    units = np.rint(np.clip(values / UNIT, -CEILING, CEILING))
    high = np.floor(units / 2.0**32)
    low = units - high * 2.0**32
    return (int(high.astype(np.int64).sum()) << 32) + int(low.astype(np.int64).sum())


class Scan:
    """Takes the table in blocks, then answers with `judged()`.

    parameters : fold -> (k+1,) constant and weights used to predict that fold
    means : fold -> what predicts without any input
    bands : where each band of the last window's value begins, ascending
    fit, scale : the fit on all rows, whose leverages HC3 needs, and (k,) the inputs'
        sizes, by which products are scaled before they are rounded

    Memory grows with the kinds of case, not with the rows.
    """

    def __init__(
        self,
        parameters: Mapping[int, NDArray[np.float64]],
        means: Mapping[int, float],
        bands: Sequence[int],
        fit: Fit | None = None,
        scale: Sequence[float] = (),
    ) -> None:
        self.parameters, self.means, self.fit = parameters, means, fit
        self.starts = np.array(bands[1:])
        self.scale = np.array([1.0, *(size or 1.0 for size in scale)])
        self.kinds = np.empty((0, 4), dtype=np.int64)
        self.counts = np.empty(0, dtype=np.int64)
        self.errors = {fold: [0, 0, 0, 0] for fold in parameters}
        width = len(self.scale)
        self.pairs = [(i, j) for i in range(width) for j in range(i, width)]
        self.products = dict.fromkeys(self.pairs, 0)

    def add(
        self,
        fold: NDArray[np.int64],
        inputs: NDArray[np.int64],
        target: NDArray[np.int64],
        last: NDArray[np.int64],
    ) -> None:
        """A block of n rows: (n,) folds, (n, k) inputs, (n,) target and last value."""
        kinds = []
        band = np.searchsorted(self.starts, last, side="right")
        for number, weights in self.parameters.items():
            here = fold == number
            predicted = _linear(weights, inputs[here])
            actual = target[here]
            errors = self.errors[number]
            errors[0] += len(actual)
            errors[1] += whole_sum(np.abs(actual - predicted))
            errors[2] += int(np.abs(actual - last[here]).sum())
            errors[3] += whole_sum(np.abs(actual - self.means[number]))
            cell = np.rint(np.clip(predicted / CELL, -1e9, 1e9)).astype(np.int64)
            fixed = np.full(len(actual), number)
            kinds.append(np.column_stack([fixed, band[here], cell, actual]))
        if kinds:
            self._count(np.concatenate(kinds))
        if self.fit is not None:
            self._weigh(self.fit, inputs, target)

    def _count(self, kinds: NDArray[np.int64]) -> None:
        # Sorting one number is far quicker than sorting rows of four.
        code = ((kinds[:, 0] * 64 + kinds[:, 1]) * 1024 + kinds[:, 3]) << 40
        code += kinds[:, 2] + 2**39
        _, first, counts = np.unique(code, return_index=True, return_counts=True)
        kinds = np.concatenate([self.kinds, kinds[first]])
        counts = np.concatenate([self.counts, counts])
        code = ((kinds[:, 0] * 64 + kinds[:, 1]) * 1024 + kinds[:, 3]) << 40
        code += kinds[:, 2] + 2**39
        _, first, place = np.unique(code, return_index=True, return_inverse=True)
        self.kinds = kinds[first]
        self.counts = np.zeros(len(first), dtype=np.int64)
        np.add.at(self.counts, place, counts)

    def _weigh(
        self, fit: Fit, inputs: NDArray[np.int64], target: NDArray[np.int64]
    ) -> None:
        x = [np.ones(len(inputs)), *(column.astype(float) for column in inputs.T)]
        error = target - _linear(fit.parameters, inputs)
        leverage = np.zeros(len(inputs))
        for i, j in self.pairs:
            twice = 1 if i == j else 2
            leverage += twice * fit.inverse[i, j] * x[i] * x[j]
        weight = (error / np.maximum(1 - leverage, 1e-6)) ** 2
        z = [column / size for column, size in zip(x, self.scale, strict=True)]
        for i, j in self.pairs:
            self.products[i, j] += whole_sum(weight * z[i] * z[j])

    def judged(self) -> Judged:
        fold, band, cell, actual = self.kinds.T
        filled = {number: e for number, e in self.errors.items() if e[0]}
        middle = np.zeros((len(self.scale), len(self.scale)))
        for (i, j), units in self.products.items():
            product = float(units) * UNIT * self.scale[i] * self.scale[j]
            middle[i, j] = middle[j, i] = product
        return Judged(
            Cells(
                fold,
                band,
                cell.astype(np.float64) * CELL,
                actual.astype(float),
                self.counts,
            ),
            {number: e[1] * UNIT / e[0] for number, e in filled.items()},
            {number: e[2] / e[0] for number, e in filled.items()},
            {number: e[3] * UNIT / e[0] for number, e in filled.items()},
            middle,
        )


def _linear(
    weights: NDArray[np.float64], inputs: NDArray[np.int64]
) -> NDArray[np.float64]:
    # Column by column: a matrix product may add in another order on other machines.
    total = np.full(len(inputs), weights[0])
    for weight, column in zip(weights[1:], inputs.T, strict=True):
        total += weight * column
    return total
