"""Rates of small channels, read with the others in mind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A prior worth this many members where the channels do not differ more than by chance.
MOST_PRIOR = 1000.0


@dataclass(frozen=True)
class Rates:
    """Shares of 0 to 1, one a channel, and between what they lie 19 in 20 times.

    `prior` is how many members the mean of all channels counts for.
    """

    rate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: float
    prior: float


def shrunk_rates(kept: NDArray[np.integer], whole: NDArray[np.integer]) -> Rates:
    """Shares kept of each channel, shrunk towards the mean of all.

    The smaller a channel, the more it is taken to be like the others: of two members
    who both stayed it does not follow that everybody stays.

    Parameters
    ----------
    kept, whole : (n,) whole numbers of members, 0 <= kept <= whole

    Returns
    -------
    Rates with arrays of n; where nobody came at all, every rate is 0 to 1.

    Raises
    ------
    ValueError
        If the shapes differ or a count is impossible.

    Notes
    -----
    Empirical Bayes with a beta prior, its mean and weight by the method of moments
    (Kleinman, JASA 68 (1973) 46-54); intervals from the normal approximation to the
    posterior beta on the logit scale (Agresti, Categorical Data Analysis, 3rd ed.,
    section 3.1). Cost O(n).
    """
    stayed, came = np.asarray(kept, np.float64), np.asarray(whole, np.float64)
    if stayed.shape != came.shape:
        raise ValueError(f"shapes differ: {stayed.shape} and {came.shape}")
    if np.any(stayed < 0) or np.any(stayed > came):
        raise ValueError("need 0 <= kept <= whole")
    n = came.sum()
    if n == 0:
        nothing = np.zeros_like(came)
        return Rates(nothing, nothing, np.ones_like(came), 0.0, 0.0)
    mean = stayed.sum() / n
    prior = _prior_weight(stayed, came, mean)
    a, b = stayed + prior * mean + 0.5, came - stayed + prior * (1 - mean) + 0.5
    logit, spread = np.log(a / b), 1.96 * np.sqrt(1 / a + 1 / b)
    weight = came + prior
    rate = np.divide(
        stayed + prior * mean, weight, out=np.full_like(came, mean), where=weight > 0
    )
    return Rates(rate, _share(logit - spread), _share(logit + spread), mean, prior)


def _prior_weight(
    kept: NDArray[np.float64], whole: NDArray[np.float64], mean: float
) -> float:
    """How alike the channels are: the fewer real differences, the heavier the prior."""
    seen = whole > 0
    kept, whole = kept[seen], whole[seen]
    if len(whole) < 2 or mean in (0.0, 1.0):
        return 0.0
    n, k = whole.sum(), len(whole)
    chi2 = np.sum(whole * (kept / whole - mean) ** 2) / (mean * (1 - mean))
    # Between-channel share of the variance, as in one-way analysis of variance.
    scale = n - np.sum(whole**2) / n
    rho = (chi2 - (k - 1)) / (scale - (k - 1)) if scale > k - 1 else 0.0
    if rho <= 1 / (1 + MOST_PRIOR):
        return MOST_PRIOR
    return (1 - min(rho, 1.0)) / rho


def _share(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-logit))
