"""When an expert can be met, checked against the clock on the wall."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from content.services.slots import CELL, Hours, cells_of, free

UTC, UTC_ZONE = dt.UTC, ZoneInfo("UTC")
BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from(
    [
        *("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kathmandu"),
        *("Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "UTC"),
    ]
).map(ZoneInfo)
MOMENTS = st.timedeltas(dt.timedelta(0), dt.timedelta(days=700)).map(
    lambda passed: dt.datetime(2026, 1, 1, tzinfo=UTC) + passed
)
QUARTERS = st.integers(0, 96).map(lambda n: 15 * n)
SPANS = st.tuples(QUARTERS, QUARTERS).filter(lambda span: span[0] < span[1])
WEEKS = st.dictionaries(st.integers(0, 6), st.lists(SPANS, max_size=3), max_size=7)
LENGTHS = st.integers(1, 12).map(lambda n: 15 * n)


def starts(hours, since, days=1, minutes=60, **more):
    until = since + dt.timedelta(days=days)
    return free(hours, minutes=minutes, since=since, until=until, **more)


def on_the_wall(moments, zone):
    return [f"{it.astimezone(zone):%d %H:%M}" for it in moments]


def test_talks_begin_at_half_hours_and_end_within_the_hours():
    hours = Hours(BERLIN, {0: [(9 * 60, 11 * 60)]})
    found = starts(hours, dt.datetime(2026, 6, 1, tzinfo=UTC))  # a Monday
    assert on_the_wall(found, BERLIN) == ["01 09:00", "01 09:30", "01 10:00"]


def test_a_window_that_begins_at_a_quarter_is_used_from_there():
    hours = Hours(UTC_ZONE, {0: [(9 * 60 + 15, 10 * 60 + 15)]})
    found = starts(hours, dt.datetime(2026, 6, 1, tzinfo=UTC))
    assert on_the_wall(found, UTC_ZONE) == ["01 09:15"]


def test_hours_stay_on_the_wall_when_the_clocks_are_changed():
    hours = Hours(BERLIN, {day: [(9 * 60, 10 * 60)] for day in range(7)})
    found = starts(hours, dt.datetime(2026, 10, 23, 22, tzinfo=UTC), days=3)
    assert on_the_wall(found, BERLIN) == ["24 09:00", "25 09:00", "26 09:00"]
    assert on_the_wall(found, UTC_ZONE) == ["24 07:00", "25 08:00", "26 08:00"]
    assert on_the_wall(found, SHANGHAI) == ["24 15:00", "25 16:00", "26 16:00"]


def test_an_hour_that_is_skipped_is_not_offered_and_one_that_comes_twice_is_twice():
    hours = Hours(BERLIN, {6: [(2 * 60, 3 * 60)]})
    spring = dt.datetime(2026, 3, 28, 12, tzinfo=UTC)
    autumn = dt.datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert starts(hours, spring, minutes=15) == []
    assert len(starts(hours, autumn, minutes=15)) == 8


def test_days_that_are_otherwise():
    day = dt.date(2026, 6, 1)
    weekly = {0: [(9 * 60, 12 * 60)]}
    since = dt.datetime(2026, 6, 1, tzinfo=UTC)
    away = Hours(UTC_ZONE, weekly, away={day: [(0, 24 * 60)]})
    part = Hours(UTC_ZONE, weekly, away={day: [(10 * 60, 24 * 60)]})
    extra = Hours(UTC_ZONE, {}, extra={day: [(20 * 60, 21 * 60)]})
    assert starts(away, since) == []
    assert on_the_wall(starts(part, since), UTC_ZONE) == ["01 09:00"]
    assert on_the_wall(starts(extra, since), UTC_ZONE) == ["01 20:00"]


@given(ZONES, WEEKS, MOMENTS, LENGTHS, st.integers(1, 9))
def test_every_talk_lies_within_the_hours_on_the_experts_wall(
    zone, weekly, since, minutes, days
):
    until = since + dt.timedelta(days=days)
    for begin in free(Hours(zone, weekly), minutes=minutes, since=since, until=until):
        end = begin + dt.timedelta(minutes=minutes)
        assert since <= begin
        assert end <= until
        moment = begin
        while moment < end:  # minute by minute, not by cells
            there = moment.astimezone(zone)
            spans = weekly.get(there.weekday(), [])
            minute = there.hour * 60 + there.minute
            assert any(a <= minute < b for a, b in spans)
            moment += dt.timedelta(minutes=5)


@given(ZONES, WEEKS, MOMENTS, LENGTHS, st.data())
def test_what_is_taken_is_never_offered_and_nothing_else_goes(
    zone, weekly, since, minutes, data
):
    hours, until = Hours(zone, weekly), since + dt.timedelta(days=4)
    every = free(hours, minutes=minutes, since=since, until=until)
    length = dt.timedelta(minutes=minutes)
    booked = data.draw(st.lists(st.sampled_from(every), max_size=3)) if every else []
    taken = {cell for begin in booked for cell in cells_of(begin, length)}
    left = free(hours, minutes=minutes, since=since, until=until, taken=taken)
    assert left == [it for it in every if taken.isdisjoint(cells_of(it, length))]


@given(ZONES, WEEKS, MOMENTS, LENGTHS, st.integers(0, 2880))
def test_what_is_offered_does_not_depend_on_when_one_looks(
    zone, weekly, since, minutes, later
):
    hours, until = Hours(zone, weekly), since + dt.timedelta(days=4)
    every = free(hours, minutes=minutes, since=since, until=until)
    then = since + dt.timedelta(minutes=later)
    seen = free(hours, minutes=minutes, since=then, until=until)
    assert seen == [it for it in every if it >= then]


@given(MOMENTS, LENGTHS)
def test_cells_fill_the_whole_talk(begin, minutes):
    cells = cells_of(begin, dt.timedelta(minutes=minutes))
    assert cells[0] == begin
    assert cells[-1] + CELL == begin + dt.timedelta(minutes=minutes)
    assert len(set(cells)) == minutes // 15
