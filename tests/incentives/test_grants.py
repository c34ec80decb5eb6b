import datetime as dt

import pytest
from django.utils import timezone

from accounts.errors import KeyReused, NotEnough, TooMuch
from accounts.models import Lot
from accounts.services import held, ledger
from accounts.services.ledger import Line
from incentives.models import Grant, Reversal
from incentives.services.points import (
    Row,
    balance,
    expire,
    give_back,
    grant,
    grant_many,
    mature,
    pending,
    spend,
    take_back,
)
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SOON, LATER = NOW + dt.timedelta(days=3), NOW + dt.timedelta(days=90)


def give(member, points=10, key="g", **when):
    return grant(member=member, points=points, key=key, cause="a test", **when)


def use(member, points, key="s"):
    return spend(member=member, points=points, key=key, cause="a test")


def lots(member):
    rows = Lot.objects.filter(account__member=member).order_by("pk")
    return [(lot.remaining, lot.expires_at) for lot in rows]


@pytest.fixture(autouse=True)
def ends_in_order():
    yield
    assert ledger.check() == {}


def test_what_waits_is_usable_from_its_date_and_only_once(member):
    give(member, matures_at=SOON)
    give(member, matures_at=SOON)
    assert (pending(member), balance(member)) == (10, 0)
    with pytest.raises(NotEnough):
        use(member, 1)

    assert mature(SOON - dt.timedelta(seconds=1)) == 0
    assert mature(SOON) == 1
    assert mature(SOON) == 0
    give(member, matures_at=SOON)
    assert (pending(member), balance(member)) == (0, 10)


def test_a_key_that_comes_with_another_sum_is_refused(member):
    give(member)

    with pytest.raises(KeyReused):
        give(member, 11)


def test_what_falls_is_taken_from_what_waits(member):
    give(member, matures_at=SOON)
    give(member, 5, key="other")

    assert take_back(key="t1", of="g", points=4) == 4
    assert take_back(key="t1", of="g", points=4) == 4
    assert (pending(member), balance(member)) == (6, 5)
    assert take_back(key="t2", of="g") == 6
    assert take_back(key="t3", of="g") == 0
    assert (pending(member), balance(member)) == (0, 5)
    assert mature(SOON) == 0


def test_nobody_falls_below_zero_and_what_was_used_is_noted(member):
    give(member)
    use(member, 7)

    assert take_back(key="t", of="g") == 3

    assert balance(member) == 0
    assert Reversal.objects.get().short == 7
    give(member, 50, key="later")
    assert take_back(key="again", of="g") == 0
    assert balance(member) == 50


def test_points_that_came_before_grants_were_kept_can_be_taken_back(member):
    lines = [Line(held.MEMBER, 9, member), Line(held.HOUSE, -9)]
    ledger.post(key="award:1", unit="points", cause="earned", lines=lines)

    assert take_back(key="undo:1", of="award:1") == 9
    assert take_back(key="undo:2", of="unknown") == 0
    assert balance(member) == 0


def test_what_ends_first_is_used_first_and_what_lasts_at_the_end(member):
    give(member, 10, key="lasts")
    give(member, 10, key="late", expires_at=LATER)
    give(member, 10, key="soon", expires_at=SOON)

    use(member, 15)
    assert lots(member) == [(5, LATER), (0, SOON)]

    use(member, 6, key="s2")
    assert lots(member) == [(0, LATER), (0, SOON)]
    assert balance(member) == 9
    assert expire(LATER) == 0


def test_of_two_lots_that_end_together_the_older_is_used_first(member):
    give(member, 10, key="first", expires_at=SOON)
    give(member, 10, key="second", expires_at=SOON)

    use(member, 12)

    assert lots(member) == [(0, SOON), (8, SOON)]


def test_what_was_not_used_in_time_ends_once(member):
    give(member, 10, key="lasts")
    give(member, 10, key="ends", expires_at=SOON)
    use(member, 4)

    assert expire(SOON - dt.timedelta(seconds=1)) == 0
    assert expire(SOON) == 6
    assert expire(SOON) == 0
    assert balance(member) == 10
    assert ledger.house_balance(kind=held.EXPIRED, unit="points") == 6


def test_a_spend_undone_in_part_is_as_if_less_had_been_spent(member):
    give(member, 10, key="soon", expires_at=SOON)
    give(member, 10, key="late", expires_at=LATER)
    give(member, 10, key="lasts")
    use(member, 26)

    give_back(key="b1", of="s", points=8)
    give_back(key="b1", of="s", points=8)
    assert lots(member) == [(0, SOON), (2, LATER)]

    give_back(key="b2", of="s", points=18)
    assert lots(member) == [(10, SOON), (10, LATER)]
    assert balance(member) == 30
    with pytest.raises(TooMuch):
        give_back(key="b3", of="s", points=1)


def test_what_comes_back_after_its_date_can_be_used_for_two_weeks(member):
    give(member, 10, expires_at=NOW - dt.timedelta(days=1))
    use(member, 10)

    give_back(key="b", of="s")

    ((points, until),) = lots(member)
    assert points == 10
    assert dt.timedelta(days=13) < until - NOW < dt.timedelta(days=15)


def test_what_was_put_up_and_comes_back_keeps_its_date(member):
    give(member, 10, expires_at=SOON)
    held.hold_points(key="x:1:held", member=member, points=6)
    assert lots(member) == [(4, SOON)]

    held.return_points(key="x:1:back", to=member, points=6)

    assert lots(member) == [(10, SOON)]


def test_maturing_points_have_the_end_they_were_given_with(member):
    give(member, matures_at=SOON, expires_at=LATER)
    mature(SOON)

    assert lots(member) == [(10, LATER)]


def test_a_batch_grants_what_one_by_one_would(member):
    other = make_member("other")
    rows = [
        Row(member.pk, 3, "a", "earned"),
        Row(other.pk, 4, "b", "earned", matures_at=LATER),
        Row(member.pk, 5, "c", "earned", "award", 7, expires_at=LATER),
        Row(member.pk, 3, "a", "earned"),
    ]

    assert grant_many(rows) == set()
    assert grant_many([*rows, Row(other.pk, 1, "d", "earned")]) == set()

    assert (balance(member), balance(other), pending(other)) == (8, 1, 4)
    assert lots(member) == [(5, LATER)]
    assert Grant.objects.count() == 4
    with pytest.raises(KeyReused):
        grant_many([Row(member.pk, 4, "a", "earned")])
