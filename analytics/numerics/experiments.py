"""Did it work? Two groups that chance has made, and what may be said of them.

Everything is computed from six sums per group, so that the database counts and nothing
here grows with the number of members. Pure: arrays and numbers in, numbers out.

- CUPED takes out of the outcome what was known of a member before: Deng, Xu, Kohavi,
  Walker, "Improving the sensitivity of online controlled experiments by utilizing
  pre-experiment data", WSDM 2013.
- The interval that holds however often one looks is the normal mixture of Robbins
  (1970), as in Johari, Koomen, Pekelis, Walsh, "Always valid inference", Operations
  Research 70 (2022), equation 14, for the difference of two means.
- The check of the sample ratio: Fabijan et al., "Diagnosing sample ratio mismatch in
  online controlled experiments", KDD 2019.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEVEL = 0.95
POWER = 0.8
# Fewer in a group, and the mean of a skewed count is not yet nearly normal.
FEWEST = 50
# Below it the groups are not what chance would have made, and nothing is concluded.
RATIO_BLOCKS = 0.001
RUNS_AT_ONCE = 100


@dataclass(frozen=True)
class Arm:
    """One group in six sums: of the outcome `y` and what was known before, `x`."""

    n: float
    y: float
    yy: float
    x: float
    xx: float
    xy: float

    @property
    def mean(self) -> float:
        return self.y / self.n

    @property
    def mean_before(self) -> float:
        return self.x / self.n

    @property
    def spread(self) -> "Spread":
        """Variances and covariance within the group."""
        free = self.n - 1
        return Spread(
            (self.yy - self.y * self.y / self.n) / free,
            (self.xx - self.x * self.x / self.n) / free,
            (self.xy - self.x * self.y / self.n) / free,
        )


class Spread(NamedTuple):
    y: float
    x: float
    xy: float


def arm(y: Floats, x: Floats) -> Arm:
    sums = (y.sum(), y @ y, x.sum(), x @ x, x @ y)
    return Arm(len(y), *map(float, sums))


@dataclass(frozen=True)
class Effect:
    """By how much the treated differ, and how surely."""

    estimate: float
    variance: float

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """For one look, at the end that was named before."""
        half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(self.variance)
        return self.estimate - half, self.estimate + half

    def always_valid(
        self, smallest: float, level: float = LEVEL
    ) -> tuple[float, float]:
        """One that holds at every look at once; narrowest where the truth is about
        `smallest`, which therefore is named before the start."""
        if self.variance <= 0:
            return self.estimate, self.estimate
        mixed = smallest * smallest
        total = self.variance + mixed
        log_ratio = math.log(total / self.variance) - 2 * math.log(1 - level)
        half = math.sqrt(self.variance * total / mixed * log_ratio)
        return self.estimate - half, self.estimate + half


def difference(treated: Arm, control: Arm) -> Effect:
    """Of the two means, each group with a variance of its own."""
    variance = treated.spread.y / treated.n + control.spread.y / control.n
    return Effect(treated.mean - control.mean, variance)


def cuped(treated: Arm, control: Arm) -> Effect:
    """The same after taking out what goes with the days before."""
    slope = _slope(treated, control)
    estimate = (treated.mean - control.mean) - slope * (
        treated.mean_before - control.mean_before
    )
    variance = _left(treated, slope) + _left(control, slope)
    return Effect(estimate, variance)


def _slope(treated: Arm, control: Arm) -> float:
    """Within the groups: between them there is the effect, which must stay."""
    weights = (treated.n - 1, control.n - 1)
    spreads = (treated.spread, control.spread)
    x = sum(w * it.x for w, it in zip(weights, spreads, strict=True))
    xy = sum(w * it.xy for w, it in zip(weights, spreads, strict=True))
    return xy / x if x > 0 else 0.0


def _left(group: Arm, slope: float) -> float:
    spread = group.spread
    left = spread.y - 2 * slope * spread.xy + slope * slope * spread.x
    return max(left, 0.0) / group.n


def correlation(treated: Arm, control: Arm) -> float:
    """Between before and after, within the groups."""
    spreads = ((treated.n - 1, treated.spread), (control.n - 1, control.spread))
    y, x, xy = (sum(w * it[place] for w, it in spreads) for place in range(3))
    return xy / math.sqrt(x * y) if x > 0 and y > 0 else 0.0


def ratio_p(treated: int, control: int, held_out: float) -> float:
    """How likely chance makes groups at least this far from the share that was set."""
    n = treated + control
    if n == 0:
        return 1.0
    expected = n * held_out
    chi2 = (control - expected) ** 2 / (n * held_out * (1 - held_out))
    return math.erfc(math.sqrt(chi2 / 2))


def smallest_detectable(
    members: float, held_out: float, spread: float, correlation: float = 0.0
) -> float:
    """The smallest true effect that four in five such trials would find.

    `spread` is the standard deviation of the outcome, `correlation` that with the days
    before.
    """
    shares = 1 / held_out + 1 / (1 - held_out)
    left = spread * spread * (1 - correlation * correlation)
    return _reach() * math.sqrt(left * shares / members)


def members_needed(
    effect: float, held_out: float, spread: float, correlation: float = 0.0
) -> int:
    """In both groups together, to find `effect` four times in five."""
    shares = 1 / held_out + 1 / (1 - held_out)
    left = spread * spread * (1 - correlation * correlation)
    return math.ceil(left * shares * (_reach() / effect) ** 2)


def _reach() -> float:
    normal = NormalDist()
    return normal.inv_cdf((1 + LEVEL) / 2) + normal.inv_cdf(POWER)


@dataclass(frozen=True)
class FalseAlarms:
    """Of trials in which nothing was done: how many claim an effect."""

    runs: int
    alarms: int

    @property
    def share(self) -> float:
        return self.alarms / self.runs

    @property
    def is_honest(self) -> bool:
        """As near to 1 in 20 as 99 in 100 such series of runs come by chance."""
        promised = 1 - LEVEL
        off = math.sqrt(promised * (1 - promised) / self.runs)
        return abs(self.share - promised) <= NormalDist().inv_cdf(0.995) * off


def replay_nothing(
    y: Floats, x: Floats, held_out: float, rng: np.random.Generator, runs: int = 1000
) -> FalseAlarms:
    """Deal the same members into two groups again and again, and treat neither."""
    alarms = sum(
        not low <= 0 <= high
        for treated, control in dealt(y, x, held_out, rng, runs)
        for low, high in [cuped(treated, control).interval()]
    )
    return FalseAlarms(runs, alarms)


def dealt(
    y: Floats, x: Floats, held_out: float, rng: np.random.Generator, runs: int
) -> Iterator[tuple[Arm, Arm]]:
    """The two groups of each run; a run is a row of ones and zeros times the sums."""
    columns = np.column_stack([np.ones_like(y), y, y * y, x, x * x, x * y])
    whole = columns.sum(axis=0)
    for first in range(0, runs, RUNS_AT_ONCE):
        rows = min(RUNS_AT_ONCE, runs - first)
        out = rng.random((rows, len(y)), dtype=np.float32) < held_out
        for sums in out.astype(np.float64) @ columns:
            yield Arm(*(whole - sums)), Arm(*sums)
