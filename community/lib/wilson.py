"""How much a share tells that so many were counted for."""

import math

Z = 1.96  # nineteen times in twenty


def interval(hits: int, of: int) -> tuple[float, float]:
    """Where the true share lies: Wilson's interval (1927), good for few, too."""
    if not of:
        return 0.0, 1.0
    share = hits / of
    middle = share + Z**2 / (2 * of)
    around = Z * math.sqrt(share * (1 - share) / of + Z**2 / (4 * of**2))
    scale = 1 + Z**2 / of
    return max(0.0, (middle - around) / scale), min(1.0, (middle + around) / scale)
