"""What a course taught: the same learners' tests before and after it.

The normalised gain of Hake (1998, American Journal of Physics 66, 64): of what the
class did not know before, the share that it knew after.
"""

from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from content.models import Attempt, AttemptAnswer, Item, Quiz
from content.services.questions import makers_of

FEWEST = 20  # learners: below, an interval says nothing
SURE = 0.95


@dataclass(frozen=True)
class Gain:
    """`before` and `after` are mean shares of right answers, of `learners` who took
    both tests, over the `questions` that both asked them; `gain` is None where too few
    did, or nothing was left to learn."""

    learners: int
    before: float
    after: float
    questions: int = 0
    gain: float | None = None
    low: float | None = None
    high: float | None = None


def gain_of(course: Item) -> Gain | None:
    """None where nobody was asked the same question in both tests."""
    shared = _asked_twice(course)
    by_learner = (
        shared.order_by()
        .values("attempt__member")
        .annotate(
            asked=Count("pk"),
            before=Count("pk", filter=Q(is_right=True)),
            after=Count("pk", filter=Q(right_after=True)),
        )
    )
    pairs = [
        (it["before"] / it["asked"], it["after"] / it["asked"]) for it in by_learner
    ]
    if not pairs:
        return None
    return normalised(pairs, shared.order_by().values("question").distinct().count())


def _asked_twice(course: Item) -> QuerySet[AttemptAnswer]:
    """Answers before the course to what the same learner was asked after it, too, with
    whether that was right: two tests that differ compare nothing else."""
    again = AttemptAnswer.objects.filter(
        attempt__in=_taken(course, Quiz.Kind.AFTER),
        attempt__member=OuterRef("attempt__member"),
        question=OuterRef("question"),
    )
    before = AttemptAnswer.objects.filter(attempt__in=_taken(course, Quiz.Kind.BEFORE))
    known = before.annotate(right_after=Subquery(again.values("is_right")[:1]))
    return known.filter(right_after__isnull=False)


def _taken(course: Item, kind: Quiz.Kind) -> QuerySet[Attempt]:
    """Neither of those who made the course and try it, nor where nothing was answered:
    who opened a test and left says nothing of what they knew."""
    attempts = Attempt.objects.filter(
        quiz__item=course, quiz__kind=kind, handed_in_at__isnull=False
    ).exclude(member__in=makers_of(course))
    answered = AttemptAnswer.objects.filter(attempt=OuterRef("pk")).exclude(given=[])
    return attempts.filter(Exists(answered))


def normalised(pairs: list[tuple[float, float]], questions: int = 0) -> Gain:
    """(after - before) / (1 - before) of the class means, with a 95 % interval.

    By the delta method over learners: the gain moves with each of them by
    (a - A) / (1 - B) - (1 - A) / (1 - B)² (b - B).
    """
    n = len(pairs)
    before, after = fmean(b for b, _ in pairs), fmean(a for _, a in pairs)
    room = 1 - before
    if n < FEWEST or room <= 0:
        return Gain(n, before, after, questions)
    gain = (after - before) / room
    pulls = [
        (a - after) / room - (1 - after) / room**2 * (b - before) for b, a in pairs
    ]
    reach = _t(n - 1) * stdev(pulls) / n**0.5
    return Gain(n, before, after, questions, gain, gain - reach, gain + reach)


def _t(freedom: int) -> float:
    """Student's quantile by the first two terms of Cornish and Fisher: right to
    0.001 from 19 degrees of freedom on."""
    z = NormalDist().inv_cdf((1 + SURE) / 2)
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return z + first + second
