"""How heated a talk is, from its latest posts: from their pace, the reports, the words
and the shouting, each from 0 to 1. It says something of a talk and nothing of a person.

Pace or shouting alone never make a talk heated: joy is as fast and as loud.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from statistics import median
from typing import NamedTuple

from community.lib.heated_words import ACCUSATIONS, INSULTS, listed
from community.lib.watched import Watch, watch

# How much of the whole each part can make up alone; together they come nearer to 1.
WEIGHTS = {"pace": 0.3, "reports": 0.8, "words": 0.8, "shouting": 0.25}
HEATED = 0.5
FAST = 0.5  # from this pace on it helps to make everybody wait

QUICK = 5.0  # minutes: who answers sooner has hardly reread
MANY_QUICK = 6  # quick answers to and fro, and the pace cannot be faster
HAVING_IT_OUT = 3  # so many of the last posts are looked at for one's own
FEW = 4  # people, who have it out with each other; more are a party
HEAVY = 2.0  # the weight of reports from which no more is needed
LONG = 3  # of so many posts one heated one is a heated talk
ACCUSATION = 0.5

NOT_SAID_HERE = re.compile(
    r"```.*?```|`[^`\n]*`|https?://\S+|^ {0,3}>[^\n]*", re.DOTALL | re.MULTILINE
)
LOUD_MARKS = re.compile(r"[!！?？]{3,}")
LOUD_WORDS = re.compile(
    r"\b[A-Z]{2,}(?:['’][A-Z]+)?(?:\W+[A-Z]{2,}(?:['’][A-Z]+)?){2,}"
)


class Said(NamedTuple):
    """One post: who said it, at which minute, and what."""

    author: int
    minute: float
    text: str


@dataclass(frozen=True)
class Heat:
    pace: float
    reports: float
    words: float
    shouting: float

    @property
    def whole(self) -> float:
        cold = (1 - WEIGHTS[name] * value for name, value in self.parts.items())
        return 1 - prod(cold)

    @property
    def parts(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in WEIGHTS}

    @property
    def is_heated(self) -> bool:
        return self.whole >= HEATED

    @property
    def is_fast(self) -> bool:
        return self.pace >= FAST


def heat_of(
    posts: Sequence[Said], *, reports: float = 0, usual: float | None = None
) -> Heat:
    """Of posts in the order they were written. `reports`: the weight of those that
    nobody has looked at. `usual`: minutes between two posts of this talk before."""
    texts = [said_in(post.text) for post in posts]
    return Heat(
        pace=_pace(posts, usual),
        reports=min(1, reports / HEAVY),
        words=_share(min(1, heated_in(text)) for text in texts),
        shouting=_share(float(is_loud(text)) for text in texts),
    )


def _share(marks: Iterable[float]) -> float:
    """A single one in a short talk counts half: one angry word is not a quarrel."""
    each = list(marks)
    return min(1, sum(each) / max(2, len(each) / LONG))


def _pace(posts: Sequence[Said], usual: float | None) -> float:
    """How much of the talk are people who answer each other at once, again and again;
    less where the talk is always as fast."""
    gaps, people = [], set()
    for at in range(1, len(posts)):
        post, before = posts[at], posts[at - 1]
        gap = post.minute - before.minute
        spoke = {earlier.author for earlier in posts[max(0, at - HAVING_IT_OUT) : at]}
        if gap <= QUICK and post.author != before.author and post.author in spoke:
            gaps.append(gap)
            people.add(post.author)
    if not gaps:
        return 0
    pace = min(1, len(gaps) / MANY_QUICK) * min(1, FEW / len(people))
    if usual is not None:
        pace *= min(1, usual / (3 * max(median(gaps), 0.5)))
    return pace


def said_in(text: str) -> str:
    """Without what is quoted, code and addresses."""
    return NOT_SAID_HERE.sub(" ", text)


def heated_in(text: str) -> float:
    """How many heated words stand in it; an accusation counts half."""
    insults, accusations = _watches()
    return len(insults.hits(text)) + ACCUSATION * len(accusations.hits(text))


def is_loud(text: str) -> bool:
    return bool(LOUD_MARKS.search(text) or LOUD_WORDS.search(text))


@cache
def _watches() -> tuple[Watch, Watch]:
    insults, accusations = (
        watch((word, word.isascii()) for word in listed(words))
        for words in (INSULTS, ACCUSATIONS)
    )
    return insults, accusations
