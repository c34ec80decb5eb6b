"""Words and numbers as they come in addresses and texts."""

import re

LARGEST_DIGITS = 8  # twenty times it, as of pages, a column of Postgres still holds
CHARACTERS_A_WORD = 1.6  # of Chinese, for the time that reading takes
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
WORD = re.compile(r"[^\W_]+")


def count_words(text: str) -> int:
    """As many words of English as take as long to read."""
    han = len(HAN.findall(text))
    return len(WORD.findall(HAN.sub(" ", text))) + round(han / CHARACTERS_A_WORD)


def small_number(text: str) -> int | None:
    """A whole number of an address; None where it is none, or absurdly large."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= LARGEST_DIGITS
    return int(text) if is_one else None


def without_nul(text: str) -> str:
    """The one character that Postgres keeps nowhere; nobody types it."""
    return text.replace("\0", "")
