"""How days in a row are counted, of a challenge or of visits: dates in, numbers out."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Streak:
    """Days done without losing the thread: at most so many missed between and
    after them as there are rest days. `rest_left` may still be missed now."""

    current: int
    longest: int
    rest_left: int


def streak_of(
    done: Collection[dt.date], *, first: dt.date, open_from: dt.date, rest: int
) -> Streak:
    """`open_from` is the first day that may still be done: it, and what follows, is
    not missed yet. One more day done never makes a streak shorter."""
    known = set(done)
    days = sorted(known)
    current = missed = between = 0
    day = max(open_from - DAY, days[-1] if days else first - DAY)
    while day >= first:
        if day in known:
            current += 1
            between = missed
        elif day < open_from:
            missed += 1
            if missed > rest:
                break
        day -= DAY
    rest_left = rest - between
    return Streak(current, _longest(days, rest, open_from), rest_left)


def _longest(days: list[dt.date], rest: int, open_from: dt.date) -> int:
    """The most days with so few missed from the first to the last of them."""
    best = begin = 0
    for end, last in enumerate(days):
        while _missed(days, begin, end, min(last, open_from)) > rest:
            begin += 1
        best = max(best, end - begin + 1)
    return best


def _missed(days: list[dt.date], begin: int, end: int, until: dt.date) -> int:
    """Days over and not done, from one done day to another."""
    over = max((until - days[begin]).days, 0)
    return over - sum(day < until for day in days[begin : end + 1])


def open_days(
    first: dt.date, last: dt.date, *, now: dt.datetime, late_hours: int
) -> list[dt.date]:
    """For which days one may check in, the latest first. `now` is what the clock on
    their wall shows."""
    wall = now.replace(tzinfo=None)
    found = []
    day = min(wall.date(), last)
    while day >= first:
        closes = dt.datetime.combine(day + DAY, dt.time())
        if wall >= closes + dt.timedelta(hours=late_hours):
            break
        found.append(day)
        day -= DAY
    return found
