"""Prints of texts: near texts have much of their prints in common.

Eight least hashes (min-hashes) of the runs of four letters; two texts have as large a
part of them in common as of their runs. What is no letter (spaces, digits, punctuation,
addresses) is left out first, since it is what a copy is varied by.
Broder, "On the resemblance and containment of documents", SEQUENCES 1997.
"""

import re
import struct
import unicodedata
from hashlib import blake2b

ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
NO_LETTER = re.compile(r"[\W\d_]+")
FEWEST = 24  # letters: shorter texts are alike by chance
MOST = 2000  # letters that are looked at
RUN = 4
PARTS = 8
NEAR = 5  # parts in common


def print_of(text: str) -> list[int] | None:
    """As whole numbers of 32 bits; None for a text too short to have one."""
    text = unicodedata.normalize("NFKC", ADDRESS.sub(" ", text)).casefold()
    letters = NO_LETTER.sub("", text)[:MOST]
    if len(letters) < FEWEST:
        return None
    runs = {letters[at : at + RUN] for at in range(len(letters) - RUN + 1)}
    hashes = (
        struct.unpack(
            f"{PARTS}i", blake2b(run.encode(), digest_size=4 * PARTS).digest()
        )
        for run in runs
    )
    return [min(part) for part in zip(*hashes, strict=True)]


def are_near(one: list[int], other: list[int]) -> bool:
    return sum(a == b for a, b in zip(one, other, strict=True)) >= NEAR
