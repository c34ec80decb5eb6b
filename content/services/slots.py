"""When an expert can be met: from the hours they have said to what can be booked.

Everything is counted in quarters of an hour of universal time. Whether a quarter is
within the hours is asked of the expert's own clock, so hours stay where they are on the
wall when the clocks are changed: what is skipped is not offered, what comes twice is
offered twice. Members read the same moments on their own clocks.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

CELL = dt.timedelta(minutes=15)
Span = tuple[int, int]  # minutes after midnight, from and to


@dataclass(frozen=True)
class Hours:
    """What an expert has said: of each weekday (0 is Monday), and of single days."""

    zone: ZoneInfo
    weekly: Mapping[int, Collection[Span]] = field(default_factory=dict)
    extra: Mapping[dt.date, Collection[Span]] = field(default_factory=dict)
    away: Mapping[dt.date, Collection[Span]] = field(default_factory=dict)

    def is_open(self, moment: dt.datetime) -> bool:
        """Whether the quarter of an hour that begins then is within the hours."""
        there = moment.astimezone(self.zone)
        minute, day = 60 * there.hour + there.minute, there.date()
        if _within(minute, self.away.get(day, ())):
            return False
        spans = (self.weekly.get(day.weekday(), ()), self.extra.get(day, ()))
        return any(_within(minute, those) for those in spans)


def _within(minute: int, spans: Iterable[Span]) -> bool:
    return any(begins <= minute < ends for begins, ends in spans)


def free(
    hours: Hours,
    *,
    minutes: int,
    since: dt.datetime,
    until: dt.datetime,
    taken: Set[dt.datetime] = frozenset(),
) -> list[dt.datetime]:
    """The beginnings, in universal time, of talks of this length that lie wholly within
    the hours and between `since` and `until`, and touch no cell that is taken.

    Talks begin at the full and the half hour of the expert's clock, and where the hours
    begin; those of a quarter of an hour at every quarter.
    """
    count = minutes // 15
    cells = list(_cells(since, until))
    is_free = [cell not in taken and hours.is_open(cell) for cell in cells]
    return [
        cell
        for at, cell in enumerate(cells[: len(cells) - count + 1])
        if all(is_free[at : at + count])
        and (
            count == 1
            or cell.astimezone(hours.zone).minute % 30 == 0
            or not hours.is_open(cell - CELL)
        )
    ]


def cells_of(starts_at: dt.datetime, length: dt.timedelta) -> list[dt.datetime]:
    return [starts_at + number * CELL for number in range(length // CELL)]


def _cells(since: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    """Those that lie wholly in between, by universal time: added to a local time, a
    quarter of an hour would not notice that the clocks are changed."""
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    cell = epoch + -(-(since - epoch) // CELL) * CELL
    while cell + CELL <= until:
        yield cell
        cell += CELL
