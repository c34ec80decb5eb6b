from collections.abc import Sequence
from typing import NamedTuple

FEWEST = 30


def gini(values: Sequence[float]) -> float:
    """0 where everyone gets the same, towards 1 where one gets it all.

    Half the relative mean difference: Gini, Variabilità e mutabilità (1912). Without
    numpy: the desk's pages ask for it, too.
    """
    n, total = len(values), sum(values)
    if not total:
        return 0.0
    ranked = enumerate(sorted(values), start=1)
    return sum((2 * rank - n - 1) * value for rank, value in ranked) / (n * total)


class Inequality(NamedTuple):
    """The Gini index with its 95 % interval; `n` is how many it was made of."""

    gini: float
    low: float
    high: float
    n: int


def inequality(values: Sequence[float]) -> Inequality | None:
    """How unequal `values` are, taken as a sample of what might have been.

    None where fewer than thirty are to be seen, or nothing was given: an interval made
    of less would promise too much. The variance is Davidson, "Reliable inference for
    the Gini index", Journal of Econometrics 150 (2009), eq. 12: one pass over the
    sorted values.
    """
    n, total = len(values), sum(values)
    if n < FEWEST or not total:
        return None
    index, mean = gini(values), total / n
    summed, parts = 0.0, []
    for rank, value in enumerate(sorted(values), start=1):
        summed += value
        parts.append(-(index + 1) * value + (2 * rank - 1) / n * value - 2 / n * summed)
    middle = sum(parts) / n
    error = sum((part - middle) ** 2 for part in parts) ** 0.5 / (n * mean)
    return Inequality(
        index, max(index - 1.96 * error, 0.0), min(index + 1.96 * error, 1.0), n
    )
