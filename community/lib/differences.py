"""What changed from one text to another, paragraph by paragraph and word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

Step = tuple[str, int, int, int, int]  # an opcode of difflib

SAME, ADDED, REMOVED, SKIPPED = "same", "added", "removed", "skipped"
CONTEXT = 1  # lines shown around a change
# Comparing costs the product of both lengths, and texts may be made to make it cost
# more: beyond these what differs is shown as replaced, without a closer look.
MOST_LINES = 1500
MOST_WORDS = 1500
MOST_PAIRS = 4_000_000  # of words, in one comparison
# A Chinese character is a word here, as nothing separates words.
WORDS = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+|\s+|."
)


class Piece(NamedTuple):
    how: str  # SAME, ADDED or REMOVED
    text: str


Line = list[Piece]


def lines_changed(before: str, after: str) -> list[Line]:
    """The lines around what changed; `[Piece(SKIPPED, "")]` stands for the others.

    Empty when nothing changed. What was replaced stands as one line in which only
    its words are marked.
    """
    if before == after:
        return []
    return list(_Comparison(before.splitlines(), after.splitlines()).lines())


class _Comparison:
    """Of two texts by their lines, without what both begin and end with."""

    def __init__(self, old: list[str], new: list[str]):
        head, tail = _common(old, new)
        self.head, self.tail = max(head - CONTEXT, 0), max(tail - CONTEXT, 0)
        self.old = old[self.head : len(old) - self.tail]
        self.new = new[self.head : len(new) - self.tail]
        self.pairs_left = MOST_PAIRS

    def lines(self) -> Iterator[Line]:
        skipped = [Piece(SKIPPED, "")]
        if self.head:
            yield skipped
        for number, group in enumerate(self._groups()):
            if number:
                yield skipped
            for step in group:
                yield from self._lines_of(step)
        if self.tail:
            yield skipped

    def _groups(self) -> list[list[Step]]:
        if max(len(self.old), len(self.new)) > MOST_LINES:
            return [[("replace", 0, len(self.old), 0, len(self.new))]]
        matcher = SequenceMatcher(None, self.old, self.new)
        return list(matcher.get_grouped_opcodes(CONTEXT))

    def _lines_of(self, step: Step) -> Iterator[Line]:
        how, i1, i2, j1, j2 = step
        old, new = self.old[i1:i2], self.new[j1:j2]
        if how == "equal":
            yield from ([Piece(SAME, line)] for line in old)
            return
        paired = min(len(old), len(new))
        for one, other in zip(old, new, strict=False):
            yield self._words_of(one, other)
        yield from ([Piece(REMOVED, line)] for line in old[paired:])
        yield from ([Piece(ADDED, line)] for line in new[paired:])

    def _words_of(self, before: str, after: str) -> Line:
        # A word has a character at least.
        self.pairs_left -= min(len(before), MOST_WORDS) * min(len(after), MOST_WORDS)
        if self.pairs_left < 0:
            return [Piece(REMOVED, before), Piece(ADDED, after)]
        return words_changed(before, after)


def words_changed(before: str, after: str) -> Line:
    old, new = WORDS.findall(before), WORDS.findall(after)
    head, tail = _common(old, new)
    line = [
        Piece(SAME, "".join(old[:head])),
        *_words_between(old[head : len(old) - tail], new[head : len(new) - tail]),
        Piece(SAME, "".join(old[len(old) - tail :])),
    ]
    return [piece for piece in line if piece.text]


def _words_between(old: list[str], new: list[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > MOST_WORDS:
        yield from (Piece(REMOVED, "".join(old)), Piece(ADDED, "".join(new)))
        return
    for how, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if how == "equal":
            yield Piece(SAME, "".join(old[i1:i2]))
        else:
            yield Piece(REMOVED, "".join(old[i1:i2]))
            yield Piece(ADDED, "".join(new[j1:j2]))


def _common(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many both begin with, and of the others how many both end with."""
    head = _same_from(old, new)
    return head, _same_from(old[head:][::-1], new[head:][::-1])


def _same_from(old: list[str], new: list[str]) -> int:
    pairs = zip(old, new, strict=False)
    return sum(1 for _same in takewhile(lambda pair: pair[0] == pair[1], pairs))
