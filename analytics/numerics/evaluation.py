"""Judging predictions from a count of cases per prediction and outcome.

A second scan of the table counts the rows by (fold, band, prediction rounded,
outcome): a few thousand cells at any size of table, and all of this follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

# Below this many cases a band borrows the width of all bands together.
FEWEST = 40


@dataclass(frozen=True)
class Cells:
    """m kinds of case; predictions were made without the members they are for.

    fold, band : (m,) whole numbers
    predicted : (m,) in the target's unit, rounded to the cell's middle
    actual : (m,) in the target's unit
    count : (m,) rows of this kind
    """

    fold: NDArray[np.int64]
    band: NDArray[np.int64]
    predicted: NDArray[np.float64]
    actual: NDArray[np.float64]
    count: NDArray[np.int64]


@dataclass(frozen=True)
class Decile:
    """Members with about the same prediction: what was promised, what came."""

    n: int
    predicted: float
    actual: float


def calibration(cells: Cells, parts: int = 10) -> list[Decile]:
    """Split the cases by prediction into parts of about equal size, lowest first.

    A cell is never split, so parts may differ in size, and be fewer than asked for
    where many predictions are equal.
    """
    order = np.argsort(cells.predicted, kind="stable")
    predicted, actual = cells.predicted[order], cells.actual[order]
    count = cells.count[order]
    n = int(count.sum())
    if not n:
        return []
    # Cells of one prediction stay together: they are placed by their first case.
    _, first = np.unique(predicted, return_index=True)
    per_value = np.add.reduceat(count, first)
    middle = np.cumsum(per_value) - per_value / 2
    part_of_value = np.minimum((middle * parts / n).astype(int), parts - 1)
    part = np.repeat(part_of_value, np.diff([*first, len(predicted)]))
    deciles = []
    for number in range(parts):
        here = part == number
        size = int(count[here].sum())
        if size:
            deciles.append(
                Decile(
                    size,
                    float((predicted[here] * count[here]).sum() / size),
                    float((actual[here] * count[here]).sum() / size),
                )
            )
    return deciles


def calibration_slope(cells: Cells) -> float:
    """Slope of the outcome on the prediction; 1 is right, less is overconfident.

    nan where all predictions are equal.
    """
    n = cells.count.sum()
    if not n:
        return float("nan")
    x = cells.predicted - (cells.predicted * cells.count).sum() / n
    variation = (cells.count * x * x).sum()
    if variation <= 0:
        return float("nan")
    return float((cells.count * x * cells.actual).sum() / variation)


Bands = Mapping[int, tuple[float, float]]


def conformal_bands(cells: Cells, level: float = 0.9) -> dict[int, tuple[float, float]]:
    """What to add to a prediction, below and above, so that `level` of cases fall in.

    Per band, from the errors made on members held out; each side leaves out half of
    the rest. Bands with fewer than `FEWEST` cases get those of all together.

    Returns
    -------
    band -> (low, high) in the target's unit; low is mostly below 0

    Notes
    -----
    Split conformal prediction by group: V. Vovk, A. Gammerman & G. Shafer,
    Algorithmic Learning in a Random World (2005), section 4.5, with the held-out
    folds of R. Barber et al., Annals of Statistics 49 (2021) 486-507.
    """
    if not cells.count.sum():
        return {}
    error = cells.actual - cells.predicted
    everyone = _ends(error, cells.count, level)
    bands = {}
    for band in np.unique(cells.band):
        here = cells.band == band
        enough = cells.count[here].sum() >= FEWEST
        bands[int(band)] = (
            _ends(error[here], cells.count[here], level) if enough else everyone
        )
    return bands


def _ends(
    error: NDArray[np.float64], count: NDArray[np.int64], level: float
) -> tuple[float, float]:
    order = np.argsort(error)
    error, upto = error[order], np.cumsum(count[order])
    n = int(upto[-1])
    tail = (1 - level) / 2
    low = max(floor((n + 1) * tail), 1)
    high = min(ceil((n + 1) * (1 - tail)), n)
    return (
        float(error[np.searchsorted(upto, low)]),
        float(error[np.searchsorted(upto, high)]),
    )


def coverage(cells: Cells, bands: Bands) -> dict[int, tuple[int, float]]:
    """Per band: the cases, and the share of them whose outcome fell into the bands."""
    shares = {}
    for band in np.unique(cells.band):
        if int(band) not in bands:
            continue
        low, high = bands[int(band)]
        here = cells.band == band
        error = cells.actual[here] - cells.predicted[here]
        n = int(cells.count[here].sum())
        inside = cells.count[here][(error >= low) & (error <= high)].sum()
        shares[int(band)] = (n, float(inside / n))
    return shares
