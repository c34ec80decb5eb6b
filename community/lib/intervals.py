"""Intervals that hold 19 times in 20, for pages that load no library of statistics."""

import math

Z = 1.959964


def wilson(hits: float, of: int) -> tuple[float, float]:
    """Of a share: E. B. Wilson, JASA 22 (1927) 209-212. From 0 to 1 where there are
    none."""
    if of == 0:
        return 0.0, 1.0
    share = hits / of
    centre = share + Z**2 / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + Z**2 / (4 * of**2))
    whole = 1 + Z**2 / of
    return max((centre - spread) / whole, 0.0), min((centre + spread) / whole, 1.0)


def poisson(count: int) -> tuple[float, float]:
    """Of the mean behind a count: Byar's approximation to the exact limits (Breslow and
    Day 1987, Statistical Methods in Cancer Research II), good from a count of 0 on."""
    low = 0.0
    if count:
        low = count * (1 - 1 / (9 * count) - Z / (3 * math.sqrt(count))) ** 3
    above = count + 1
    high = above * (1 - 1 / (9 * above) + Z / (3 * math.sqrt(above))) ** 3
    return max(low, 0.0), high
