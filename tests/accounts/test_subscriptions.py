import datetime as dt
from calendar import monthrange

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.core import mail as outbox
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import NotNow
from accounts.models import Bundle, Entitlement, Order, Payment, Subscription
from accounts.services import (
    entitlements,
    ledger,
    orders,
    payments,
    refunds,
    renewals,
    subscriptions,
)
from accounts.services.activity import ensure_partitions
from accounts.services.subscriptions import next_end
from tests.factories.accounts import make_member
from tests.factories.billing import (
    buy,
    make_offer,
    make_plan,
    notice,
    receive,
    start,
)

pytestmark = pytest.mark.django_db

JANUARY = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


@pytest.fixture
def clock(db):
    ensure_partitions(JANUARY.date(), JANUARY.date() + dt.timedelta(days=800))
    with time_machine.travel(JANUARY, tick=False) as clock:
        yield clock


def holds(member, what="membership"):
    return Entitlement.objects.in_force().filter(member=member, what=what).exists()


def plan_of(member):
    return subscriptions.running(member)


def days_pass(clock, days, step=1):
    """Hour of the clock's job once a day, as it would run."""
    for _ in range(0, days, step):
        clock.shift(dt.timedelta(days=step))
        renewals.advance_all()


def test_a_month_is_a_calendar_month_and_comes_back_to_its_day(clock, member):
    plan = make_plan()
    for _ in range(3):
        buy(member, plan)

    ends = Entitlement.objects.order_by("starts_at").values_list("ends_at", flat=True)
    assert [(e.month, e.day) for e in ends] == [(2, 28), (3, 31), (4, 30)]


@given(
    day=st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)),
    months=st.integers(1, 24),
    periods=st.integers(1, 30),
)
def test_periods_never_drift(day, months, periods):
    anchor = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    term = relativedelta(months=months)
    end = anchor
    for _ in range(periods):
        assert next_end(anchor, term, end) > end
        end = next_end(anchor, term, end)
    began, ended = timezone.localtime(anchor), timezone.localtime(end)
    assert (ended.hour, ended.minute) == (began.hour, began.minute)
    passed = (ended.year - began.year) * 12 + ended.month - began.month
    assert passed == months * periods
    last = monthrange(ended.year, ended.month)[1]
    assert ended.day == min(began.day, last)


def test_a_saved_method_is_charged_the_day_before_the_end(clock, member):
    buy(member, make_plan())

    days_pass(clock, 60)

    assert Order.objects.filter(state="paid", kind="renewal").count() == 2
    assert holds(member)
    assert ledger.check() == {}
    assert not outbox.outbox


def test_a_declined_charge_is_tried_again_then_grace_then_the_end(clock, member):
    buy(member, make_plan(grace_days=7), method="bad")

    days_pass(clock, 28)  # the day of the end
    assert plan_of(member).state == Subscription.State.GRACE
    assert holds(member)
    days_pass(clock, 6)
    assert holds(member)
    days_pass(clock, 1)

    assert not holds(member)
    assert plan_of(member) is None
    assert Payment.objects.filter(state="declined").count() == 4
    assert Order.objects.filter(kind="renewal").count() >= 1
    told = list(member.mails.values_list("template", flat=True))
    assert told.count("plan_charge_declined") == 4
    assert told.count("plan_late") == told.count("plan_ended") == 1


def test_paying_in_grace_loses_and_gains_no_day(clock, member):
    plan = make_plan()
    buy(member, plan, method="")
    end = plan_of(member).period_ends_at
    days_pass(clock, 31)
    assert plan_of(member).state == Subscription.State.GRACE

    buy(member, plan, method="")

    bought = Entitlement.objects.filter(source="order").order_by("starts_at")
    assert bought[1].starts_at == end
    assert plan_of(member).state == Subscription.State.PAYING
    assert Entitlement.objects.get(source="grace").revoked_at


def test_who_pays_by_hand_is_reminded_at_7_3_and_1_days_once_each(clock, member):
    buy(member, make_plan(), method="")

    for _ in range(27 * 4):
        clock.shift(dt.timedelta(hours=6))
        renewals.advance_all()

    keys = sorted(m.key.split(":")[0] for m in member.mails.all() if "remind" in m.key)
    assert keys == ["remind-1", "remind-3", "remind-7"]


def test_cancelling_means_no_renewal_and_what_is_paid_stays(clock, member):
    buy(member, make_plan())

    subscriptions.cancel(member=member, reason="price")
    days_pass(clock, 27)
    assert holds(member)
    days_pass(clock, 2)

    assert not holds(member)
    assert Order.objects.count() == 1
    assert Subscription.objects.get().cancel_reason == "price"


def test_a_cancellation_can_be_taken_back(clock, member):
    buy(member, make_plan())
    subscriptions.cancel(member=member, reason="price")

    subscriptions.renew_after_all(member=member)
    days_pass(clock, 30)

    assert Order.objects.filter(kind="renewal", state="paid").count() == 1


def test_staying_is_thanked_with_days_once(clock, member):
    buy(member, make_plan(save_days=14))
    end = plan_of(member).period_ends_at

    subscriptions.stay(member=member)

    assert plan_of(member).period_ends_at == end + dt.timedelta(days=14)
    with pytest.raises(NotNow):
        subscriptions.stay(member=member)


def test_a_trial_is_once_and_ends_by_itself(clock, member):
    plan = make_plan(trial_days=14)

    subscriptions.start_trial(member=member, offer=plan)
    assert holds(member)
    days_pass(clock, 14)

    assert not holds(member)
    assert plan_of(member) is None
    with pytest.raises(NotNow):
        subscriptions.start_trial(member=member, offer=plan)
    assert Order.objects.count() == 0


def test_paying_in_a_trial_begins_when_the_trial_ends(clock, member):
    plan = make_plan(trial_days=10)
    subscriptions.start_trial(member=member, offer=plan)

    buy(member, plan)

    bought = Entitlement.objects.get(source="order")
    assert bought.starts_at == timezone.now() + dt.timedelta(days=10)
    assert plan_of(member).state == Subscription.State.PAYING


def test_a_better_plan_begins_at_once_and_the_rest_is_credited(clock, member):
    buy(member, make_plan(price=2800))
    clock.shift(dt.timedelta(days=7))
    year = make_plan("yearly", price=30000, months=12)

    order = buy(member, year)

    assert (order.price, order.credit, order.amount) == (30000, 2100, 27900)
    held = Entitlement.objects.in_force().get()
    assert held.ends_at == timezone.now() + relativedelta(years=1)
    assert plan_of(member).offer == year
    assert ledger.house_balance(kind="revenue", unit="CNY") == -(2800 + 27900)


def test_a_refunded_change_gives_the_earlier_plan_back(clock, member):
    month = make_plan(price=2800)
    buy(member, month)
    end = plan_of(member).period_ends_at
    clock.shift(dt.timedelta(days=7))
    order = buy(member, make_plan("yearly", price=30000, months=12))

    refunds.refund(order=order)

    held = Entitlement.objects.in_force().get()
    assert held.ends_at == end
    assert (plan_of(member).offer, plan_of(member).period_ends_at) == (month, end)


def test_what_was_refunded_meanwhile_does_not_come_back_with_the_plan(clock, member):
    month = make_plan(price=2800)
    first, second = buy(member, month), buy(member, month)
    change = buy(member, make_plan("yearly", price=30000, months=12))
    refunds.catch_up(first.payments.get(), first.amount)  # by hand at the gateway

    refunds.refund(order=change)

    (held,) = Entitlement.objects.filter(revoked_at=None)
    assert held.order == second
    assert held.starts_at == timezone.now()


def test_a_smaller_plan_waits_for_the_end(clock, member):
    buy(member, make_plan("yearly", price=30000, months=12))
    month = make_plan(price=2800)

    with pytest.raises(NotNow):
        orders.quote(member, month)
    subscriptions.change_later(member=member, offer=month)
    days_pass(clock, 366)

    renewal = Order.objects.get(kind="renewal", state="paid")
    assert (renewal.offer, renewal.amount) == (month, 2800)
    assert plan_of(member).offer == month
    ends_at = Entitlement.objects.in_force().get().ends_at
    assert (ends_at.month, ends_at.day) == (2, 28)


def test_a_pause_keeps_what_is_left_to_the_second(clock, member):
    buy(member, make_plan())
    clock.shift(dt.timedelta(days=10))
    left = plan_of(member).period_ends_at - timezone.now()

    subscriptions.pause(member=member, until=timezone.now() + dt.timedelta(days=30))
    assert not holds(member)
    days_pass(clock, 29)
    assert not holds(member)
    days_pass(clock, 1)

    assert holds(member)
    assert plan_of(member).period_ends_at - timezone.now() == left


def test_nothing_is_sold_in_a_pause_and_a_refund_takes_the_kept_time(clock, member):
    plan = make_plan()
    order = buy(member, plan)
    subscriptions.pause(member=member, until=timezone.now() + dt.timedelta(days=30))

    with pytest.raises(NotNow):
        orders.quote(member, plan)
    refunds.refund(order=order)

    assert not holds(member)
    assert plan_of(member) is None
    clock.shift(dt.timedelta(days=31))
    renewals.advance_all()
    assert not holds(member)


def test_a_refunded_renewal_shortens_only_what_it_bought(clock, member):
    plan = make_plan()
    buy(member, plan)
    end = plan_of(member).period_ends_at
    second = buy(member, plan)

    refunds.refund(order=second)

    assert plan_of(member).period_ends_at == end
    assert holds(member)


def test_late_money_for_a_plan_changed_meanwhile_still_opens_what_it_bought(
    clock, member
):
    month = make_plan(price=2800)
    buy(member, month)
    old, payment = start(member, month)
    buy(member, make_plan("yearly", what="tier:gold", price=30000, months=12))

    receive(*notice(payment))

    old.refresh_from_db()
    assert old.state == Order.State.PAID
    assert plan_of(member).offer.slug == "yearly"
    assert old.entitlements.filter(revoked_at=None).count() == 1


def test_for_ever_ends_the_renewals(clock, member):
    buy(member, make_plan())

    buy(member, make_offer("life", days=None, price=99900))

    assert plan_of(member).renews is False
    days_pass(clock, 40)
    assert holds(member)
    assert Order.objects.filter(kind="renewal").count() == 0


def test_a_charge_whose_answer_was_lost_is_not_made_twice(clock, member, monkeypatch):
    buy(member, make_plan())
    gateway = payments.gateways.by_name("test")
    charge = gateway.charge

    def lose_the_answer(payment, *, method):
        charge(payment, method=method)
        raise payments.GatewayDown("timeout")

    clock.shift(dt.timedelta(days=27, hours=1))
    with monkeypatch.context() as patch:
        patch.setattr(type(gateway), "charge", staticmethod(lose_the_answer))
        renewals.advance_all()
    renewals.advance_all()
    renewals.advance_all()

    assert Payment.objects.filter(state="succeeded").count() == 2
    assert Order.objects.filter(kind="renewal").count() == 1
    assert ledger.house_balance(kind="revenue", unit="CNY") == -2 * 9900


def test_phases_tell_what_the_plan_was_worth_when(clock, member):
    buy(member, make_plan(price=1200, trial_days=0))
    clock.shift(dt.timedelta(days=5))
    subscriptions.pause(member=member, until=timezone.now() + dt.timedelta(days=30))
    clock.shift(dt.timedelta(days=5))
    subscriptions.resume(member=member)
    clock.shift(dt.timedelta(days=5))
    buy(member, make_plan("yearly", price=12000, months=12))

    phases = Subscription.objects.get().phases.values_list("state", "monthly")
    assert list(phases) == [
        ("paying", 1200),
        ("paused", 0),
        ("paying", 1200),
        ("paying", 1000),
    ]


def test_one_plan_at_a_time_whoever_is_first(member):
    first, second = make_plan("one"), make_plan("two", price=19900)
    one, two = start(member, first), start(member, second)

    receive(*notice(one[1]))
    receive(*notice(two[1]))

    assert Subscription.objects.filter(ended_at=None).count() == 1
    assert Order.objects.filter(state="paid").count() == 2
    assert Entitlement.objects.filter(revoked_at=None).count() == 2


def test_a_tier_opens_what_is_put_in_it_later():
    member = make_member("gold")
    tier = Bundle.objects.create(key="tier:gold", title="Gold", opens=["membership"])
    buy(member, make_plan("gold", what="tier:gold"))
    assert entitlements.holds(make_again(member), "membership")

    tier.opens = ["membership", "space:7"]
    tier.save()

    assert entitlements.held_numbers(make_again(member), "space") == [7]


def make_again(member):
    return type(member).objects.get(pk=member.pk)
