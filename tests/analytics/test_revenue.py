import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import ShareAgreement, SubscriptionPhase
from accounts.services import gifts, refunds, renewals, subscriptions
from accounts.services.activity import ensure_partitions
from analytics.services import revenue
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer, make_plan

pytestmark = pytest.mark.django_db

BEGIN = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


@pytest.fixture
def clock(db):
    ensure_partitions(BEGIN.date(), BEGIN.date() + dt.timedelta(days=400))
    with time_machine.travel(BEGIN, tick=False) as clock:
        yield clock


def days(clock, number):
    for _ in range(number):
        clock.shift(dt.timedelta(days=1))
        renewals.advance_all()


def month(number):
    """The movements of a month of 2026."""
    found = {m.first_day.month: m for m in revenue.movements("CNY")}
    return found[number]


def moves(number):
    found = month(number)
    names = ("new", "reactivation", "resumed", "expansion", "contraction", "paused")
    told = {name: getattr(found, name) for name in (*names, "churn")}
    return {name: amount for name, amount in told.items() if amount}


def test_a_plan_is_new_once_and_stays(clock, member):
    buy(member, make_plan(price=1200))
    days(clock, 70)

    assert moves(1) == {"new": 1200}
    assert moves(2) == moves(3) == {}
    assert (month(3).after, month(3).arpu) == (1200, 1200)


def test_a_free_month_does_not_lower_it(clock, member):
    buy(member, make_plan(price=1200, save_days=30))
    subscriptions.stay(member=member)
    days(clock, 60)

    assert [month(n).after for n in (1, 2)] == [1200, 1200]


def test_a_change_is_an_expansion_not_a_churn(clock, member):
    buy(member, make_plan(price=1200))
    days(clock, 40)
    buy(member, make_plan("big", price=3000))
    days(clock, 30)

    assert moves(2) == {"expansion": 1800}
    assert moves(3) == {}


def test_a_gift_and_what_is_bought_once_count_nothing(clock, member):
    friend = make_member("friend")
    order = buy(member, make_plan(price=1200), is_gift=True)
    gifts.redeem(code=order.gift.code, member=friend)
    buy(member, make_offer("course", what="item:1", days=None))
    days(clock, 40)

    assert month(1).after == 0


def test_a_refund_of_the_plan_is_its_churn(clock, member):
    order = buy(member, make_plan(price=1200))
    days(clock, 28)

    refunds.refund(order=order)

    days(clock, 28)
    assert moves(2) == {"churn": 1200}
    assert month(2).churned_share == 1


def test_a_pause_is_no_churn(clock, member):
    buy(member, make_plan(price=1200))
    days(clock, 20)
    subscriptions.pause(member=member, until=dt.datetime(2026, 3, 10, tzinfo=dt.UTC))
    days(clock, 60)

    assert (moves(1), moves(2)) == ({}, {})
    assert moves(3) == {"resumed": 1200}


def test_who_comes_back_is_not_new(clock, member):
    plan = make_plan(price=1200, grace_days=0)
    buy(member, plan, method="")
    days(clock, 60)
    assert moves(2) == {"churn": 1200}

    buy(member, plan)
    days(clock, 30)

    assert moves(3) == {"reactivation": 1200}


spans = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 300),
        st.integers(1, 120),
        st.sampled_from([0, 1000, 2500]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(spans=spans)
def test_beginning_and_movements_make_the_end(db, spans):
    """Whatever the history: every month's end follows, and is the next one's start."""
    with transaction.atomic():
        members = [make_member(f"m{n}") for n in range(4)]
        plan = make_plan(slug="p", price=1000)
        subs = [
            subscriptions.Subscription.objects.create(
                member=m,
                offer=plan,
                state="paying",
                anchor_at=BEGIN,
                period_ends_at=BEGIN,
            )
            for m in members
        ]
        for who, start, length, monthly, is_paused in spans:
            starts_at = BEGIN + dt.timedelta(days=start)
            SubscriptionPhase.objects.create(
                subscription=subs[who],
                member=members[who],
                offer=plan,
                state="paused" if is_paused else "paying",
                monthly=0 if is_paused else monthly,
                currency="CNY",
                starts_at=starts_at,
                ends_at=starts_at + dt.timedelta(days=length),
            )
        now = BEGIN + dt.timedelta(days=430)
        found = revenue.movements("CNY", 14, now)
        transaction.set_rollback(True)

    for it in found:
        gains = it.new + it.reactivation + it.resumed + it.expansion
        assert it.before + gains - it.contraction - it.paused - it.churn == it.after
    for newer, older in pairwise(found):
        assert newer.before == older.after


def test_a_month_is_the_same_whoever_looks(clock, member):
    clock.move_to(dt.datetime(2026, 3, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    buy(member, make_plan(price=3000))
    clock.shift(dt.timedelta(days=3))

    here = revenue.movements("CNY"), revenue.sales("month", "CNY", BEGIN)
    with timezone.override("America/Los_Angeles"):
        there = revenue.movements("CNY"), revenue.sales("month", "CNY", BEGIN)

    assert here == there
    assert here[0][0].first_day == dt.date(2026, 3, 1)
    assert here[0][0].new == 3000
    assert [line.name for line in here[1]] == ["2026-03"]


def test_what_has_the_same_name_is_not_added_up(clock, member):
    for handle in ("lin", "wei"):
        creator = make_member(handle, name="Lin Wei")
        buy(member, make_offer(handle, creator=creator))

    names = [line.name for line in revenue.sales("creator", "CNY", BEGIN)]

    assert sorted(names) == ["Lin Wei @lin", "Lin Wei @wei"]


def test_sales_agree_with_the_books(clock, client, operator, member):
    author = make_member("author")
    ShareAgreement.objects.create(creator=author, per_mille=500, starts_on="2020-01-01")
    course = make_offer("course", what="item:1", days=None, creator=author)
    refunds.refund(order=buy(member, course), amount=900)
    buy(member, make_plan(price=1200))

    by_offer = {s.name: s for s in revenue.sales("offer", "CNY", BEGIN)}
    by_creator = {s.name: s for s in revenue.sales("creator", "CNY", BEGIN)}

    sold = by_offer["Course"]
    assert (sold.gross, sold.refunds, sold.shares) == (9900, 900, 4500)
    assert by_creator["Author @author"].net == sold.net == 9900 - 900 - sold.fees - 4500
    client.force_login(operator)
    assert "¥12" in client.get("/admin/analytics/revenue/").content.decode()
