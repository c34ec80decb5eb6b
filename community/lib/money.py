from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import (
    get_currency_name,
    get_currency_precision,
    get_territory_currencies,
    is_currency,
)
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _


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


@cache
def currencies() -> frozenset[str]:
    """Those that somewhere are legal tender today."""
    codes = map(str, Locale("en").territories)
    places = [code for code in codes if code.isalpha()]  # not continents, by number
    return frozenset().union(*(get_territory_currencies(code) for code in places))


def currency_choices() -> list[tuple[str, str]]:
    """For a select, named in the reader's language."""
    locale = Locale.parse(to_locale(get_language() or "en"))
    return [
        (code, f"{code} · {get_currency_name(code, locale=locale)}")
        for code in sorted(currencies())
    ]


def validate_currency(code: str) -> None:
    if code not in currencies():
        raise ValidationError(_("This is no currency."), code="currency")
