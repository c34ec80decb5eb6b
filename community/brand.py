"""How the community looks: its colour as a stylesheet, and the picture of its links.

Addresses carry a version that says all they are made of, so they are kept for ever.
"""

import io
from functools import lru_cache
from hashlib import blake2b

from PIL import Image

from accounts.models import Community
from community.lib import emblems
from community.lib.colours import DARK, LIGHT, OURS, Ground, shades

SHARED_SIZE = (1200, 630)  # what Open Graph asks for
MARK = 300  # pixels of the mark in the middle


def version(*facts: str) -> str:
    return blake2b(" ".join(facts).encode(), digest_size=6).hexdigest()


@lru_cache(maxsize=8)
def stylesheet(accent: str) -> str:
    """The tokens that differ from ours; the same three places as in tokens.css."""
    light, dark = _tokens(accent, LIGHT), _tokens(accent, DARK)
    return (
        f":root{{{light}}}"
        f'@media screen{{:root[data-theme="dark"]{{{dark}}}}}'
        "@media screen and (prefers-color-scheme:dark)"
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
    mark = emblems.mark(community.logo.name, MARK)
    width, height = SHARED_SIZE
    picture.paste(mark, ((width - MARK) // 2, (height - MARK) // 2), mark)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
