"""How well somebody who applies fits a space: sets in, a number and its reasons out."""

import re

WORD = re.compile(r"[^\W\d_]{4,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
TAGS_COUNT, WORDS_COUNT = 70, 30  # of 100


def match(
    *, interests: set[str], text: str, tags: set[str], goal: str
) -> tuple[int | None, list[str]]:
    """The share of what a space is about that somebody named, and what that was.

    Of 100, 70 are for the space's tags among the declared interests and 30 for words
    of its goal in the answers (pairs of characters in Chinese); where a space has only
    one of the two, that counts for all. (None, []) when there is nothing to compare.
    Case is ignored. Cost: in proportion to the texts.
    """
    tags = {tag.casefold() for tag in tags}
    words, said = _words(goal), _words(text)
    shared_tags = tags & {interest.casefold() for interest in interests}
    shared_words = words & said
    parts = [
        (TAGS_COUNT, len(shared_tags), len(tags)),
        (WORDS_COUNT, len(shared_words), len(words)),
    ]
    weight = sum(most for most, _, whole in parts if whole)
    if not weight:
        return None, []
    score = sum(most * shared / whole for most, shared, whole in parts if whole)
    return round(100 * score / weight), [*sorted(shared_tags), *sorted(shared_words)]


def _words(text: str) -> set[str]:
    """The longer words of a text; of Chinese, which has no spaces, each two signs."""
    text = text.casefold()
    words = set(WORD.findall(CHINESE.sub(" ", text)))
    for run in CHINESE.findall(text):
        words |= {run[n : n + 2] for n in range(len(run) - 1)}
    return words
