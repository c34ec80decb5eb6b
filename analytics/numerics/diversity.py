"""How evenly things are spread: over fields and tags, and over who opens them.

Counts of a whole catalogue are what they are. Where counts stand for more than was
seen (what is brought out, what members open), an interval comes from drawing the units
again: single things, or members with all they did, who are alike in themselves. Drawing
again makes everything look less even than it is, so only the scatter is taken from it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import stdtrit

Floats = NDArray[np.float64]
Numbers = NDArray[np.float64] | NDArray[np.int64]

DRAWS = 400
AT_A_TIME = 20  # draws, so that a hundred thousand members fit into memory
MOST_ITEMS = 2000  # compared with each other; of more, so many are drawn


@dataclass(frozen=True)
class Estimate:
    """A number, and between what it lies 19 in 20 times."""

    value: float
    low: float
    high: float


def entropy(counts: Numbers) -> Floats:
    """Shannon's, in nats, of the shares of the last axis; 0 where nothing is."""
    counts = np.asarray(counts, np.float64)
    total = counts.sum(axis=-1, keepdims=True)
    shares = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logs).sum(axis=-1))


def effective_number(counts: Numbers) -> float:
    """So many equally large fields would be as diverse as these: exp of the entropy.

    Hill, Ecology 54 (1973) 427-432; Jost, Oikos 113 (2006) 363-375.
    """
    return float(np.exp(entropy(counts)))


def chao_shen(counts: Numbers) -> Floats:
    """Entropy in nats of what `counts` (..., k) are a sample of, for each row.

    A small sample misses what is rare and so looks less diverse than what it was
    drawn from. Here the share of what was not seen is judged by what was seen once.

    Raises
    ------
    ValueError
        If a row is empty or a count is negative.

    Notes
    -----
    Chao and Shen, Environmental and Ecological Statistics 10 (2003) 429-443. Where
    everything was seen once only, all but one are taken to be.
    """
    counts = np.asarray(counts, np.float64)
    n = counts.sum(axis=-1, keepdims=True)
    if np.any(counts < 0) or np.any(n == 0):
        raise ValueError("need counts of 0 or more, and something in every row")
    once = (counts == 1).sum(axis=-1, keepdims=True)
    seen = 1 - np.where(once == n, n - 1, once) / n
    shares = seen * counts / n
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    chance = np.where(shares > 0, 1 - (1 - shares) ** n, 1)
    return np.asarray(-(shares * logs / chance).sum(axis=-1))


def effective_number_of_things(counts: Numbers, rng: np.random.Generator) -> Estimate:
    """Of what (k,) `counts` of single things in k known fields are a sample of.

    Drawn again with one more thing spread over all fields, because that nothing came
    in one so far does not mean that nothing can. Cost O(draws k).
    """
    counts = np.asarray(counts, np.float64)
    shares = (counts + 1 / len(counts)) / (counts.sum() + 1)
    drawn = rng.multinomial(int(counts.sum()), shares, size=DRAWS)
    return _effective(counts, drawn)


def effective_number_of_members(
    samples: sparse.csr_matrix, rng: np.random.Generator
) -> Estimate:
    """Of what many members open together: (members, k) how much of each field each
    opened. One more member, who opens as much as others and of everything, stands for
    what has not been seen. Cost O(draws nnz)."""
    counts = np.asarray(samples.sum(axis=0), np.float64).ravel()
    drawn = members_drawn_again(samples, rng)
    evenly = counts.sum() / samples.shape[0] / len(counts)
    return _effective(counts, drawn + evenly * rng.poisson(1, size=(DRAWS, 1)))


def members_drawn_again(
    samples: sparse.csr_matrix, rng: np.random.Generator, draws: int = DRAWS
) -> Floats:
    """(draws, k) sums over the members, each counted 0, 1, 2 … times.

    The Poisson bootstrap: Hanley and MacGibbon, Computer Methods and Programs in
    Biomedicine 83 (2006) 57-62.
    """
    columns = sparse.csr_matrix(samples.T)
    found = []
    for start in range(0, draws, AT_A_TIME):
        number = min(AT_A_TIME, draws - start)
        times = rng.poisson(1, size=(samples.shape[0], number)).astype(np.float64)
        found.append((columns @ times).T)
    return np.concatenate(found)


def _effective(counts: Numbers, drawn: Numbers) -> Estimate:
    middle = float(chao_shen(counts))
    found = around(middle, entropy(drawn))
    most = float(np.log(len(counts)))
    ends = (found.value, found.low, found.high)
    return Estimate(*(float(np.exp(min(max(it, 0), most))) for it in ends))


def around(middle: float, drawn: Floats) -> Estimate:
    """`middle` with the scatter of the draws about their own mean."""
    under, over = np.quantile(drawn - drawn.mean(), [0.025, 0.975])
    return Estimate(middle, middle - float(over), middle - float(under))


def mean_of(values: Numbers) -> Estimate:
    """The mean of at least two values, by Student's t."""
    values = np.asarray(values, np.float64)
    if len(values) < 2:
        raise ValueError("need two values")
    reach = stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / len(values) ** 0.5
    middle = float(values.mean())
    return Estimate(middle, middle - float(reach), middle + float(reach))


def jaccard_distances(sets: sparse.csr_matrix) -> Floats:
    """(n, n) of (n, tags) zeros and ones: 1 minus the share of their tags in common.

    Raises ValueError where a row is empty. Cost O(n²) in memory.
    """
    sizes = np.asarray(sets.sum(axis=1), np.float64).ravel()
    if np.any(sizes == 0):
        raise ValueError("a thing without tags is at no distance from anything")
    common = (sets @ sets.T).toarray().astype(np.float64)
    return 1 - common / (sizes[:, None] + sizes[None, :] - common)


def quadratic_entropy(
    sets: sparse.csr_matrix, weights: Numbers, rng: np.random.Generator
) -> Estimate:
    """How far apart two things are that are drawn by `weights`, in their tags: 0 where
    all have the same, nearly 1 where each has its own.

    Parameters
    ----------
    sets : (n, tags) zeros and ones, none of the rows empty
    weights : (n,) of 0 or more, not all 0

    Notes
    -----
    Rao, Theoretical Population Biology 21 (1982) 24-43, with Jaccard's distance. Up to
    `MOST_ITEMS` things it is exact and both ends are its value; of more so many are
    drawn by weight, and the interval is that of this drawing (Hoeffding's first term).
    """
    weights = np.asarray(weights, np.float64)
    shares = weights / weights.sum()
    n = len(shares)
    if n <= MOST_ITEMS:
        exact = float(shares @ jaccard_distances(sets) @ shares)
        return Estimate(exact, exact, exact)
    drawn = rng.choice(n, size=MOST_ITEMS, p=shares)
    each = jaccard_distances(sets[drawn]).sum(axis=1) / (MOST_ITEMS - 1)
    reach = 1.96 * 2 * each.std(ddof=1) / MOST_ITEMS**0.5
    middle = float(each.mean())
    return Estimate(middle, max(0.0, middle - reach), min(1.0, middle + reach))


def gini(values: Numbers) -> Floats:
    """0 where everything gets the same, towards 1 where one gets it all; of the last
    axis, all of it 0 or more. 0 where there is nothing.

    Half the relative mean difference: Gini, Variabilità e mutabilità (1912).
    """
    values = np.sort(np.asarray(values, np.float64), axis=-1)
    n = values.shape[-1]
    ranks = 2 * np.arange(1, n + 1) - n - 1
    total = values.sum(axis=-1)
    return np.asarray(
        np.divide(
            (ranks * values).sum(axis=-1),
            n * total,
            out=np.zeros_like(total),
            where=total > 0,
        )
    )


def gini_of_members(
    opened: sparse.csr_matrix, days: Floats, rng: np.random.Generator
) -> Estimate:
    """How unevenly (members, n) openings fall on n things, each by its `days` there."""
    openings = np.asarray(opened.sum(axis=0), np.float64).ravel()
    middle = float(gini(openings / days))
    drawn = members_drawn_again(opened, rng, draws=DRAWS // 4)
    found = around(middle, gini(drawn / days))
    return Estimate(middle, max(0.0, found.low), min(1.0, found.high))
