"""Coupons on what goes on: first periods, renewals, trials, changes, gifts."""

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from accounts.models import Order
from accounts.reductions import Wish
from accounts.services import gifts, orders, payments, renewals, subscriptions
from incentives.models import CouponUse
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_plan
from tests.factories.coupons import make_automatic, make_coupon, make_terms
from tests.factories.paid_questions import give_points

pytestmark = pytest.mark.django_db

SPRING = Wish("spring")


def renew(member):
    """The clock comes to the next period, which is charged."""
    subscription = subscriptions.running(member)
    with time_machine.travel(subscription.period_ends_at, tick=False):
        renewals.advance_all()
    return member.orders.filter(kind=Order.Kind.RENEWAL).order_by("pk").last()


def test_a_coupon_is_for_the_first_period_unless_it_says_more(member):
    make_automatic()

    assert buy(member, make_plan()).amount == 8900

    assert renew(member).amount == 9900


def test_a_coupon_goes_on_for_as_many_periods_as_it_says(member):
    coupon = make_automatic(periods=3)
    buy(member, make_plan())
    coupon.is_active = False
    coupon.save()

    amounts = [renew(member).amount for _ in range(3)]

    assert amounts == [8900, 8900, 9900]
    coupon.refresh_from_db()
    assert (coupon.taken, CouponUse.objects.filter(state="used").count()) == (1, 3)


def test_periods_for_nothing_are_not_charged(member):
    make_automatic(gives="percent", percent=100, periods=2)
    order = orders.place_order(member=member, offer=make_plan())
    payments.complete_free(order)

    renewal = orders.place_order(member=member, offer=order.offer)

    assert renewal.amount == 0
    payments.complete_free(renewal)
    assert orders.quote(member, order.offer).amount == 9900


def test_a_saved_method_is_not_charged_for_a_period_for_nothing(member):
    coupon = make_automatic(periods=2)
    buy(member, make_plan())
    coupon.gives, coupon.percent = "percent", 100
    coupon.save()

    renewal = renew(member)

    assert (renewal.amount, renewal.state) == (0, Order.State.PAID)
    assert not renewal.payments.exists()


def test_a_code_does_not_count_for_a_later_period(member):
    make_coupon()
    plan = make_plan()
    buy(member, plan)

    quoted = orders.quote(member, plan, wish=SPRING)

    assert "first period" in str(quoted.offered.refusal)
    assert quoted.amount == 9900


def test_after_a_trial_the_first_payment_counts_as_the_first_period(member):
    make_coupon()
    plan = make_plan(trial_days=7)
    subscriptions.start_trial(member=member, offer=plan)

    order = buy(member, plan, wish=SPRING)

    assert (order.kind, order.amount) == (Order.Kind.RENEWAL, 8900)


def test_a_change_of_plan_is_reduced_after_the_credit_and_later_credits_what_was_paid(
    member,
):
    buy(member, make_plan())
    make_coupon(gives="percent", percent=50)
    year = make_plan("yearly", months=12, price=99000)

    quoted = orders.quote(member, year, wish=SPRING)
    rest = year.price - quoted.credit
    assert quoted.credit > 9000
    assert quoted.amount == rest - rest // 2

    order = buy(member, year, wish=SPRING)
    higher = make_plan("higher", months=12, price=199000)
    credit = orders.quote(member, higher).credit
    assert credit <= order.amount + order.credit


def test_points_held_for_a_renewal_come_back_when_another_plan_is_chosen(member):
    make_terms()
    give_points(member, 1000)
    plan, other = make_plan(), make_plan("other", price=5000)
    buy(member, plan)
    order = orders.place_order(member=member, offer=plan, wish=Wish(points=1000))
    assert order.reduced == 1000

    subscriptions.change_later(member=member, offer=other)

    order.refresh_from_db()
    assert order.state == Order.State.EXPIRED
    assert order.points_paid.state == "returned"


def test_a_gift_counts_as_a_purchase_of_whoever_gives_it(member, other_member):
    make_coupon(periods=2)
    order = buy(member, make_plan(), is_gift=True, wish=SPRING)

    assert order.amount == 8900
    gifts.redeem(code=order.gift.code, member=other_member)
    assert CouponUse.objects.get().member == member
    assert not orders.quote(member, make_plan("b"), wish=SPRING).offered.lines


def test_a_plan_that_has_ended_begins_again_with_a_first_period(member):
    make_automatic(most_each=2)
    plan = make_plan()
    buy(member, plan)
    subscriptions.end_now(subscriptions.running(member))

    with time_machine.travel(timezone.now() + relativedelta(months=2), tick=False):
        assert orders.quote(member, plan).amount == 8900


def test_a_coupon_of_others_does_not_go_on_with_ones_own_plan(member):
    plan = make_plan()
    buy(member, plan)
    make_automatic(periods=5)
    buy(make_member("another"), plan)

    assert orders.quote(member, plan).amount == 9900
