"""Codes that people read out, copy by hand and type in."""

import secrets

# Without the letters and digits that are taken for one another.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_code(letters: int, group: int = 4) -> str:
    """Not guessable from 12 letters on (60 bits); in groups, so that it can be read."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(letters))
    return "-".join(code[at : at + group] for at in range(0, letters, group))
