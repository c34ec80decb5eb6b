import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from community.lib.streaks import open_days, streak_of

FIRST = dt.date(2027, 3, 1)
DAYS = 25


def day(number):
    return FIRST + dt.timedelta(days=number)


done = st.sets(st.integers(0, DAYS - 1).map(day))
open_from = st.integers(0, DAYS).map(day)
rest = st.integers(0, 4)


def slow(done, open_from, rest):
    """Every stretch from one done day to another, counted day by day."""

    def missed(a, b):
        between = (day(it) for it in range(a, b + 1))
        return sum(it not in done and it < open_from for it in between)

    numbers = sorted((it - FIRST).days for it in done)
    stretches = [
        (a, b, sum(a <= it <= b for it in numbers))
        for a in numbers
        for b in numbers
        if a <= b and missed(a, b) <= rest
    ]
    longest = max((number for _a, _b, number in stretches), default=0)
    until = max([(open_from - FIRST).days - 1, *numbers])
    current = max(
        (
            number
            for a, b, number in stretches
            if b == max(numbers) and missed(a, until) <= rest
        ),
        default=0,
    )
    return current, longest


def test_rest_days_keep_a_streak_and_one_more_missed_ends_it():
    three = {day(0), day(1), day(3)}

    def streak(until, rest):
        found = streak_of(three, first=FIRST, open_from=day(until), rest=rest)
        return found.current, found.longest, found.rest_left

    assert streak(4, rest=1) == (3, 3, 0)
    assert streak(5, rest=1) == (1, 3, 0)
    assert streak(5, rest=2) == (3, 3, 0)
    assert streak(4, rest=0) == (1, 2, 0)
    assert streak(9, rest=1) == (0, 3, 1)


def test_a_day_that_is_still_open_is_not_missed():
    assert streak_of({day(0)}, first=FIRST, open_from=day(1), rest=0).current == 1


@given(done, open_from, rest)
def test_streaks_are_what_counting_by_hand_says(done, open_from, rest):
    found = streak_of(done, first=FIRST, open_from=open_from, rest=rest)
    assert (found.current, found.longest) == slow(done, open_from, rest)
    assert 0 <= found.current <= found.longest <= len(done)
    assert 0 <= found.rest_left <= rest


@given(done, open_from, rest, st.integers(0, DAYS - 1).map(day))
def test_one_more_day_never_makes_a_streak_shorter(done, open_from, rest, more):
    before = streak_of(done, first=FIRST, open_from=open_from, rest=rest)
    after = streak_of(done | {more}, first=FIRST, open_from=open_from, rest=rest)
    assert after.longest >= before.longest
    if more < open_from:
        assert after.current >= before.current


def test_a_day_is_open_until_some_hours_after_its_end():
    last = day(2)

    def open_at(number, hour):
        now = dt.datetime.combine(day(number), dt.time(hour))
        return open_days(FIRST, last, now=now, late_hours=12)

    assert open_at(-1, 23) == []
    assert open_at(0, 0) == [day(0)]
    assert open_at(1, 11) == [day(1), day(0)]
    assert open_at(1, 12) == [day(1)]
    assert open_at(3, 11) == [last]
    assert open_at(3, 12) == []


@given(st.integers(-30, 24 * 40), st.integers(0, 48))
def test_only_days_of_the_challenge_that_have_begun_are_open(hours, late):
    now = dt.datetime.combine(FIRST, dt.time()) + dt.timedelta(hours=hours)
    found = open_days(FIRST, day(DAYS - 1), now=now, late_hours=late)
    assert len(found) <= 3
    for it in found:
        assert FIRST <= it <= min(day(DAYS - 1), now.date())
        closes = dt.datetime.combine(it, dt.time()) + dt.timedelta(hours=24 + late)
        assert now < closes
