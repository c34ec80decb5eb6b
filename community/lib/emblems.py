"""Emblems in pictures: the community's, and codes to scan."""

import io

import segno
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

PAPER = "#fbfaf7"
# The seal of static/img/seal.svg as lines of a square of 28.
SEAL = (
    ((9, 6.5), (7, 11)),
    ((8, 9.2), (14, 9.2)),
    ((5.5, 13.6), (14.5, 13.6)),
    ((10.6, 9.4), (10.6, 13.6), (6, 21.2)),
    ((11, 14.8), (14.4, 19.8)),
    ((17.4, 11.2), (22.6, 11.2), (22.6, 19.8), (17.4, 19.8), (17.4, 11.2)),
)
QUIET_ZONE = 4  # modules, as ISO/IEC 18004 asks for


def mark(logo: str, side: int) -> Image.Image:
    """The stored logo of that name, or without one our seal, on a clear ground."""
    if not logo:
        return _seal(side)
    with default_storage.open(logo) as file:
        return Image.open(file).convert("RGBA").resize((side, side))


def _seal(side: int) -> Image.Image:
    # Drawn twice as large, so that its lines are smooth.
    scale = 2 * side / 28
    picture = Image.new("RGBA", (2 * side, 2 * side))
    draw = ImageDraw.Draw(picture)
    for line in SEAL:
        points = [(x * scale, y * scale) for x, y in line]
        draw.line(points, fill=PAPER, width=round(1.6 * scale), joint="curve")
    return picture.resize((side, side))


def qr(text: str, side: int) -> Image.Image:
    """A code to scan on white, of whole pixels a module: no larger than `side`."""
    code = segno.make(text, error="m")
    file = io.BytesIO()
    scale = max(1, side // code.symbol_size(border=QUIET_ZONE)[0])
    code.save(file, kind="png", scale=scale, border=QUIET_ZONE)
    return Image.open(file).convert("RGB")
