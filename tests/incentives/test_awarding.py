import datetime as dt
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Activity, Role, Verb
from accounts.services import ledger
from accounts.services.roles import grant_role
from incentives.models import Award
from incentives.services import awarding
from incentives.services.awarding import award_all, award_for, award_recent
from incentives.services.points import balance
from tests.factories.accounts import make_member, make_space
from tests.incentives.deeds import DAY, HOUR, do, noon, on_days, rule, worth

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log")]


def test_a_cap_of_the_day_leaves_the_rest_of_it(member):
    rule(cap_day=25)
    today = [do(member, at=noon() + n * HOUR) for n in range(4)]

    assert worth(*today, do(member, at=noon(1))) == [10, 10, 5, 0, 10]
    assert Award.objects.get(activity_id=today[3].pk).outcome == "capped"


def test_a_cap_of_the_week_and_one_of_all_time(member):
    rule(cap_week=20, cap_all=40)

    assert worth(*on_days(member, 0, 1, 2)) == [10, 10, 0]
    assert worth(*on_days(member, 7, 8, 14)) == [10, 10, 0]


def test_each_further_one_of_the_day_pays_less(member):
    rule(further_percent=50)
    today = [do(member, at=noon() + n * HOUR) for n in range(5)]

    assert worth(*today, do(member, at=noon(1))) == [10, 5, 2, 1, 0, 10]


def test_a_pause_after_a_payment(member):
    rule(rest_minutes=60)
    minutes = [dt.timedelta(minutes=n) for n in (0, 59, 60, 119, 121)]

    assert worth(*[do(member, at=noon() + it) for it in minutes]) == [10, 0, 10, 0, 10]


def test_only_the_third_time(member, other_member):
    rule(turn="nth", turn_number=3)

    assert worth(*on_days(member, 0, 1, 2, 3)) == [0, 0, 10, 0]
    assert worth(do(other_member)) == [0]


def test_a_first_time_that_was_removed_does_not_come_again(member):
    rule(Verb.REPLIED, turn="nth", turn_number=1)
    for pk in (1, 2):
        do(member, Verb.REPLIED, pk, "post")
    do(member, Verb.POST_REMOVED, 1, "post", at=noon(1))

    assert award_recent() == 1
    assert award_recent() == 0
    assert balance(member) == 0


def test_a_repetition_is_not_paid_when_the_first_one_falls(member):
    rule(once_a_thing=True, undone_by=Verb.LEFT_SPACE)
    do(member)
    do(member, at=noon() + HOUR)
    do(member, Verb.LEFT_SPACE, at=noon(1))

    assert award_recent() == 1
    assert award_recent() == 0
    assert Award.objects.count() == 1


def test_each_second_time(member):
    rule(turn="each_nth", turn_number=2)

    assert worth(*on_days(member, 0, 1, 2, 3, 4)) == [0, 10, 0, 10, 0]


def test_a_streak_pays_and_begins_again(member):
    rule(turn="streak", turn_number=3)

    assert worth(*on_days(member, 0, 0, 1, 2, 2, 3, 4, 5)) == [
        *(0, 0, 0, 10, 0),
        *(0, 0, 10),
    ]
    assert worth(*on_days(member, 7, 8, 10, 11)) == [0, 0, 0, 0]


def test_the_same_thing_counts_once(member):
    rule(once_a_thing=True, turn="each_nth", turn_number=2)

    assert worth(do(member), do(member), do(member, pk=2)) == [0, 0, 10]


def test_the_conditions_of_a_rule(member):
    space, elsewhere = make_space(), make_space("elsewhere")
    rule(
        space=space,
        kind="thing",
        detail="stars",
        detail_from=4,
        detail_to=5,
        role=Role.MENTOR,
    )
    grant_role(member=member, role=Role.MENTOR)
    member.role_grants.update(granted_at=noon(-1))
    good = {"space": space, "stars": 4}

    assert worth(do(member, **good)) == [10]
    for change in (
        {"space": elsewhere},
        {"space": None},
        {"kind": "other"},
        {"stars": 3},
        {"stars": 6},
        {"at": noon(-2)},  # no mentor yet
    ):
        assert worth(do(member, **{**good, **change})) == [0]


def test_points_for_each_count_up_to_a_bound(member):
    rule(points=3, per="count", most=10)
    rule(Verb.QUIZ_PASSED, points=2, per="score")

    assert worth(do(member, count=2), do(member, count=9)) == [6, 10]
    quiz = Verb.QUIZ_PASSED
    assert worth(do(member, quiz, score=7), do(member, quiz)) == [14, 0]


def test_several_rules_pay_for_one_deed_each_once(member):
    rule()
    rule(points=1, turn="nth")
    deed = do(member)

    assert worth(deed, deed) == [11, 0]
    assert worth(do(member)) == [10]


@pytest.mark.parametrize("name", ["asker", "by", "expert", "other", "whom"])
def test_nobody_is_paid_for_what_they_did_to_themselves(member, name):
    rule()

    assert worth(do(member, **{name: member.pk})) == [0]


def test_a_removed_thing_takes_its_points_along_and_brings_them_back(member):
    rule(Verb.REPLIED, once_a_thing=True)
    deed = do(member, Verb.REPLIED, 7, "post")
    gone = do(member, Verb.POST_REMOVED, 7, "post", at=noon(1))
    back = do(member, Verb.POST_RESTORED, 7, "post", at=noon(2))

    award_for(deed)
    award_for(gone)
    assert balance(member) == 0
    award_for(back)
    for _ in range(2):
        award_recent()  # hears of all three again
    assert balance(member) == 10
    award_for(do(member, Verb.POST_REMOVED, 7, "post", at=noon(3)))
    assert balance(member) == 0
    assert ledger.check() == {}


def test_showing_a_thing_again_brings_back_nothing_that_fell_later(member):
    rule(Verb.REPLIED)
    deed = do(member, Verb.REPLIED, 7, "post")
    award_for(deed)
    acts = [Verb.POST_RESTORED, Verb.POST_REMOVED, Verb.POST_RESTORED]
    for day, verb in enumerate([*acts, Verb.POST_RESTORED, Verb.POST_REMOVED], 1):
        do(member, verb, 7, "post", at=noon(day))

    for _ in range(3):
        award_recent()
        assert balance(member) == 0
    assert Award.objects.count() == 2


def test_the_sweep_writes_many_at_once_and_each_once(member, other_member):
    rule(cap_day=30)
    for n in range(5):
        do(member, at=noon() + n * HOUR)
        do(other_member, at=noon() + n * HOUR)

    assert award_recent() == 6
    assert award_recent() == 0
    assert (balance(member), balance(other_member)) == (30, 30)


def test_what_came_between_reading_and_writing_is_paid_once(member, monkeypatch):
    rule(cap_all=10)
    first, second = on_days(member, 0, 1)
    decide = awarding.decide

    def slowly(*args):
        found = list(decide(*args))
        monkeypatch.setattr(awarding, "decide", decide)
        award_for(second)
        return found

    monkeypatch.setattr(awarding, "decide", slowly)

    assert award_recent() == 0
    assert balance(member) == 10
    assert Award.objects.get(activity_id=first.pk).outcome == "capped"


def test_erased_members_are_paid_nothing(member):
    rule()
    deed = do(member)
    type(member).objects.filter(pk=member.pk).update(erased_at=timezone.now())

    assert award_for(deed) == []
    assert award_recent() == 0


def test_the_bell_rings_for_a_rule_on_any_verb(
    member, django_capture_on_commit_callbacks
):
    rule(Verb.VOTED, since=timezone.now() - DAY)
    with django_capture_on_commit_callbacks(execute=True):
        do(member, Verb.VOTED, at=timezone.now())

    assert balance(member) == 10


SPREAD = st.lists(
    st.tuples(
        st.integers(0, 1),  # who
        st.sampled_from(
            [Verb.REPLIED] * 5 + [Verb.POST_REMOVED, Verb.POST_RESTORED, Verb.LIKED]
        ),
        st.integers(1, 3),  # what
        st.integers(0, 200),  # hours later
    ),
    max_size=14,
)
TERMS = st.fixed_dictionaries(
    {
        "once_a_thing": st.booleans(),
        "cap_day": st.sampled_from([None, 15]),
        "cap_week": st.sampled_from([None, 33]),
        "cap_all": st.sampled_from([None, 70]),
        "further_percent": st.sampled_from([100, 50]),
        "further_in": st.sampled_from(["day", "week"]),
        "rest_minutes": st.sampled_from([0, 90]),
        "turn": st.sampled_from(["every", "every", "nth", "each_nth", "streak"]),
        "turn_number": st.integers(1, 3),
        "undone_by": st.sampled_from(["", Verb.LIKED]),
    }
)


@pytest.fixture
def people(db):
    return [make_member("one"), make_member("two")]


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def settled():
    """What stands written, without the numbers of the rows."""
    names = ("activity_id", "rule_id", "points", "outcome", "undone_at", "fell_by")
    return sorted(Award.objects.values_list(*names), key=str)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=SPREAD, one=TERMS, two=TERMS)
def test_bell_and_batch_come_to_the_same(people, deeds, one, two):
    with rolled_back():
        rule(Verb.REPLIED, 10, **one)
        rule(Verb.REPLIED, 7, **two)
        told = [
            do(people[who], verb, pk, "post", at=noon() + hours * HOUR)
            for who, verb, pk, hours in sorted(deeds, key=lambda it: it[3])
        ]
        told.sort(key=lambda it: (it.at, it.pk))
        with rolled_back():
            for deed in told:
                award_for(deed)
            by_bell = settled()
            assert ledger.check() == {}
        award_all(Activity.objects.all())
        assert settled() == by_bell
        award_all(Activity.objects.all())
        assert settled() == by_bell
