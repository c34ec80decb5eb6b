import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Activity, Verb
from accounts.services.activity import ensure_partitions, record_activity
from analytics.models import MemberDay, RollUp
from analytics.services import rollup
from analytics.services.rollup import rebuild, roll_up, runs
from tests.factories.accounts import make_member, make_space

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = dt.datetime(2025, 3, 30, 12, tzinfo=SHANGHAI)


def table():
    return set(
        MemberDay.objects.values_list(
            "day", "space", "member", "interactions", "content"
        )
    )


@pytest.fixture
def months(db):
    ensure_partitions(FIRST.date(), FIRST.date() + dt.timedelta(days=20))


def do(member, verb, *, days=0, count=1, space=None, hours=0):
    at = FIRST + dt.timedelta(days=days, hours=hours)
    return record_activity(member=member, verb=verb, at=at, count=count, space=space)


@pytest.mark.usefixtures("months")
def test_a_day_counts_interactions_and_content_and_is_a_visit(member):
    circle = make_space()
    do(member, Verb.REPLIED, count=2, space=circle)
    do(member, Verb.CONSUMED, count=5, space=circle)
    do(member, Verb.VISITED, days=1, space=circle)
    do(member, Verb.REFUNDED, days=2)
    do(member, Verb.QUALITY_REACHED, days=2)

    assert roll_up() == {"days": 3, "rows": 2, "rebuilt everything": 1}
    assert table() == {
        (dt.date(2025, 3, 30), circle.pk, member.pk, 2, 5),
        (dt.date(2025, 3, 31), circle.pk, member.pk, 0, 0),
    }


@pytest.mark.usefixtures("months")
def test_days_are_days_of_the_community(member):
    do(member, Verb.VISITED, hours=11)
    do(member, Verb.VISITED, hours=12)
    roll_up()

    assert [row[0].day for row in sorted(table())] == [30, 31]


@pytest.mark.usefixtures("months")
def test_only_days_with_new_lines_are_built_again(member):
    do(member, Verb.VISITED)
    do(member, Verb.VISITED, days=5)
    roll_up()
    age_the_log()

    do(member, Verb.ASKED, days=5)

    assert roll_up() == {"days": 1, "rows": 1, "rebuilt everything": 0}


@pytest.mark.usefixtures("months")
def test_everything_is_counted_again_when_the_rules_change(member, monkeypatch):
    do(member, Verb.VISITED)
    roll_up()
    age_the_log()
    monkeypatch.setattr(rollup, "INTERACTIONS", [Verb.VISITED])

    assert roll_up()["rebuilt everything"] == 1
    assert MemberDay.objects.get().interactions == 1


def age_the_log():
    """As if all that is there had arrived long before the last run."""
    Activity.objects.update(ingested_at=FIRST)


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 2),  # who
        st.sampled_from([None, 0, 1]),  # where
        st.sampled_from([Verb.ASKED, Verb.VIEWED, Verb.VISITED, Verb.REFUNDED]),
        st.integers(0, 12),  # on which day
        st.integers(0, 4),  # how often
    ),
    max_size=12,
)


@pytest.mark.usefixtures("months")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(nights=st.lists(EVENTS, min_size=1, max_size=4))
def test_any_order_of_arrival_ends_in_the_table_of_a_full_rebuild(nights):
    with transaction.atomic():
        members = [make_member(f"m{number}") for number in range(3)]
        spaces = [make_space(f"s{number}") for number in range(2)]
        for night in nights:
            for who, where, verb, days, count in night:
                space = spaces[where] if where is not None else None
                do(members[who], verb, days=days, count=count, space=space)
            roll_up()
            age_the_log()
        by_nights = table()
        rebuild()

        assert by_nights == table()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_line_committed_after_the_run_is_found_by_the_next(monkeypatch):
    """Its `ingested_at` is before the run: the time its transaction began."""
    monkeypatch.setattr(rollup, "OVERLAP", dt.timedelta(0))
    ensure_partitions(FIRST.date(), FIRST.date())
    member = make_member()
    written, may_commit = Event(), Event()

    def slow_import():
        with transaction.atomic():
            do(member, Verb.ASKED)
            written.set()
            assert may_commit.wait(10)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        importing = pool.submit(slow_import)
        try:
            assert written.wait(10)
            assert roll_up()["rows"] == 0
        finally:
            may_commit.set()
        importing.result(timeout=10)

    assert roll_up()["rows"] == 1
    assert RollUp.objects.count() == 1


def test_stretches_of_days():
    day = dt.date(2025, 1, 1)
    days = [day + dt.timedelta(days=n) for n in [0, 1, 2, 5, *range(10, 50)]]

    found = [((a - day).days, (b - day).days) for a, b in runs(days)]

    assert found == [(0, 2), (5, 5), (10, 40), (41, 49)]
