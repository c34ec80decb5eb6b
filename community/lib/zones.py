"""Time zones by the names that people know them by."""

import zoneinfo
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from django.utils.translation import get_language, to_locale


def zone_name(name: str) -> str:
    """ "China (Shanghai) Time", in the reader's language; "UTC" stays what it is."""
    return _name(name, to_locale(get_language() or "en"))


def zones() -> list[tuple[str, str]]:
    """Each zone once, without its older names, to choose from."""
    return _zones(to_locale(get_language() or "en"))


@cache
def _name(name: str, locale: str) -> str:
    if name not in get_global("zone_territories"):
        return name
    return get_timezone_location(name, locale=Locale.parse(locale))


@cache
def _zones(locale: str) -> list[tuple[str, str]]:
    known = zoneinfo.available_timezones() & get_global("zone_territories").keys()
    named = [(name, _name(name, locale)) for name in known if "/" in name]
    return sorted(named, key=lambda zone: zone[1])
