"""What a course taught: the same learners' tests before and after it.

The normalised gain of Hake (1998, American Journal of Physics 66, 64): of what the
class did not know before, the share that it knew after.
"""

from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from django.db.models import Exists, OuterRef

from content.models import Attempt, AttemptAnswer, Item, Quiz
from content.services.editorial import authors_of

FEWEST = 20  # learners: below, an interval says nothing
SURE = 0.95


@dataclass(frozen=True)
class Gain:
    """`before` and `after` are mean shares of right answers, of `learners` who took
    both tests; `gain` is None where too few did, or nothing was left to learn."""

    learners: int
    before: float
    after: float
    gain: float | None = None
    low: float | None = None
    high: float | None = None


def gain_of(course: Item) -> Gain | None:
    """None where nobody has taken both tests."""
    before, after = (_shares(course, kind) for kind in ("before", "after"))
    both = sorted(before.keys() & after.keys())
    if not both:
        return None
    return normalised([(before[pk], after[pk]) for pk in both])


def _shares(course: Item, kind: str) -> dict[int, float]:
    """Neither of those who made the course and try it, nor where nothing was answered:
    who opened a test and left says nothing of what they knew."""
    attempts = Attempt.objects.filter(
        quiz__item=course, quiz__kind=Quiz.Kind(kind), handed_in_at__isnull=False
    ).exclude(member__in=[it.pk for it in authors_of(course)])
    answered = AttemptAnswer.objects.filter(attempt=OuterRef("pk")).exclude(given=[])
    attempts = attempts.filter(Exists(answered))
    rows = attempts.values_list("member_id", "right", "asked")
    return {member: right / asked for member, right, asked in rows}


def normalised(pairs: list[tuple[float, float]]) -> Gain:
    """(after - before) / (1 - before) of the class means, with a 95 % interval.

    By the delta method over learners: the gain moves with each of them by
    (a - A) / (1 - B) - (1 - A) / (1 - B)² (b - B).
    """
    n = len(pairs)
    before, after = fmean(b for b, _ in pairs), fmean(a for _, a in pairs)
    room = 1 - before
    if n < FEWEST or room <= 0:
        return Gain(n, before, after)
    gain = (after - before) / room
    pulls = [
        (a - after) / room - (1 - after) / room**2 * (b - before) for b, a in pairs
    ]
    reach = _t(n - 1) * stdev(pulls) / n**0.5
    return Gain(n, before, after, gain, gain - reach, gain + reach)


def _t(freedom: int) -> float:
    """Student's quantile by the first two terms of Cornish and Fisher: right to
    0.001 from 19 degrees of freedom on."""
    z = NormalDist().inv_cdf((1 + SURE) / 2)
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return z + first + second
