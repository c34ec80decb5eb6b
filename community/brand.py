"""How the community looks: its colour as a stylesheet, and the picture of its links.

Addresses carry a version that says all they are made of, so they are kept for ever.
"""

import io
from functools import lru_cache
from hashlib import blake2b

from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from accounts.models import Community
from community.lib.colours import DARK, LIGHT, Ground, shades

OURS = "#b8321a"
PAPER = "#fbfaf7"
SHARED_SIZE = (1200, 630)  # what Open Graph asks for
MARK = 300  # pixels of the mark in the middle
# The seal of static/img/seal.svg as lines of a square of 28.
SEAL = (
    ((9, 6.5), (7, 11)),
    ((8, 9.2), (14, 9.2)),
    ((5.5, 13.6), (14.5, 13.6)),
    ((10.6, 9.4), (10.6, 13.6), (6, 21.2)),
    ((11, 14.8), (14.4, 19.8)),
    ((17.4, 11.2), (22.6, 11.2), (22.6, 19.8), (17.4, 19.8), (17.4, 11.2)),
)


def version(*facts: str) -> str:
    return blake2b(" ".join(facts).encode(), digest_size=6).hexdigest()


@lru_cache(maxsize=8)
def stylesheet(accent: str) -> str:
    """The tokens that differ from ours; the same three places as in tokens.css."""
    light, dark = _tokens(accent, LIGHT), _tokens(accent, DARK)
    return (
        f":root{{{light}}}"
        f':root[data-theme="dark"]{{{dark}}}'
        "@media (prefers-color-scheme:dark)"
        f'{{:root:not([data-theme="light"]){{{dark}}}}}'
    )


def _tokens(accent: str, ground: Ground) -> str:
    made = shades(accent, ground)
    return (
        f"--seal:{made.seal};--seal-hover:{made.hover};"
        f"--seal-ink:{made.ink};--seal-soft:{made.soft}"
    )


def shared_picture(community: Community) -> bytes:
    """The PNG that other sites show beside a link: our mark on our colour."""
    ground = shades(community.accent or OURS, LIGHT).seal
    picture = Image.new("RGB", SHARED_SIZE, ground)
    mark = _logo(community.logo.name) if community.logo else _seal()
    width, height = SHARED_SIZE
    picture.paste(mark, ((width - MARK) // 2, (height - MARK) // 2), mark)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _logo(name: str) -> Image.Image:
    with default_storage.open(name) as file:
        return Image.open(file).convert("RGBA").resize((MARK, MARK))


def _seal() -> Image.Image:
    # Drawn twice as large, so that its lines are smooth.
    scale = 2 * MARK / 28
    picture = Image.new("RGBA", (2 * MARK, 2 * MARK))
    draw = ImageDraw.Draw(picture)
    for line in SEAL:
        points = [(x * scale, y * scale) for x, y in line]
        draw.line(points, fill=PAPER, width=round(1.6 * scale), joint="curve")
    return picture.resize((MARK, MARK))
