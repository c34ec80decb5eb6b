"""Names for simulated members, in both languages."""

from collections.abc import Iterator
from typing import Any

import numpy as np

LANGUAGES = ("en", "zh-hans")


def names(
    rng: np.random.Generator, texts: dict[str, Any], languages: list[str]
) -> Iterator[str]:
    """A name for each of `languages`; names repeat, handles do not."""
    lists = texts["names"]
    picks = rng.integers(len(lists["en"]), size=len(languages))
    surnames = rng.integers(len(lists["surnames"]), size=len(languages))
    for language, pick, surname in zip(languages, picks, surnames, strict=True):
        if language == "en":
            yield f"{lists['en'][pick]} {lists['surnames'][surname]}"
        else:
            yield lists["zh-hans"][pick]
