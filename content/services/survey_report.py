"""Surveys in numbers: never an answer with a name, nothing of fewer than twenty."""

import math
from collections import Counter, defaultdict
from typing import Any

from community.lib.intervals import Z, wilson
from content.models import Asked, Cohort, Survey
from content.services.instruments import INSTRUMENTS, SOURCES
from content.services.surveys import quarter_of

FEWEST = 20
FEWEST_IN_A_CELL = 5
SETTLED = 90  # days: new below, settled from here on
SATISFIED, PROMOTES, DETRACTS = 4, 9, 6


def report() -> dict[str, Any]:
    return {"surveys": [_of(survey) for survey in Survey.objects.all()]}


def _of(survey: Survey) -> dict[str, Any]:
    asked = list(survey.asked.prefetch_related("answers"))
    answered = [it for it in asked if it.answered_at]
    by_quarter = defaultdict(list)
    for it in answered:
        by_quarter[quarter_of(it.asked_on)].append(it)
    return {
        "survey": survey,
        "source": SOURCES[survey.kind],
        "asked": len(asked),
        "answered": len(answered),
        "rate": _share(len(answered), len(asked)),
        "questions": [
            {
                "text": question.text,
                "told": _told(survey, _values(answered, question.name)),
                "quarters": [
                    (
                        quarter,
                        _told(survey, _values(by_quarter[quarter], question.name)),
                    )
                    for quarter in sorted(by_quarter)
                ],
            }
            for question in INSTRUMENTS[survey.kind]
        ],
        "strata": _strata(asked),
        "comments": _comments(answered),
    }


def of_cohort(cohort: Cohort) -> dict[str, Any] | None:
    """What its learners said of it, for its mentor; None below five answers."""
    asked = Asked.objects.filter(
        target_kind=cohort.activity_kind, target_id=cohort.pk
    ).prefetch_related("answers")
    answered = [it for it in asked if it.answered_at]
    if len(answered) < FEWEST_IN_A_CELL:
        return None
    values = _values(answered, "overall")
    return {
        "asked": len(asked),
        "told": _share(sum(value >= SATISFIED for value in values), len(values)),
        "comments": _comments(answered),
    }


def _values(answered: list[Asked], question: str) -> list[int]:
    return [
        answer.value
        for it in answered
        for answer in it.answers.all()
        if answer.question == question
    ]


def _told(survey: Survey, values: list[int]) -> dict[str, Any] | None:
    """Value and interval of one question; None below twenty answers."""
    if len(values) < FEWEST:
        return None
    if survey.kind == Survey.Kind.NPS:
        return nps(values)
    return _share(sum(value >= SATISFIED for value in values), len(values))


def nps(values: list[int]) -> dict[str, Any]:
    """Promoters less detractors, in points from -100 to 100; its variance is that of a
    multinomial's difference of shares: (p + d - (p - d)²) / n."""
    n = len(values)
    p = sum(value >= PROMOTES for value in values) / n
    d = sum(value <= DETRACTS for value in values) / n
    spread = Z * math.sqrt((p + d - (p - d) ** 2) / n)
    ends = (p - d, max(p - d - spread, -1), min(p - d + spread, 1))
    value, low, high = (round(100 * end) for end in ends)
    return {"n": n, "value": value, "low": low, "high": high, "is_points": True}


def _share(hits: int, of: int) -> dict[str, Any] | None:
    if of == 0:
        return None
    low, high = (round(100 * end) for end in wilson(hits, of))
    return {"n": of, "value": round(100 * hits / of), "low": low, "high": high}


def _strata(asked: list[Asked]) -> list[tuple[bool, bool, Any]]:
    """(settled, paying, share who answered), for weighing by who is silent."""
    all_of, answered = Counter[tuple[bool, bool]](), Counter[tuple[bool, bool]]()
    for it in asked:
        cell = (it.tenure_days >= SETTLED, it.is_paying)
        all_of[cell] += 1
        answered[cell] += it.answered_at is not None
    return [
        (*cell, _share(answered[cell], n))
        for cell, n in sorted(all_of.items())
        if n >= FEWEST_IN_A_CELL
    ]


def _comments(answered: list[Asked]) -> list[str]:
    """Without a name, a date or the order they came in."""
    if len(answered) < FEWEST_IN_A_CELL:
        return []
    return sorted(it.comment for it in answered if it.comment)
