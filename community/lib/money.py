from decimal import Decimal

from babel.numbers import get_currency_precision, is_currency


def in_units(minor: int, currency: str) -> str:
    """Minor units as a plain number for tables and files: 19950 fen is "199.50"."""
    return str(Decimal(minor).scaleb(-get_currency_precision(currency)))


def to_minor(amount: Decimal, currency: str) -> int:
    """The other way round: "199.50" as people write it is 19950."""
    return int(amount.scaleb(get_currency_precision(currency)))


def shown(minor: int, currency: str) -> str:
    """As the admin shows money: "199.50 CNY"; and other units as they are."""
    amount = in_units(minor, currency) if is_currency(currency) else minor
    return f"{amount} {currency}"
