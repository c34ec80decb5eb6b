"""What is paid for is open for as long as was paid, and money buys nothing twice.

Cases that a review found: plans beside other purchases, pauses, changes, refunds.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db.models import Max
from django.utils import timezone

from accounts import privacy
from accounts.errors import Credited, NotNow
from accounts.models import (
    Entitlement,
    Order,
    Payment,
    ShareAgreement,
    Subscription,
)
from accounts.services import (
    entitlements,
    gifts,
    orders,
    payments,
    receipts,
    refunds,
    renewals,
    shares,
    subscriptions,
)
from accounts.services.activity import ensure_partitions
from community.lib.sealed import seal
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
DAY = dt.timedelta(days=1)
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def clock(db):
    ensure_partitions(JANUARY.date(), JANUARY.date() + dt.timedelta(days=1200))
    with time_machine.travel(JANUARY, tick=False) as clock:
        yield clock


def plan_of(member):
    return subscriptions.running(member)


def open_until(member, what="membership"):
    mine = Entitlement.objects.filter(member=member, what=what, revoked_at=None)
    return mine.aggregate(end=Max("ends_at"))["end"]


def money_kept():
    return sum(p.amount - p.refunded for p in Payment.objects.exclude(state="started"))


def give(giver, member, **offer):
    """A gift, bought by one and redeemed by the other; its order."""
    order = buy(giver, make_offer("gift", **offer), is_gift=True)
    gifts.redeem(code=order.gift.code, member=member)
    return order


def a_course(days=30):
    return make_offer("course", what="item:1", days=days, price=100)


# Other purchases beside a plan


@pytest.mark.parametrize("late", [dt.timedelta(minutes=1), 2 * DAY])
def test_a_course_bought_when_the_period_is_over_does_not_end_the_plan(
    clock, member, late
):
    buy(member, make_plan(price=3000), method="")
    clock.move_to(plan_of(member).period_ends_at + late)
    if late > DAY:
        renewals.advance_all()
    state = plan_of(member).state

    buy(member, a_course())

    assert plan_of(member).state == state


def test_a_course_bought_meanwhile_leaves_the_plan_its_day(clock, member):
    plan = make_plan(price=3000)
    buy(member, plan)
    buy(member, a_course())

    buy(member, plan)

    assert plan_of(member).period_ends_at.date() == dt.date(2026, 3, 31)


def test_a_gift_redeemed_in_grace_ends_the_grace(clock, member, other_member):
    buy(member, make_plan(price=3000), method="")
    clock.shift(29 * DAY)
    renewals.advance_all()
    assert plan_of(member).state == Subscription.State.GRACE

    give(other_member, member, days=365, price=20000)

    assert plan_of(member).state == Subscription.State.PAYING
    assert plan_of(member).period_ends_at == timezone.now() + 365 * DAY
    assert entitlements.holds(member, "membership")


# The calendar


def test_a_month_is_counted_by_the_clock_of_the_house(clock, member):
    clock.move_to(dt.datetime(2026, 3, 1, 1, tzinfo=BEIJING))
    with timezone.override("America/Los_Angeles"):
        buy(member, make_plan(price=3000))

    end = plan_of(member).period_ends_at.astimezone(BEIJING)
    assert (end.month, end.day, end.hour) == (4, 1, 1)


def test_papers_and_shares_go_by_the_clock_of_the_house(clock, member, other_member):
    """Whose zone was on when the payment settled must not choose the year."""
    last_year = ShareAgreement.objects.create(
        creator=other_member, per_mille=100, starts_on="2026-01-01"
    )
    last_year.ends_on = dt.date(2026, 12, 31)
    last_year.save()
    clock.move_to(dt.datetime(2027, 1, 1, 1, tzinfo=BEIJING))

    with timezone.override("America/Los_Angeles"):
        order = buy(member, make_offer(creator=other_member))
        (said,) = receipts.lines_of(order.receipts.all())

    assert order.receipts.get().year == 2027
    assert order.number.startswith("2701")
    assert "2027-01-01" in said
    assert shares.owed(other_member, "CNY") == 0


def test_what_is_paid_when_its_period_has_gone_by_begins_now(clock, member):
    plan = make_plan("short", months=None, days=3, price=700, grace_days=7)
    buy(member, plan, method="")
    for days in (3, 5):
        clock.shift(days * DAY)
        renewals.advance_all()
    assert plan_of(member).state == Subscription.State.GRACE

    buy(member, plan, method="")

    assert open_until(member) == timezone.now() + 3 * DAY


# Pauses


def test_a_plan_whose_period_is_over_cannot_be_paused(clock, member):
    buy(member, make_plan(price=3000), method="")
    clock.move_to(plan_of(member).period_ends_at + dt.timedelta(minutes=20))

    with pytest.raises(NotNow):
        subscriptions.pause(member=member, until=timezone.now() + DAY)


def test_one_plan_in_trouble_is_not_in_the_way_of_the_others(
    clock, member, other_member, monkeypatch, caplog
):
    plan = make_plan(price=3000)
    buy(member, plan, method="")
    clock.shift(dt.timedelta(minutes=30))
    buy(other_member, plan, method="")
    broken = plan_of(member).pk
    advance = renewals.advance

    def fail_for_one(pk):
        if pk == broken:
            raise ZeroDivisionError
        advance(pk)

    monkeypatch.setattr(renewals, "advance", fail_for_one)
    clock.shift(29 * DAY)
    renewals.advance_all()

    assert plan_of(other_member).state == Subscription.State.GRACE
    assert f"Plan {broken}" in caplog.text


def test_a_pause_makes_no_money_of_a_gift(clock, member, other_member):
    buy(member, make_plan(price=3000))
    give(other_member, member, days=365, price=20000)
    other = make_plan("gold", what="tier:gold", price=100_000, months=12)
    before = orders.quote(member, other).credit
    end = open_until(member)

    subscriptions.pause(member=member, until=timezone.now() + 9 * DAY)
    subscriptions.resume(member=member)

    assert orders.quote(member, other).credit == before
    assert open_until(member) == end


def test_after_a_pause_one_of_two_periods_goes_back_alone(clock, member):
    plan = make_plan(price=3000)
    buy(member, plan)
    clock.shift(dt.timedelta(minutes=1))
    second = buy(member, plan)
    subscriptions.pause(member=member, until=timezone.now() + 10 * DAY)
    clock.shift(DAY)
    subscriptions.resume(member=member)

    refunds.refund(order=second)

    assert entitlements.holds(member, "membership")
    left = open_until(member) - timezone.now()
    assert 27 * DAY < left <= 28 * DAY


def test_what_is_given_during_a_pause_comes_after_it(clock, member, other_member):
    buy(member, make_plan(price=3000))
    subscriptions.pause(member=member, until=timezone.now() + 60 * DAY)
    give(other_member, member, days=30, price=3000)

    subscriptions.resume(member=member)

    assert open_until(member) == timezone.now() + 58 * DAY


def test_a_pause_that_is_over_goes_on_by_itself(clock, member):
    buy(member, make_plan(price=3000))
    until = timezone.now() + 10 * DAY
    subscriptions.pause(member=member, until=until)
    assert not entitlements.holds(member, "membership")

    clock.move_to(until + dt.timedelta(hours=5))
    renewals.advance_all()

    assert plan_of(member).state == Subscription.State.PAYING
    assert plan_of(member).period_ends_at == until + 28 * DAY


def test_giving_a_course_back_leaves_the_pause(clock, member):
    buy(member, make_plan(price=3000))
    course = buy(member, a_course(days=None))
    subscriptions.pause(member=member, until=timezone.now() + 60 * DAY)

    refunds.refund(order=course)

    assert plan_of(member).state == Subscription.State.PAUSED


# Changes of plan


def test_a_change_puts_the_new_plan_behind_what_was_given(clock, member, other_member):
    buy(member, make_plan(price=3000))
    give(other_member, member, days=365, price=30000)

    buy(member, make_plan("year", price=30000, months=12))

    assert open_until(member) == timezone.now() + (365 + 365) * DAY


def test_of_two_changes_begun_only_one_takes_money(clock, member):
    buy(member, make_plan(price=3000))
    (_, first), (second_order, second) = (
        start(member, make_plan(name, price=price, months=12))
        for name, price in (("silver", 30000), ("gold", 40000))
    )

    receive(*notice(first))
    receive(*notice(second))

    assert money_kept() == 30000
    assert plan_of(member).offer.slug == "silver"
    second_order.refresh_from_db()
    assert second_order.state == Order.State.EXPIRED
    assert Payment.objects.get(pk=second.pk).state == Payment.State.RETURNED


def test_a_change_whose_credit_went_back_takes_no_money(clock, member):
    month = buy(member, make_plan(price=3000))
    _, payment = start(member, make_plan("better", price=5000))
    refunds.refund(order=month)

    receive(*notice(payment))

    assert money_kept() == 0
    assert not entitlements.holds(member, "membership")


def test_what_was_credited_cannot_be_given_back_as_well(clock, member):
    month = buy(member, make_plan(price=2800))
    buy(member, make_plan("yearly", price=30000, months=12))

    with pytest.raises(Credited):
        refunds.refund(order=month)

    assert money_kept() == 30000


def test_no_more_is_credited_than_was_paid(clock, member):
    plan = make_plan(price=2800)
    buy(member, plan)
    buy(member, plan)
    clock.move_to(dt.datetime(2026, 2, 28, 13, tzinfo=dt.UTC))  # of 31 days 30.96 left

    credit = orders.quote(member, make_plan("year", price=90000, months=12)).credit

    assert credit == 2800 * 30 // 31


def test_a_free_change_keeps_what_can_be_charged(clock, member):
    buy(member, make_plan(price=3000), method="good")
    rest = orders.quote(member, make_plan("dear", price=99999)).credit

    same = make_plan("same", price=rest)
    payments.complete_free(orders.place_order(member=member, offer=same))

    assert plan_of(member).offer == same
    assert subscriptions.token_of(plan_of(member)) == "good"


# The next period


def test_the_next_period_of_either_plan_can_be_paid_by_hand(clock, member):
    plan, other = make_plan(price=3000), make_plan("other", price=5000)
    buy(member, plan, method="bad")
    subscriptions.change_later(member=member, offer=other)
    clock.shift(28 * DAY)
    renewals.advance_all()

    order = orders.place_order(member=member, offer=plan)

    assert (order.kind, order.offer) == (Order.Kind.RENEWAL, plan)
    assert Order.objects.filter(state="open").count() == 1


def test_a_period_that_was_closed_can_be_paid_again(clock, member):
    plan = make_plan(price=3000)
    buy(member, plan)
    second = buy(member, plan)

    refunds.refund(order=second, amount=1, ends_access=True)

    assert orders.place_order(member=member, offer=plan).kind == Order.Kind.RENEWAL


def test_the_plan_that_was_chosen_for_later_is_charged(clock, member):
    plan, other = make_plan(price=3000), make_plan("other", price=5000)
    buy(member, plan, method="good")
    orders.place_order(member=member, offer=plan)  # looked at, not paid

    subscriptions.change_later(member=member, offer=other)
    clock.shift(27 * DAY + dt.timedelta(hours=1))
    renewals.advance_all()

    assert plan_of(member).offer == other


def test_a_choice_taken_back_is_not_charged(clock, member):
    plan, other = make_plan(price=3000), make_plan("other", price=5000)
    buy(member, plan, method="bad")
    subscriptions.change_later(member=member, offer=other)
    clock.shift(27 * DAY + dt.timedelta(hours=1))
    renewals.advance_all()
    subscriptions.change_later(member=member, offer=None)
    Subscription.objects.update(
        method=seal("good", subscriptions.place_of(member.pk)),
        next_charge_at=timezone.now(),
    )

    renewals.advance_all()

    paid = Order.objects.filter(state="paid", kind="renewal")
    assert [order.offer for order in paid] == [plan]


def test_who_owns_it_for_ever_is_not_charged_again(clock, member):
    plan = make_plan(price=3000)
    buy(member, plan)
    buy(member, make_offer("life", days=None, price=90000))

    with pytest.raises(NotNow):
        subscriptions.renew_after_all(member=member)
    clock.shift(28 * DAY)
    renewals.advance_all()

    assert Order.objects.filter(offer=plan, state="paid").count() == 1


def test_who_has_a_scarce_plan_can_pay_its_next_period(clock, member):
    plan = make_plan(price=3000, left=1)
    buy(member, plan)

    order = orders.place_order(member=member, offer=plan)

    assert not order.is_reserved
    plan.refresh_from_db()
    assert plan.left == 0


def test_a_suspended_member_is_not_charged(clock, member):
    buy(member, make_plan(price=3000), method="good")
    member.suspended_at = timezone.now()
    member.save()

    clock.shift(28 * DAY)
    renewals.advance_all()

    assert not Order.objects.filter(kind="renewal").exists()


# Once only


def test_money_for_somebody_who_was_erased_goes_back(clock, member):
    order, payment = start(member, make_offer())
    privacy.erase_all(member, keeps_contributions=True)

    receive(*notice(payment))

    order.refresh_from_db()
    assert order.state == Order.State.EXPIRED
    assert money_kept() == 0


def test_what_is_paid_is_not_begun_again(clock, member):
    order = buy(member, make_offer())

    with pytest.raises(NotNow):
        payments.begin(order, "test", Payment.Way.PAGE)


def test_one_decline_told_twice_counts_once(clock, member):
    buy(member, make_plan(price=3000), method="bad")
    subscription = plan_of(member)
    clock.move_to(subscription.next_charge_at)
    told = [renewals._begin_charge(subscription.pk) for _ in range(2)]

    for payment, method, tries in told:
        renewals._charge(payment, method)
        renewals._note_decline(subscription.pk, tries)

    subscription.refresh_from_db()
    assert subscription.failed_charges == 1
