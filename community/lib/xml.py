"""What XML cannot hold."""

import re

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def without_controls(text: str) -> str:
    """The text without the characters that no XML file may have."""
    return CONTROLS.sub("", text)
