"""Words and numbers as they come in addresses."""

LARGEST_DIGITS = 9  # what a column of Postgres surely holds


def small_number(text: str) -> int | None:
    """A whole number of an address; None where it is none, or absurdly large."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= LARGEST_DIGITS
    return int(text) if is_one else None
