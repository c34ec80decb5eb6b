"""A community's own colour, made readable: lightness moves until WCAG AA holds.

Colours are "#rrggbb". Contrast as WCAG 2.2 defines it, 4.5 to 1 for text.
"""

import colorsys
import re
from dataclasses import dataclass

OURS = "#b8321a"  # where the community has no accent of its own
AA = 4.5
STEP = 0.01  # of lightness
COLOUR = re.compile(r"^#[0-9a-fA-F]{6}\Z")


@dataclass(frozen=True)
class Ground:
    """What an accent stands on, and the ink that stands on an accent."""

    papers: tuple[str, ...]
    ink: str
    soft: float  # how much of the accent is in its soft shade
    is_light: bool


LIGHT = Ground(("#fbfaf7", "#fffefb", "#f3f0e8"), "#fffaf6", 0.1, is_light=True)
DARK = Ground(("#141310", "#1d1b17", "#0f0e0b"), "#1f0d08", 0.16, is_light=False)


@dataclass(frozen=True)
class Shades:
    """An accent on one ground, its other states, and its ink."""

    seal: str
    hover: str
    soft: str
    ink: str


def shades(accent: str, ground: Ground) -> Shades:
    """The accent as near to what was asked for as can be read on this ground."""
    seal = accent
    while not _is_readable(seal, ground):
        seal = _lighter(seal, -STEP if ground.is_light else STEP)
    return Shades(
        seal=seal,
        hover=_lighter(seal, -0.07 if ground.is_light else 0.07),
        soft=_mixed(seal, ground.papers[0], ground.soft),
        ink=ground.ink,
    )


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black and white)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _is_readable(seal: str, ground: Ground) -> bool:
    soft = _mixed(seal, ground.papers[0], ground.soft)
    return all(contrast(seal, on) >= AA for on in (*ground.papers, ground.ink, soft))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _lighter(colour: str, by: float) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    lightness = max(0.0, min(1.0, lightness + by))
    return _text(colorsys.hls_to_rgb(hue, lightness, saturation))


def _mixed(colour: str, ground: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(ground), strict=True)
    return _text(tuple(share * top + (1 - share) * below for top, below in pairs))


def _parts(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


def _text(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
