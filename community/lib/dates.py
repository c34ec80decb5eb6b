"""The calendar of the house: what is sold and booked goes by the site's clock.

Members read dates in their own time zone; how long a month lasts, and on which day
something was paid, must not depend on who looks.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.utils import timezone


def site_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def site_time(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(site_zone())


def site_day(moment: dt.datetime | None = None) -> dt.date:
    """The day that it is, or was, where the house stands."""
    return site_time(moment or timezone.now()).date()


def start_of(day: dt.date) -> dt.datetime:
    """The midnight with which it begins."""
    return dt.datetime.combine(day, dt.time(), site_zone())


def end_of(day: dt.date) -> dt.datetime:
    """The midnight with which it is over."""
    return start_of(day + dt.timedelta(days=1))


def later(moment: dt.datetime, term: relativedelta) -> dt.datetime:
    """The same hour `term` later by the site's calendar."""
    return (site_time(moment) + term).astimezone(dt.UTC)
