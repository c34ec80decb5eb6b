"""Means of few, read with the others in mind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

FEWEST = 3  # of two groups, how much groups differ cannot be told
SPREADS = 400
FAR = 10.0  # times as wide as all values with their errors lie
HALVINGS = 60


@dataclass(frozen=True)
class Means:
    """(n,) means drawn towards each other, and between what they lie 19 in 20 times;
    `spread` is by how much the true ones are believed to differ."""

    mean: Floats
    low: Floats
    high: Floats
    spread: float


def shrunk_means(values: Floats, errors: Floats) -> Means:
    """Estimates of n groups, each drawn to the mean of all by how wrong it may be.

    Parameters
    ----------
    values, errors : (n,) estimates and their standard errors, which are above 0

    Raises
    ------
    ValueError
        With fewer than three groups, or an error that is not above 0.

    Notes
    -----
    The hierarchical normal model with flat priors on the mean and on the spread, over a
    grid of spreads, so that what is not known of the spread is in the intervals: Gelman
    et al., Bayesian Data Analysis, 3rd ed., section 5.4. Cost O(n) times the grid.
    """
    values, errors = np.asarray(values, np.float64), np.asarray(errors, np.float64)
    if len(values) < FEWEST or not np.all(errors > 0):
        raise ValueError("need three groups, each with an error above 0")
    widest = FAR * (float(np.ptp(values)) + float(errors.max()))
    edges = widest * np.linspace(0, 1, SPREADS + 1) ** 2  # finer where it matters
    spreads, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)

    precision = 1 / (errors**2 + spreads[:, None] ** 2)  # (grid, n)
    known = precision.sum(axis=1)
    centre = (precision @ values) / known
    off = values - centre[:, None]
    fits = (np.log(precision).sum(axis=1) - np.log(known)) / 2
    fits -= (precision * off**2).sum(axis=1) / 2
    mass = np.exp(fits - fits.max()) * widths
    mass /= mass.sum()

    own = spreads[:, None] ** 2 * precision  # how much a group's own value counts
    means = own * values + (1 - own) * centre[:, None]
    deviations = np.sqrt(own * errors**2 + (1 - own) ** 2 / known[:, None])
    return Means(
        mass @ means,
        _quantile(0.025, mass, means, deviations),
        _quantile(0.975, mass, means, deviations),
        spread=float(mass @ spreads),
    )


def _quantile(level: float, mass: Floats, means: Floats, deviations: Floats) -> Floats:
    """Of n mixtures of normals, by halving what it must lie in."""
    low = (means - 10 * deviations).min(axis=0)
    high = (means + 10 * deviations).max(axis=0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = mass @ ndtr((middle - means) / deviations) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2, dtype=np.float64)
