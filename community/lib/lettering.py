"""Text in pictures: in faces that hold Chinese, broken into lines where it may be."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import pylopdf_fonts_zh_cn as faces
from PIL import ImageFont

from community.lib.words import HAN

Font = ImageFont.FreeTypeFont
# What no line of Chinese begins or ends with: GB/T 15834, and CLREQ 3.1.3.
CLOSING = "、。，．：；！？）】》」』〉〕］｝”’…—～·％‰℃々"
OPENING = "（【《「『〈〔［｛“‘"
ALSO_CLOSING = re.escape(",.!?:;)]}%\"'")  # after a Chinese character
WIDE = rf"{HAN}\u3040-\u30ff\uff01-\uff60"
WORD = rf"(?:[^\s{WIDE}{OPENING}{CLOSING}]|(?<=\w)[’·](?=\w))+"
PART = re.compile(rf"[{OPENING}]*(?:{WORD}|\S)?[{CLOSING}{ALSO_CLOSING}]*\s*")
NOWHERE = "\U0010ffff"  # no face has it
MORE = "…"


def serif(size: int) -> Font:
    return _font(str(faces.serif_path()), size)


def sans(size: int) -> Font:
    return _font(str(faces.sans_path()), size)


@lru_cache(maxsize=32)
def _font(path: str, size: int) -> Font:
    return ImageFont.truetype(path, size)


def drawable(text: str) -> str:
    """The text on one line, without what our faces would show as an empty box."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return " ".join("".join(sign for sign in text if _has(sign)).split())


@lru_cache(maxsize=8192)
def _has(sign: str) -> bool:
    if sign == " ":
        return True
    if unicodedata.category(sign)[0] in "CZ":
        return False
    font = sans(16)
    return bytes(font.getmask(sign)) != bytes(font.getmask(NOWHERE))


def wrapped(text: str, font: Font, width: int, most: int) -> list[str]:
    """The lines of a text that is as wide as that; what is too much ends in “…”."""
    lines = [""]
    for part in _parts(text, font, width):
        if lines[-1] and font.getlength((lines[-1] + part).rstrip()) > width:
            lines.append("")
        lines[-1] += part
    lines = [line.rstrip() for line in lines if line.strip()]
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _cut(lines[most - 1], font, width)]


def fitted(
    text: str, sizes: Sequence[int], width: int, height: int
) -> tuple[Font, list[str]]:
    """In serif, as large as it fits, in lines alike; the smallest size is cut."""
    for size in sizes:
        font, most = serif(size), max(1, height // leading(size))
        lines = wrapped(text, font, width, most)
        if lines == wrapped(text, font, width, most + 1):
            return font, _balanced(text, font, width, lines)
    return font, lines


def _balanced(text: str, font: Font, width: int, lines: list[str]) -> list[str]:
    """In as many lines, as narrow as they can be: no character is left alone."""
    while True:
        width -= int(font.size) // 2
        narrower = wrapped(text, font, width, len(lines) + 1)
        if len(narrower) > len(lines) or len(lines) < 2:
            return lines
        lines = narrower


def leading(size: float) -> int:
    """From one line to the next."""
    return round(size * 1.36)


def _parts(text: str, font: Font, width: int) -> Iterator[str]:
    """What no line is broken within, unless it is wider than a line."""
    for part in PART.findall(drawable(text)):
        if font.getlength(part.rstrip()) <= width:
            yield part
        else:
            yield from part


def _cut(line: str, font: Font, width: int) -> str:
    while line and font.getlength(line + MORE) > width:
        line = line[:-1]
    return line.rstrip(f" {CLOSING}{OPENING},.:;") + MORE
