"""Whether an answer is right: pure functions of a question and what was given."""

import re
import unicodedata
from decimal import Decimal

from content.models import Question

Given = list[str]
# No powers of ten: what they can write is larger than any machine reckons with.
NUMBER = re.compile(r"[+-]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})", re.ASCII)


def is_right(question: Question, given: Given) -> bool:
    """`given` holds the numbers of the choices, or one text."""
    if question.has_choices:
        return {int(it) for it in given if it.isdecimal()} == question.right_choices
    text = given[0] if given else ""
    if question.kind == Question.Kind.NUMERIC:
        return _is_near(question, number_of(text))
    return says_all(question.lines, text)


def _is_near(question: Question, number: Decimal | None) -> bool:
    if number is None or question.number is None:
        return False
    return abs(number - question.number) <= question.tolerance


def number_of(text: str) -> Decimal | None:
    """A number as people type it: full-width digits, a comma, spaces between."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace("_", "")
    if plain.count(",") == 1 and "." not in plain and plain[-4:-3] != ",":
        plain = plain.replace(",", ".")
    plain = plain.replace(",", "")
    return Decimal(plain) if NUMBER.fullmatch(plain) else None


def says_all(lines: list[str], text: str) -> bool:
    """Whether of each line at least one of the spellings (parted by a bar) occurs."""
    said = _plain(text)
    return all(
        any(word and word in said for word in map(_plain, line.split("|")))
        for line in lines
    )


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
