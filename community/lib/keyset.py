"""Where a page of rows in the order of time ends, as the address of the next one."""

import datetime as dt

from django.http import Http404


def mark_of(at: dt.datetime, pk: int) -> str:
    # "Z" and not "+00:00": a plus sign does not survive a query string.
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}_{pk}"


def after_mark(mark: str | None) -> tuple[dt.datetime, int] | None:
    """The moment and the number of the last row of the page before; None at the
    beginning. Raises Http404 for what is no mark."""
    if not mark:
        return None
    try:
        moment, pk = mark.rsplit("_", 1)
        return dt.datetime.fromisoformat(moment).astimezone(dt.UTC), int(pk)
    except (ValueError, OverflowError):
        raise Http404 from None
