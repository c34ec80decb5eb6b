"""Who cancels when and who gets what; who is believed about what took place."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.services.appointment_rules import (
    BACK,
    TABLE,
    Outcome,
    Record,
    Who,
    confirm_by,
    next_reminder,
    outcome,
    part_back,
)

START = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
END = START + dt.timedelta(hours=1)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
ASKER, EXPERT = Who.ASKER, Who.EXPERT


@pytest.mark.parametrize(
    ("who", "ahead", "back"),
    [
        (ASKER, 30 * DAY, 100),
        (ASKER, DAY, 100),
        (ASKER, DAY - SECOND, 50),
        (ASKER, SECOND, 50),
        (ASKER, 0 * DAY, None),
        (ASKER, -HOUR, None),
        (EXPERT, 30 * DAY, 100),
        (EXPERT, DAY - SECOND, 100),
        (EXPERT, SECOND, 100),
        (EXPERT, 0 * DAY, None),
    ],
)
def test_who_cancels_when_and_what_goes_back(who, ahead, back):
    assert part_back(who, START - ahead, START) == back


@given(st.timedeltas(SECOND, 60 * DAY), st.timedeltas(SECOND, 60 * DAY))
def test_who_cancels_earlier_never_gets_less(ahead, more):
    later = part_back(ASKER, START - ahead, START)
    assert part_back(ASKER, START - ahead - more, START) >= later


def test_every_row_of_the_table_that_is_shown_is_the_one_that_counts():
    for rule in TABLE:
        at = START - max(rule.ahead, SECOND)
        assert part_back(rule.who, at, START) == rule.back
        assert rule.back + rule.rest == 100


@pytest.mark.parametrize(
    ("asker", "expert", "passed", "found"),
    [
        # Neither says anything.
        (Record(), Record(), 7 * DAY - SECOND, None),
        (Record(), Record(), 7 * DAY, Outcome.DONE),
        # Both say the same, or not.
        (Record("held"), Record("held"), SECOND, Outcome.DONE),
        (Record("held"), Record("alone"), SECOND, Outcome.DISPUTED),
        (Record("alone"), Record("held"), SECOND, Outcome.DISPUTED),
        (Record("alone"), Record("alone"), SECOND, Outcome.DISPUTED),
        # One says of oneself not to have been there.
        (Record("away"), Record(), SECOND, Outcome.ASKER_MISSED),
        (Record(), Record("away"), SECOND, Outcome.EXPERT_MISSED),
        (Record("away"), Record("alone"), SECOND, Outcome.ASKER_MISSED),
        (Record("away"), Record("away"), SECOND, Outcome.EXPERT_MISSED),
        (Record("away"), Record("held"), SECOND, Outcome.DISPUTED),
        # One says that it took place.
        (Record("held"), Record(), 3 * DAY - SECOND, None),
        (Record("held"), Record(), 3 * DAY, Outcome.DONE),
        (Record(), Record("held"), 3 * DAY, Outcome.DONE),
        # One says that the other was not there.
        (Record("alone"), Record(), 3 * DAY - SECOND, None),
        (Record("alone"), Record(), 3 * DAY, Outcome.EXPERT_MISSED),
        (Record(), Record("alone"), 3 * DAY, Outcome.ASKER_MISSED),
        (Record("alone", came=True), Record(), 3 * DAY, Outcome.EXPERT_MISSED),
        # The records speak for who is said to have been absent.
        (Record("alone"), Record(came=True), 3 * DAY, Outcome.DISPUTED),
        (Record(came=True), Record("alone"), 3 * DAY, Outcome.DISPUTED),
    ],
)
def test_what_is_known_afterwards(asker, expert, passed, found):
    said_at = END if asker.says or expert.says else None
    known = outcome(
        asker=asker, expert=expert, ends_at=END, said_at=said_at, now=END + passed
    )
    assert known == found


def test_time_to_answer_counts_from_the_end_when_one_spoke_before_it():
    told = {"asker": Record("held"), "expert": Record(), "ends_at": END}
    told["said_at"] = END - HOUR
    assert outcome(**told, now=END + 3 * DAY - SECOND) is None
    assert outcome(**told, now=END + 3 * DAY) == Outcome.DONE


def test_only_who_was_let_down_gets_something_back():
    assert BACK == {
        Outcome.DONE: 0,
        Outcome.ASKER_MISSED: 0,
        Outcome.EXPERT_MISSED: 100,
    }


def test_the_expert_has_two_days_but_not_longer_than_until_shortly_before():
    assert confirm_by(START - 9 * DAY, START) == START - 7 * DAY
    assert confirm_by(START - 5 * HOUR, START) == START - 2 * HOUR


@pytest.mark.parametrize(
    ("before", "at"),
    [(3 * DAY, DAY), (DAY, HOUR), (2 * HOUR, HOUR), (HOUR, None), (SECOND, None)],
)
def test_reminders_come_a_day_and_an_hour_before(before, at):
    expected = None if at is None else START - at
    assert next_reminder(START, START - before) == expected
