"""What surveys ask, word by word, and where each question comes from.

CSAT: one overall judgement from 1 to 5; told as the share of 4 and 5. Overall
satisfaction as one item is the form of the American Customer Satisfaction Index
(Fornell et al. 1996, Journal of Marketing 60(4), 7-18).

NPS: how likely one is to recommend, from 0 to 10; told as the share of 9 and 10 less
the share of 0 to 6 (Reichheld 2003, Harvard Business Review 81(12), 46-54).

Satisfaction: an overall judgement, and one for each of the things that the model of
satisfaction explains it by. That people stay with what satisfies them, and are
satisfied by what it does for them: Bhattacherjee 2001, MIS Quarterly 25(3), 351-370.
Content and the quality of what surrounds it as its causes: DeLone and McLean 2003,
Journal of Management Information Systems 19(4), 9-30. The wording is our own, and so is
the question about the tone, which is asked beside the model.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from content.models import Survey

ONE_TO_FIVE = [
    (5, _("5 – very satisfied")),
    (4, _("4 – satisfied")),
    (3, _("3 – neither")),
    (2, _("2 – dissatisfied")),
    (1, _("1 – very dissatisfied")),
]
NOUGHT_TO_TEN = [
    (10, _("10 – very likely")),
    *((n, str(n)) for n in range(9, 0, -1)),
    (0, _("0 – not at all")),
]


@dataclass(frozen=True)
class Question:
    name: str
    text: Any
    choices: list[tuple[int, Any]]


INSTRUMENTS: dict[str, tuple[Question, ...]] = {
    Survey.Kind.CSAT: (
        Question("overall", _("All in all, how satisfied are you?"), ONE_TO_FIVE),
    ),
    Survey.Kind.NPS: (
        Question(
            "recommend",
            _("How likely are you to recommend this community to somebody you know?"),
            NOUGHT_TO_TEN,
        ),
    ),
    Survey.Kind.SATISFACTION: (
        Question(
            "overall",
            _("All in all, how satisfied are you with this community?"),
            ONE_TO_FIVE,
        ),
        Question(
            "content",
            _("How satisfied are you with the quality of what is taught and written?"),
            ONE_TO_FIVE,
        ),
        Question(
            "interaction",
            _("How satisfied are you with the exchange among members and mentors?"),
            ONE_TO_FIVE,
        ),
        Question(
            "incentives",
            _("How satisfied are you with what you get for taking part?"),
            ONE_TO_FIVE,
        ),
        Question(
            "atmosphere",
            _("How satisfied are you with the tone in which people treat each other?"),
            ONE_TO_FIVE,
        ),
    ),
}
SOURCES: dict[str, str] = {
    Survey.Kind.CSAT: "Fornell et al. 1996, Journal of Marketing 60(4), 7–18",
    Survey.Kind.NPS: "Reichheld 2003, Harvard Business Review 81(12), 46–54",
    Survey.Kind.SATISFACTION: "Bhattacherjee 2001, MIS Quarterly 25(3), 351–370; "
    "DeLone & McLean 2003, Journal of Management Information Systems 19(4), 9–30",
}
