"""Rates of small channels, read with the others in mind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, betaln, expit, logit

Floats = NDArray[np.float64]

# How much the rates differ is tried out at so many places, from not at all to as much
# as a beta of weight 1 makes them.
SPREADS, WIDEST = 64, 1.0
# And the mean of all at so many, on five standard deviations to both sides.
MEANS, FAR = 41, 5.0


@dataclass(frozen=True)
class Rates:
    """Shares of 0 to 1, one a channel, and between what they lie 19 in 20 times.

    `prior` is how many members the mean of all channels counts for.
    """

    rate: Floats
    low: Floats
    high: Floats
    mean: float
    prior: float


@dataclass(frozen=True)
class Beliefs:
    """What the channels have in common, as g possibilities: rates are drawn from a
    beta with this mean and this weight, with this probability."""

    mean: Floats
    weight: Floats
    probability: Floats


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
    The hierarchical beta-binomial model, with what is not known of the channels' mean
    and likeness taken into the intervals (Gelman et al., Bayesian Data Analysis,
    3rd ed., section 5.3). A channel's posterior, a mixture of betas, is read as the
    beta with its mean and variance. Cost O(n) times the grid.
    """
    stayed, came = np.asarray(kept, np.float64), np.asarray(whole, np.float64)
    if stayed.shape != came.shape:
        raise ValueError(f"shapes differ: {stayed.shape} and {came.shape}")
    if np.any(stayed < 0) or np.any(stayed > came):
        raise ValueError("need 0 <= kept <= whole")
    if came.sum() == 0:
        nothing = np.zeros_like(came)
        return Rates(nothing, nothing, np.ones_like(came), 0.0, 0.0)
    beliefs = beliefs_about(stayed, came)
    rate, variance = _moments(stayed, came, beliefs)
    size = rate * (1 - rate) / variance - 1
    return Rates(
        rate,
        betaincinv(size * rate, size * (1 - rate), 0.025),
        betaincinv(size * rate, size * (1 - rate), 0.975),
        mean=float(beliefs.probability @ beliefs.mean),
        prior=_median(beliefs.weight, beliefs.probability),
    )


def beliefs_about(kept: Floats, whole: Floats) -> Beliefs:
    """The posterior of mean and weight over a grid, under the prior that is flat in the
    mean and in weight ** -1/2, which is about the standard deviation of the rates."""
    edges = WIDEST * np.linspace(0, 1, SPREADS + 1) ** 2
    spreads, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    rows = [_along_the_mean(kept, whole, spread**-2) for spread in spreads]
    means = np.array([mean for mean, _likelihood, _step in rows])
    likelihood = np.array([likelihood for _mean, likelihood, _step in rows])
    steps = np.array([step for _mean, _likelihood, step in rows])
    density = np.exp(likelihood - likelihood.max())
    mass = density * means * (1 - means) * steps[:, None] * widths[:, None]
    weights = np.broadcast_to(spreads[:, None] ** -2, mass.shape)
    return Beliefs(means.ravel(), weights.ravel(), (mass / mass.sum()).ravel())


def _along_the_mean(
    kept: Floats, whole: Floats, weight: float
) -> tuple[Floats, Floats, float]:
    """For one weight: means where they matter, their log-likelihoods, and the step
    between them on the logit scale."""
    worth = whole * weight / (whole + weight)  # members that tell of the mean
    tries = worth.sum() + 1
    stayed = np.divide(kept, whole, out=np.zeros_like(kept), where=whole > 0)
    centre = (worth @ stayed + 0.5) / tries
    reach = FAR / np.sqrt(tries * centre * (1 - centre))
    places = np.linspace(logit(centre) - reach, logit(centre) + reach, MEANS)
    a, b = weight * expit(places), weight * expit(-places)
    fits = betaln(a[:, None] + kept, b[:, None] + whole - kept)
    likelihood = fits.sum(axis=1) - len(kept) * betaln(a, b)
    return expit(places), likelihood, float(places[1] - places[0])


def _moments(kept: Floats, whole: Floats, beliefs: Beliefs) -> tuple[Floats, Floats]:
    """Mean and variance of each channel's rate, over all that may be believed."""
    first, second = np.zeros_like(kept), np.zeros_like(kept)
    for mean, weight, probability in zip(
        beliefs.mean, beliefs.weight, beliefs.probability, strict=True
    ):
        size = whole + weight
        rate = (kept + weight * mean) / size
        first += probability * rate
        second += probability * rate * (rate * size + 1) / (size + 1)
    return first, second - first**2


def _median(values: Floats, probability: Floats) -> float:
    order = np.argsort(values)
    reached = np.cumsum(probability[order])
    return float(values[order][np.searchsorted(reached, 0.5)])
