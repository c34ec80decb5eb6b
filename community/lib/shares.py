from math import sqrt

Z = 1.96  # of a 95 % interval


def likely_share(hits: int, of: int) -> tuple[float, float]:
    """Between which shares the true one likely lies when `hits` of `of` were met.

    The 95 % Wilson score interval; (0, 1) where nothing was seen. E. B. Wilson, JASA
    22 (1927) 209-212. Raises ValueError unless 0 <= hits <= of.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of}")
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, Z * Z / of
    centre = share + square / 2
    spread = sqrt(square * (share * (1 - share) + square / 4))
    low, high = (centre - spread) / (1 + square), (centre + spread) / (1 + square)
    return max(0.0, low), min(1.0, high)
