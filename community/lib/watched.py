"""Finding watched words in a text, as words: Chinese by its segmentation, English by
whole words. Nothing is found inside another word.

Full and half width, case, characters of no width and marks put between the characters
make no difference; the places found are those in the text as it was written.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from community.lib.words import RUN, cut, is_han, stem_of

# What may stand between the parts of a word that is to be hidden from us, and what
# surely ends it.
LONGEST_GAP = 2
ENDS = re.compile(r"[\n,.;:!?，。；：！？、]")
NO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True)
class Token:
    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Hit:
    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Watch:
    """Words to look for; `with_forms` are found in their other forms, too."""

    exact: dict[str, list[tuple[str, str]]]
    with_forms: dict[str, list[tuple[str, str]]]

    def hits(self, text: str) -> list[Hit]:
        tokens = _tokens(text)
        found = _find(tokens, text, self.exact)
        if self.with_forms:
            stems = [Token(stem_of(it.word), it.start, it.end) for it in tokens]
            found += _find(stems, text, self.with_forms)
        return sorted(set(found), key=lambda hit: (hit.start, hit.end, hit.word))


def watch(words: Iterable[tuple[str, bool]]) -> Watch:
    """Each with whether its other forms are meant, too."""
    exact: dict[str, list[tuple[str, str]]] = defaultdict(list)
    forms: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for word, with_forms in words:
        parts = [token.word for token in _tokens(word)]
        if with_forms:
            parts = [stem_of(part) for part in parts]
        if not parts:
            continue
        said = ""
        for part in parts:
            said = _joined(said, part)
        (forms if with_forms else exact)[said[0]].append((said, word))
    return Watch(dict(exact), dict(forms))


def _find(
    tokens: list[Token], text: str, watched: dict[str, list[tuple[str, str]]]
) -> list[Hit]:
    hits = []
    for at, first in enumerate(tokens):
        for said, word in watched.get(first.word[:1], []):
            end = _end_of(tokens, at, text, said)
            if end:
                hits.append(Hit(word, first.start, end))
    return hits


def _end_of(tokens: list[Token], at: int, text: str, said: str) -> int:
    """Where the phrase ends that begins with this token; 0 where it is another."""
    heard = ""
    for number in range(at, len(tokens)):
        token = tokens[number]
        if number > at and not _go_together(tokens[number - 1], token, text):
            return 0
        heard = _joined(heard, token.word)
        if heard == said:
            return token.end
        if not said.startswith(heard):
            return 0
    return 0


def _go_together(one: Token, other: Token, text: str) -> bool:
    gap = NO_WIDTH.sub("", text[one.end : other.start])
    return len(gap) <= LONGEST_GAP and not ENDS.search(gap)


def _joined(said: str, word: str) -> str:
    """Chinese is written without spaces, all else with them."""
    if said and not (is_han(said[-1]) and is_han(word)):
        return f"{said} {word}"
    return said + word


def _tokens(text: str) -> list[Token]:
    plain, places = _plain(text)
    tokens = []
    for found in RUN.finditer(plain):
        run, at = found[0], found.start()
        for word in cut(run) if is_han(run) else [run]:
            end = at + len(word)
            tokens.append(Token(word, places[at], places[end - 1] + 1))
            at = end
    return tokens


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in one width and case, and from where each character of it came."""
    plain: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if NO_WIDTH.match(character):
            continue
        for part in unicodedata.normalize("NFKC", character).casefold():
            plain.append(part)
            places.append(place)
    return "".join(plain), places
