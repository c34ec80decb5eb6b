"""Certificates as PDF: one page to hang on a wall, with the way to check it."""

from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.services import community
from content.models import Certificate

FONT = "STSong-Light"  # every reader of PDF brings it; Chinese and Latin letters
MARGIN = 36  # points
QR_SIDE = 84
LONG = 120  # minutes: from here on told in hours


def as_pdf(certificate: Certificate) -> bytes:
    # Only who prints pays for loading it.
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = BytesIO()
    width, height = landscape(A4)
    page = Canvas(file, pagesize=(width, height))
    page.setTitle(f"{_('Certificate')} {certificate.code}")
    page.setStrokeColor(community.current().accent or "#1f2937")
    page.setLineWidth(2)
    page.rect(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN)
    y = height - 130
    for text, size, below in lines(certificate):
        _centred(page, text, size, width / 2, y)
        y -= below
    address = settings.SITE_URL + certificate.get_absolute_url()
    _qr(page, address, x=MARGIN + 24, y=MARGIN + 24)
    page.setFont(FONT, 9)
    beside = MARGIN + 24 + QR_SIDE + 12
    page.drawString(beside, MARGIN + 46, _("Whether it is true says:"))
    page.drawString(beside, MARGIN + 32, address)
    page.showPage()
    page.save()
    return file.getvalue()


def lines(certificate: Certificate) -> list[tuple[str, int, int]]:
    """What stands on it from top to bottom: text, size, and the way to the next."""
    return [
        (community.current().name, 16, 58),
        (_("Certificate"), 40, 64),
        (certificate.name, 30, 48),
        (_("has finished the course"), 14, 44),
        (certificate.title, 24, 44),
        (_told(certificate), 12, 0),
    ]


def _told(certificate: Certificate) -> str:
    day = date_format(certificate.finished_on, "DATE_FORMAT")
    return f"{day} · {_length(certificate.minutes)} · {certificate.code}"


def _length(minutes: int) -> str:
    if minutes < LONG:
        text = ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes)
        return text % {"minutes": minutes}
    hours = round(minutes / 60)
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


def _centred(page: Any, text: str, size: int, x: float, y: float) -> None:
    """In one line, smaller where it would not fit."""
    room = page._pagesize[0] - 4 * MARGIN
    wide = page.stringWidth(text, FONT, size)
    page.setFont(FONT, size * min(1, room / wide) if wide else size)
    page.drawCentredString(x, y, text)


def _qr(page: Any, text: str, *, x: float, y: float) -> None:
    rows = list(segno.make(text, error="m").matrix)
    side = QR_SIDE / len(rows)
    page.setFillColor("#000000")
    for down, row in enumerate(rows, start=1):
        for across, is_dark in enumerate(row):
            if is_dark:
                left, low = x + across * side, y + QR_SIDE - down * side
                page.rect(left, low, side, side, stroke=0, fill=1)
