from collections.abc import Sequence


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
