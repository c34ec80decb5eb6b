from decimal import Decimal

from babel.numbers import get_currency_precision


def in_units(minor: int, currency: str) -> str:
    """Minor units as a plain number for tables and files: 19950 fen is "199.50"."""
    return str(Decimal(minor).scaleb(-get_currency_precision(currency)))
