"""What only Stripe does: saved methods, disputes, fees, a page that stays open."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Dispute, Notice, Order, Payment, Subscription
from accounts.services import entitlements, ledger, payments, renewals, subscriptions
from accounts.services.activity import ensure_partitions
from tests.factories.billing import make_offer, make_plan
from tests.gateways.stripe import StripeStandIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(make_shop):
    return make_shop(StripeStandIn())


@pytest.fixture
def next_month(shop):
    """A plan that was bought, and the day it is charged again."""
    now = timezone.now()
    ensure_partitions(now.date(), now.date() + dt.timedelta(days=60))
    shop.buy(make_plan())
    due = Subscription.objects.get().next_charge_at
    with time_machine.travel(due + dt.timedelta(minutes=1), tick=True):
        yield shop


def renewal():
    return Payment.objects.filter(order__kind=Order.Kind.RENEWAL).latest("pk")


def test_the_fee_is_booked_once_it_is_known(shop):
    payment, trade = shop.buy()

    shop.hear(shop.gateway.event("charge.updated", shop.gateway._one_charge(trade)))

    payment.refresh_from_db()
    assert payment.fee == 321
    assert ledger.house_balance(kind="fees stripe", unit="CNY") == 321


# Later periods ---------------------------------------------------------------------


def test_a_plan_keeps_what_to_charge_and_a_single_sale_does_not(shop):
    _, single = shop.buy(make_offer("course", what="item:1"))
    _, plan = shop.buy(make_plan())

    assert (single.more["keeps"], plan.more["keeps"]) == (None, "off_session")
    subscription = Subscription.objects.get()
    assert subscriptions.token_of(subscription) == "cus_buyer pm_card"


def test_the_next_period_is_charged(next_month):
    assert renewals.advance_all()["charged"] == 1

    payment = renewal()
    trade = next_month.gateway.trades[payment.gateway_reference]
    assert payment.state == Payment.State.SUCCEEDED
    assert (trade.more["customer"], trade.more["method"]) == ("cus_buyer", "pm_card")
    token = subscriptions.token_of(Subscription.objects.get())
    assert token == "cus_buyer pm_card"


def test_its_notice_changes_nothing_more(next_month):
    renewals.advance_all()
    trade = next_month.gateway.trades[renewal().gateway_reference]

    assert next_month.hear(next_month.gateway.notice(trade)).status_code == 200

    assert Payment.objects.filter(state="succeeded").count() == 2
    assert ledger.house_balance(kind="revenue", unit="CNY") == -2 * 9900


def test_a_card_that_is_refused_later_is_a_decline(next_month):
    next_month.gateway.declines_cards = True

    assert renewals.advance_all()["charged"] == 0

    assert renewal().state == Payment.State.DECLINED
    assert Subscription.objects.get().failed_charges == 1


def test_a_charge_whose_answer_was_lost_is_not_made_twice(next_month):
    next_month.gateway.manners = "mute"
    renewals.advance_all()
    next_month.gateway.manners = "well"
    renewals.advance_all()

    assert renewal().state == Payment.State.SUCCEEDED
    assert len(next_month.gateway.trades) == 2


def test_a_charge_whose_answer_was_lost_is_found_by_asking(next_month):
    next_month.gateway.manners = "mute"
    renewals.advance_all()
    next_month.gateway.manners = "well"

    payment = payments.ask_about(renewal())

    assert payment.state == Payment.State.SUCCEEDED


def test_a_charge_that_never_arrived_is_still_open(next_month):
    next_month.gateway.manners = "dead"
    renewals.advance_all()
    next_month.gateway.manners = "well"

    assert payments.ask_about(renewal()).state == Payment.State.STARTED


def pay_by_hand(shop):
    """The member goes to pay the renewal that is due."""
    order = Order.objects.get(kind=Order.Kind.RENEWAL)
    return payments.start_payment(order=order, gateway_name="stripe")


def test_paying_by_hand_what_was_charged_meanwhile_is_not_possible(next_month):
    next_month.gateway.manners = "mute"
    renewals.advance_all()
    next_month.gateway.manners = "well"

    payment, start = pay_by_hand(next_month)

    assert start.address.endswith(payment.order.get_absolute_url())
    assert payments.ask_about(payment).state == Payment.State.SUCCEEDED


def test_what_is_paid_by_hand_beside_a_lost_charge_comes_back(next_month):
    """Stripe's search finds a new charge after a minute only."""
    next_month.gateway.manners = "mute"
    renewals.advance_all()
    next_month.gateway.manners = "well"
    next_month.gateway.finds_new_charges = False
    payment, start = pay_by_hand(next_month)
    trade = next_month.gateway.visit(start.address)
    next_month.gateway.pay(trade)
    next_month.hear(next_month.gateway.notice(trade))
    next_month.gateway.finds_new_charges = True

    payments.ask_about(payment.order.payments.get(way=Payment.Way.SAVED))

    by_way = dict(payment.order.payments.values_list("way", "state"))
    assert by_way == {"page": "succeeded", "saved": "returned"}


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_charge_closes_the_page_first(next_month, is_paid):
    next_month.gateway.manners = "dead"
    renewals.advance_all()
    next_month.gateway.manners = "well"
    _, start = pay_by_hand(next_month)
    trade = next_month.gateway.visit(start.address)
    if is_paid:
        next_month.gateway.pay(trade)

    renewals.advance_all()

    paid = Payment.objects.get(
        order__kind=Order.Kind.RENEWAL, state=Payment.State.SUCCEEDED
    )
    assert (paid.gateway_reference == trade.number) is is_paid
    assert trade.state == ("paid" if is_paid else "closed")


# The page at Stripe ----------------------------------------------------------------


def test_a_refused_card_leaves_the_page_open_for_another(shop):
    payment, trade = shop.begin()
    trade.more["refused"] = True
    failed = {"id": trade.number, "object": "payment_intent"}

    shop.hear(shop.gateway.event("payment_intent.payment_failed", failed))
    shop.hear(
        shop.gateway.event(
            "charge.updated",
            {"id": "ch_1", "object": "charge", "payment_intent": trade.number},
        )
    )
    shop.come_back(payment)

    assert payment.state == Payment.State.STARTED


@pytest.mark.parametrize(
    ("intent", "state"), [("processing", "started"), ("canceled", "declined")]
)
def test_money_that_takes_days_is_waited_for(shop, intent, state):
    payment, trade = shop.begin()
    trade.more |= {"status": "complete", "intent_status": intent, "refused": True}

    shop.hear(
        shop.gateway.event("checkout.session.completed", shop.gateway._session(trade))
    )

    payment.refresh_from_db()
    assert payment.state == state


def test_a_page_that_stripe_closed_is_told(shop):
    payment, trade = shop.begin()
    shop.gateway.refuse(trade)

    shop.hear(shop.gateway.notice(trade))

    payment.refresh_from_db()
    assert payment.state == Payment.State.DECLINED


def test_what_others_sell_by_the_same_account_is_not_ours(shop):
    _, trade = shop.begin()
    trade.reference, trade.more["metadata"] = None, ""
    shop.gateway.pay(trade)
    event, session = shop.gateway.event, shop.gateway._session(trade)

    shop.hear(event("checkout.session.completed", session))
    shop.hear(event("payment_intent.succeeded", shop.gateway._intent(trade)))
    shop.hear(event("charge.refunded", {"object": "charge", "payment_intent": None}))

    assert set(Notice.objects.values_list("said", flat=True)) == {None}


def test_a_hint_that_cannot_be_followed_is_sent_again(shop):
    _, trade = shop.begin()
    shop.gateway.pay(trade)
    notice = shop.gateway.notice(trade)

    shop.gateway.manners = "dead"
    assert shop.hear(notice).status_code == 503
    assert Notice.objects.count() == 0
    shop.gateway.manners = "well"

    assert shop.hear(notice).status_code == 200
    assert Payment.objects.get().state == Payment.State.SUCCEEDED


# Disputes --------------------------------------------------------------------------


def dispute_of(payment):
    return Dispute.objects.get(payment=payment)


def test_a_question_from_the_bank_moves_no_money(shop):
    _, trade = shop.buy()

    shop.hear(shop.gateway.dispute(trade, "warning_needs_response"))

    assert not Dispute.objects.exists()


def test_a_dispute_that_is_won_leaves_everything(shop):
    payment, trade = shop.buy()

    shop.hear(shop.gateway.dispute(trade, "needs_response"))
    assert dispute_of(payment).state == Dispute.State.OPEN
    shop.hear(shop.gateway.dispute(trade, "won"))

    assert dispute_of(payment).state == Dispute.State.WON
    assert entitlements.holds(type(shop.member).objects.get(), "membership")
    assert ledger.check() == {}


def test_a_dispute_that_is_lost_closes_what_was_opened(shop):
    payment, trade = shop.buy()
    opened = shop.gateway.dispute(trade, "needs_response")

    shop.hear(shop.gateway.dispute(trade, "lost"))
    shop.hear(opened)  # late

    payment.order.refresh_from_db()
    assert dispute_of(payment).state == Dispute.State.LOST
    assert payment.order.state == Order.State.CHARGED_BACK
    assert not entitlements.holds(type(shop.member).objects.get(), "membership")
    assert ledger.check() == {}
