"""Receipts and credit notes as PDF."""

from io import BytesIO

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Order, Receipt
from accounts.services import community
from community.lib.dates import site_time
from community.lib.money import in_units

MARGIN = 56  # points
LINE = 20


def as_pdf(receipt: Receipt) -> bytes:
    """One A4 page with what the page on the site says."""
    # Only who prints pays for loading it.
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    # Every reader of PDF brings this face; it has Chinese and Latin letters.
    font = "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    file = BytesIO()
    page = Canvas(file, pagesize=A4)
    title = f"{receipt.get_kind_display()} {receipt}"
    page.setTitle(title)
    y = A4[1] - MARGIN - 24
    page.setFont(font, 22)
    page.drawString(MARGIN, y, title)
    page.setFont(font, 11)
    for label, value in facts(receipt):
        y -= LINE
        page.drawString(MARGIN, y, str(label))
        page.drawString(MARGIN + 140, y, str(value))
    page.showPage()
    page.save()
    return file.getvalue()


def facts(receipt: Receipt) -> list[tuple[str, str]]:
    """What a receipt says, line by line."""
    order = receipt.order
    lines = [
        (_("From"), community.current().name),
        (_("To"), str(order.member)),
        (_("Date"), date_format(site_time(receipt.issued_at), "DATE_FORMAT")),
        (_("Order"), order.number),
        (_("What"), order.title),
    ]
    if receipt.kind == Receipt.Kind.RECEIPT:
        lines += _what_is_off(order)
    return [*lines, (_("Amount"), _in_words(receipt.amount, receipt.currency))]


def _what_is_off(order: Order) -> list[tuple[str, str]]:
    """The price and what was taken off it, where that is more than nothing."""
    credit = [(_("Left of the earlier plan"), order.credit)] if order.credit else []
    off = credit + [(line.label, line.amount) for line in order.reductions.all()]
    if not off:
        return []
    return [
        (_("Price"), _in_words(order.price, order.currency)),
        *((label, _in_words(-amount, order.currency)) for label, amount in off),
    ]


def _in_words(minor: int, currency: str) -> str:
    return f"{in_units(minor, currency)} {currency}"
