"""What changed from one text to another, paragraph by paragraph and word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

SAME, ADDED, REMOVED, SKIPPED = "same", "added", "removed", "skipped"
CONTEXT = 1  # lines shown around a change
# Comparing words costs their product: beyond this a paragraph is shown as replaced.
MOST_WORDS = 4000
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
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        line
        for group in _groups(matcher, len(old))
        for line in _lines_of(group, old, new)
    ]


def _groups(matcher: SequenceMatcher, total: int) -> Iterator[list | None]:
    """Changes with their context; None where lines were left out."""
    shown_to = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if group[0][1] > shown_to:
            yield None
        yield group
        shown_to = group[-1][2]
    if shown_to and shown_to < total:
        yield None


def _lines_of(group: list | None, old: list[str], new: list[str]) -> Iterator[Line]:
    if group is None:
        yield [Piece(SKIPPED, "")]
        return
    for how, i1, i2, j1, j2 in group:
        if how == "equal":
            yield from ([Piece(SAME, line)] for line in old[i1:i2])
            continue
        paired = min(i2 - i1, j2 - j1)
        for i, j in zip(range(i1, i1 + paired), range(j1, j1 + paired), strict=True):
            yield words_changed(old[i], new[j])
        yield from ([Piece(REMOVED, line)] for line in old[i1 + paired : i2])
        yield from ([Piece(ADDED, line)] for line in new[j1 + paired : j2])


def words_changed(before: str, after: str) -> Line:
    old, new = WORDS.findall(before), WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        return [Piece(REMOVED, before), Piece(ADDED, after)]
    line: Line = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for how, i1, i2, j1, j2 in matcher.get_opcodes():
        if how == "equal":
            line.append(Piece(SAME, "".join(old[i1:i2])))
            continue
        if i2 > i1:
            line.append(Piece(REMOVED, "".join(old[i1:i2])))
        if j2 > j1:
            line.append(Piece(ADDED, "".join(new[j1:j2])))
    return line
