"""Texts as the words that they are searched and compared by, Chinese and English.

Chinese has no spaces: it is cut by a dictionary (rjieba, search mode: long words and
the words in them). English words stand for themselves and for their stem, which is
marked, so that nobody mistakes it for a word.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

HAN = r"\u3400-\u9fff\uf900-\ufaff"
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
IS_HAN = re.compile(rf"[{HAN}]")
STEM = "~"  # before a stem
LONGEST_WORD = 60


def runs_of(text: str) -> Iterator[tuple[int, str]]:
    """(place, run) of each run of Chinese characters, letters or digits, in lower
    case; the place is that of its first character."""
    for found in RUN.finditer(text.lower()):
        yield found.start(), found[0][:LONGEST_WORD]


def is_han(run: str) -> bool:
    return bool(IS_HAN.match(run))


def tokens_of(text: str) -> Iterator[tuple[int, str]]:
    """(place, token) of everything that a text is found by.

    Of Chinese also every pair of characters, so that words which no dictionary knows,
    and names, are found inside sentences.
    """
    for place, run in runs_of(text):
        if is_han(run):
            yield from _chinese_tokens(place, run)
            continue
        yield place, run
        if (stem := stem_of(run)) != run:
            yield place, STEM + stem


def _chinese_tokens(place: int, run: str) -> Iterator[tuple[int, str]]:
    yield from ((place + at, pair) for at, pair in enumerate(pairs_of(run)))
    if len(run) == 1:
        yield place, run
    for word in _cutter().cut_for_search(run, False):
        if len(word) > 2:
            yield place + run.find(word), word


def pairs_of(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def words_of(text: str) -> list[str]:
    """The words of a text one after another, each once where it stands."""
    words: list[str] = []
    for _place, run in runs_of(text):
        words += cut(run) if is_han(run) else [run]
    return words


def cut(run: str) -> list[str]:
    """A run of Chinese characters as words, none left out."""
    return list(_cutter().cut(run, False))


@lru_cache(maxsize=50_000)
def stem_of(word: str) -> str:
    """The stem of an English word; what is no English word is its own."""
    if not word.isascii() or not word.isalpha():
        return word
    return str(_stemmer().stemWord(word))


@cache
def _cutter() -> Any:
    import rjieba  # its dictionary takes a tenth of a second to load

    return rjieba


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
