"""Pictures of what is shared: beside a link on other sites, and to pass on."""

import io
from collections.abc import Callable
from functools import partial
from hashlib import blake2b

from django.core.cache import caches
from django.core.files.storage import default_storage
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageOps

from accounts.models import Community
from accounts.services import community
from community.lib.colours import LIGHT, OURS, Shades, shades
from community.lib.emblems import PAPER, mark, qr
from community.lib.lettering import Font, fitted, leading, sans, wrapped
from content.services.sharing import Shown

Draw = ImageDraw.ImageDraw
INK, SOFT, LINE = "#1d1b16", "#5c5648", "#e5e0d4"  # as in tokens.css
BESIDE_A_LINK = (1200, 630)  # what Open Graph asks for
POSTER = (1080, 1620)
HEAD = 1080 * 9 // 16  # where the cover stands
MARGIN = 84
CODE, SIGN = 296, 72
# Seconds. A picture is asked for by every site that shows the link, a poster by one
# member, while they share it.
PICTURE_IS_KEPT, POSTER_IS_KEPT = 24 * 60 * 60, 60 * 60


def picture(shown: Shown) -> bytes:
    """The PNG that other sites show beside a link to it."""
    key = f"picture:{shown.kind}:{shown.pk}:{shown.version}"
    draw = partial(_picture, shown, community.current())
    return _kept(key, draw, PICTURE_IS_KEPT)


def poster(shown: Shown, address: str) -> bytes:
    """The PNG to pass on, with a code that leads to the address."""
    key = f"poster:{shown.version}:{address}:{get_language()}"
    draw = partial(_poster, shown, address, community.current())
    return _kept(key, draw, POSTER_IS_KEPT)


def _kept(key: str, draw: Callable[[], Image.Image], seconds: int) -> bytes:
    kept = caches["pictures"]
    key = blake2b(key.encode(), digest_size=16).hexdigest()  # addresses may be long
    found = kept.get(key)
    if found is None:
        file = io.BytesIO()
        draw().save(file, "PNG")
        found = file.getvalue()
        kept.set(key, found, seconds)
    return found


# Beside a link ---------------------------------------------------------------------


def _picture(shown: Shown, ours: Community) -> Image.Image:
    colours = shades(ours.accent or OURS, LIGHT)
    sheet = Image.new("RGB", BESIDE_A_LINK, colours.seal)
    draw = ImageDraw.Draw(sheet)
    width, height = BESIDE_A_LINK
    room = width - 2 * MARGIN
    font, lines = fitted(shown.title, (84, 72, 62, 54, 46), room, height=310)
    y = _write(draw, lines, font, MARGIN, 76, colours.ink)
    by = wrapped(shown.by, sans(34), room, most=1)
    _write(draw, by, sans(34), MARGIN, y + 18, colours.ink)
    _sign(sheet, ours, MARGIN, height - 76 - SIGN)
    name = wrapped(ours.name, sans(32), room - 96, most=1)
    _write(draw, name, sans(32), MARGIN + 96, height - 76 - 60, colours.ink)
    return sheet


# To pass on ------------------------------------------------------------------------


def _poster(shown: Shown, address: str, ours: Community) -> Image.Image:
    colours = shades(ours.accent or OURS, LIGHT)
    sheet = Image.new("RGB", POSTER, PAPER)
    draw = ImageDraw.Draw(sheet)
    if shown.cover:
        y = _cover_with_title(sheet, draw, shown)
    else:
        y = _ground_with_title(draw, shown, colours)
    room = POSTER[0] - 2 * MARGIN
    by = wrapped(shown.by, sans(34), room, most=1)
    y = _write(draw, by, sans(34), MARGIN, y, SOFT)
    summary = wrapped(shown.summary, sans(38), room, most=5)
    _write(draw, summary, sans(38), MARGIN, y + 24, INK)
    _foot(sheet, draw, address, ours, colours)
    return sheet


def _cover_with_title(sheet: Image.Image, draw: Draw, shown: Shown) -> int:
    with default_storage.open(shown.cover) as file:
        cover = Image.open(file).convert("RGB")
    sheet.paste(ImageOps.fit(cover, (POSTER[0], HEAD)), (0, 0))
    room = POSTER[0] - 2 * MARGIN
    font, lines = fitted(shown.title, (72, 62, 54), room, height=300)
    return _write(draw, lines, font, MARGIN, HEAD + 60, INK) + 12


def _ground_with_title(draw: Draw, shown: Shown, colours: Shades) -> int:
    width = POSTER[0]
    draw.rectangle((0, 0, width, HEAD + 160), fill=colours.seal)
    sizes = (108, 92, 80, 68, 58)
    font, lines = fitted(shown.title, sizes, width - 2 * MARGIN, height=580)
    _write(draw, lines, font, MARGIN, MARGIN + 24, colours.ink)
    return HEAD + 160 + 56


def _foot(
    sheet: Image.Image, draw: Draw, address: str, ours: Community, colours: Shades
) -> None:
    width, height = POSTER
    top = height - MARGIN - CODE
    draw.line((MARGIN, top - 44, width - MARGIN, top - 44), fill=LINE, width=2)
    code = qr(address, CODE)
    sheet.paste(code, (width - MARGIN - code.width, top))
    draw.rounded_rectangle((MARGIN, top, MARGIN + 88, top + 88), 12, fill=colours.seal)
    _sign(sheet, ours, MARGIN + 8, top + 8)
    room = width - 2 * MARGIN - CODE - 40
    font, lines = fitted(ours.name, (44, 38, 32), room, height=110)
    y = _write(draw, lines, font, MARGIN, top + 112, INK)
    hint = wrapped(_("Scan the code to open it."), sans(30), room, most=2)
    _write(draw, hint, sans(30), MARGIN, y + 6, SOFT)


def _sign(sheet: Image.Image, ours: Community, x: int, y: int) -> None:
    sign = mark(ours.logo.name, SIGN)
    sheet.paste(sign, (x, y), sign)


def _write(
    draw: Draw, lines: list[str], font: Font, x: int, y: int, colour: str
) -> int:
    """The lines one below the other; returns where the next would begin."""
    for line in lines:
        draw.text((x, y + font.size), line, font=font, fill=colour, anchor="ls")
        y += leading(font.size)
    return y
