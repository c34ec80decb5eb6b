"""Series of events."""

import datetime as dt
import zoneinfo

from content.services import series
from tests.factories.events import make_event

TUESDAY = dt.date(2027, 3, 2)


def local(date, clock="19:00", zone="Europe/Berlin"):
    time = dt.time.fromisoformat(clock)
    return dt.datetime.combine(date, time, zoneinfo.ZoneInfo(zone))


def make_series(
    first=TUESDAY, *, frequency="weekly", clock="19:00", zone="Europe/Berlin", **says
):
    """Whoever needs the days of the rule holds the clock still before them."""
    rule = {name: says.pop(name) for name in ("until", "count") if name in says}
    starts_at = local(first, clock, zone)
    said = {
        "title": "Office hours",
        "starts_at": starts_at,
        "ends_at": starts_at + dt.timedelta(hours=1),
        "time_zone": zone,
        "publish": False,
    }
    event = make_event(**said | says)
    return series.start_series(event=event, frequency=frequency, **rule)


def dates(made):
    return [it.starts_there for it in series.coming_of(made)]
