"""How eagerly subjects are opened, whatever the number of chances to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaincinv, gammaln

Floats = NDArray[np.float64]

# How much subjects differ (the coefficient of variation of their rates) is tried out at
# so many places, from not at all to threefold; and the mean of all at so many, on five
# standard deviations to both sides.
SPREADS, WIDEST = 64, 3.0
MEANS, FAR = 41, 5.0


@dataclass(frozen=True)
class Rates:
    """Openings for each chance, one a subject, and between what they lie 19 in 20
    times; and what the mean of all subjects is believed to be."""

    rate: Floats
    low: Floats
    high: Floats
    mean: float


def overdispersion(total: Floats, squares: Floats, members: Floats) -> Floats:
    """How much more the openings of members scatter than if each were an event of its
    own; 1 at least.

    One eager member opens ten things: these are not ten members. Of `total` openings
    by `members` people, whose own numbers squared sum up to `squares`, each counts as
    1 / this many. The variance for the mean of quasi-likelihood: McCullagh and Nelder,
    Generalized Linear Models, 2nd ed. (1989), section 9.2.
    """
    total, squares = np.asarray(total, np.float64), np.asarray(squares, np.float64)
    members = np.asarray(members, np.float64)
    mean = np.divide(total, members, out=np.zeros_like(total), where=members > 0)
    spread = (squares - total * mean) / np.maximum(members - 1, 1)
    ratio = np.divide(spread, mean, out=np.ones_like(mean), where=mean > 0)
    return np.maximum(ratio, 1)


def rates_of_members(opened: sparse.csr_matrix, chances: Floats) -> Rates:
    """Of (members, n) openings, for each of (n,) chances; see `shrunk_poisson`."""
    total = np.asarray(opened.sum(axis=0), np.float64).ravel()
    squares = np.asarray(opened.power(2).sum(axis=0), np.float64).ravel()
    members = np.full(len(total), opened.shape[0])
    scatter = overdispersion(total, squares, members)
    return shrunk_poisson(total / scatter, chances / scatter)


def shrunk_poisson(events: Floats, chances: Floats) -> Rates:
    """Events for each chance, of each subject, shrunk towards the mean of all.

    The fewer the chances of a subject, the more it is taken to be like the others.

    Parameters
    ----------
    events, chances : (n,) of 0 or more; a subject may have had no chance at all

    Raises
    ------
    ValueError
        If the shapes differ, a number is negative, something happened without any
        chance, or no subject had a chance.

    Notes
    -----
    The hierarchical gamma-Poisson model, the sibling of `recruiting.shrunk_rates`:
    what is not known of the mean and of the likeness is taken into the intervals, the
    prior flat in the logarithm of the mean and in the coefficient of variation. The
    posterior, a mixture of gammas, is read as the gamma with its mean and variance.
    Gaver and O'Muircheartaigh, Technometrics 29 (1987) 1-15. Cost O(n) times the grid.
    """
    events, chances = np.asarray(events, np.float64), np.asarray(chances, np.float64)
    if events.shape != chances.shape:
        raise ValueError(f"shapes differ: {events.shape} and {chances.shape}")
    if np.any(events < 0) or np.any(chances < 0) or np.any(events[chances == 0] > 0):
        raise ValueError("need events of 0 or more, and none without a chance")
    if chances.sum() == 0:
        raise ValueError("nothing had a chance")
    edges = WIDEST * np.linspace(0, 1, SPREADS + 1) ** 2
    spreads, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    rows = [_along_the_mean(events, chances, spread**-2) for spread in spreads]
    likelihood = np.array([likelihood for _means, likelihood, _step in rows])
    steps = np.array([step for _means, _likelihood, step in rows])
    mass = np.exp(likelihood - likelihood.max()) * steps[:, None] * widths[:, None]
    mass /= mass.sum()
    means = np.array([means for means, _likelihood, _step in rows])
    rate, variance = _moments(events, chances, spreads**-2, means, mass)
    shape = rate**2 / variance
    return Rates(
        rate,
        gammaincinv(shape, 0.025) * rate / shape,
        gammaincinv(shape, 0.975) * rate / shape,
        mean=float((mass * means).sum()),
    )


def _along_the_mean(
    events: Floats, chances: Floats, shape: float
) -> tuple[Floats, Floats, float]:
    """For one likeness: means where they matter, their log-likelihoods, and the step
    between them on the logarithmic scale."""
    rough = (events.sum() + 0.5) / chances.sum()
    worth = chances * shape / (shape + chances * rough)
    own = np.divide(events, chances, out=np.zeros_like(events), where=chances > 0)
    centre = (worth @ own + 0.5) / (worth.sum() + 0.5 / rough)
    reach = FAR / np.sqrt(worth.sum() * centre + 0.5)
    places = np.linspace(np.log(centre) - reach, np.log(centre) + reach, MEANS)
    expected = np.exp(places)[:, None] * chances
    fits = gammaln(shape + events) - gammaln(shape)
    # However alike subjects are, log1p keeps what little they differ by.
    fits = fits - (shape + events) * np.log1p(expected / shape) - events * np.log(shape)
    fits = fits + events * places[:, None]
    return np.exp(places), fits.sum(axis=1), float(places[1] - places[0])


def _moments(
    events: Floats, chances: Floats, shapes: Floats, means: Floats, mass: Floats
) -> tuple[Floats, Floats]:
    """Mean and variance of each subject's rate, over all that may be believed."""
    first, second = np.zeros_like(events), np.zeros_like(events)
    for shape, row, probability in zip(shapes, means, mass, strict=True):
        weight = shape / row[:, None] + chances
        rate = (shape + events) / weight
        first += probability @ rate
        second += probability @ (rate * (rate + 1 / weight))
    return first, second - first**2
