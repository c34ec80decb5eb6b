import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection

from accounts.errors import ReductionGone
from accounts.models import MEMBERSHIP, Dispute, Order, ShareAgreement
from accounts.reductions import Wish
from accounts.services import (
    disputes,
    entitlements,
    ledger,
    orders,
    payments,
    refunds,
    subscriptions,
)
from accounts.services.held import SPENT
from community.lib.dates import site_day
from content.services import paid_questions, registrations
from incentives.models import Coupon, PointsPaid
from incentives.services import points, tender
from incentives.services.points import balance
from incentives.services.statements import statement
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer, make_plan, notice, receive, start
from tests.factories.coupons import make_automatic, make_coupon, make_terms
from tests.factories.events import make_event
from tests.factories.paid_questions import give_points, make_expert, write

pytestmark = pytest.mark.django_db

ALL = Wish(points=1_000_000)


@pytest.fixture
def rich(member):
    give_points(member, 6000)
    make_terms()
    return member


def lines(member, offer, wish):
    quoted = orders.quote(member, offer, wish=wish)
    return [(line.kind, line.count, line.amount) for line in quoted.offered.lines]


def spent():
    return ledger.house_balance(kind=SPENT, unit="points")


def test_points_count_up_to_a_part_of_what_coupons_leave(rich):
    make_automatic(amount=900)
    offer = make_offer()

    assert lines(rich, offer, Wish(points=250))[1:] == [("points", 250, 250)]
    assert lines(rich, offer, ALL)[1:] == [("points", 4500, 4500)]
    quoted = orders.quote(rich, offer).offered
    assert (quoted.points, quoted.most_points, quoted.points_worth) == (
        *(6000, 4500, 4500),
    )


def test_nobody_gives_more_points_than_count(member):
    give_points(member, 1000)
    make_terms(points=300, worth=100, most_percent=100)

    assert lines(member, make_offer(), Wish(points=100)) == [("points", 99, 33)]
    assert lines(member, make_offer("b"), Wish(points=2)) == []
    assert lines(member, make_offer("c"), ALL) == [("points", 999, 333)]


def test_points_are_held_while_the_rest_is_being_paid_then_spent(rich):
    order, payment = start(rich, make_offer(), wish=Wish(points=2000))
    assert (order.reduced, order.amount, balance(rich)) == (2000, 7900, 4000)

    receive(*notice(payment))

    assert (PointsPaid.objects.get().state, balance(rich), spent()) == (
        *("spent", 4000, 2000),
    )
    assert str(statement(rich, language="en")[0].reason) == "For an order"
    assert ledger.check() == {}
    connection.check_constraints()


def test_points_come_back_when_the_order_is_not_paid_in_time(rich):
    order = orders.place_order(member=rich, offer=make_offer(), wish=Wish(points=2000))
    orders.expire(order)
    orders.expire(order)

    assert (balance(rich), spent()) == (6000, 0)


def test_more_points_for_the_same_offer_free_those_of_before(rich):
    offer = make_offer()
    orders.place_order(member=rich, offer=offer, wish=Wish(points=4000))

    order = orders.place_order(member=rich, offer=offer, wish=Wish(points=4500))

    assert (order.reduced, balance(rich)) == (4500, 1500)


def test_money_that_comes_late_takes_the_points_again(rich):
    order, payment = start(rich, make_offer(), wish=Wish(points=2000))
    orders.expire(order)

    receive(*notice(payment))

    order.refresh_from_db()
    assert (order.state, balance(rich)) == (Order.State.PAID, 4000)


def test_money_that_comes_late_goes_back_when_the_points_are_gone(rich):
    order, payment = start(rich, make_offer(), wish=Wish(points=2000))
    orders.expire(order)
    buy(rich, make_offer("dear", price=20000), wish=Wish(points=5000))

    receive(*notice(payment))

    payment.refresh_from_db()
    order.refresh_from_db()
    assert (order.state, payment.state) == ("expired", "returned")
    assert (balance(rich), spent()) == (1000, 5000)


def test_points_go_back_in_the_same_part_as_money(rich):
    order = buy(rich, make_offer(price=9000), wish=Wish(points=3000))

    refunds.refund(order=order, amount=2001)
    assert balance(rich) == 3000 + 1000  # 3000 · 2001 / 6000, rounded down
    refunds.refund(order=order, amount=1)
    assert balance(rich) == 4001
    refunds.refund(order=order)

    assert (balance(rich), spent()) == (6000, 0)
    assert ledger.check() == {}


def test_what_the_buyers_bank_took_back_brings_no_points_later_either(rich):
    order = buy(rich, make_offer(price=9000), wish=Wish(points=3000))
    disputes.catch_up(order.payments.get(), Dispute.State.OPEN, 4000)
    disputes.catch_up(order.payments.get(), Dispute.State.LOST)
    assert balance(rich) == 3000

    refunds.refund(order=order)

    assert balance(rich) == 3000 + 1000  # 3000 · 2000 / 6000


def test_an_order_of_points_alone_is_taken_back_as_well(member):
    give_points(member, 9900)
    make_terms(most_percent=100)
    order = orders.place_order(member=member, offer=make_offer(), wish=ALL)
    payments.complete_free(order)
    assert (order.amount, balance(member)) == (0, 0)
    assert entitlements.holds(member, MEMBERSHIP)

    refunds.undo_free(order=order)

    assert balance(member) == 9900


def test_points_that_were_spent_elsewhere_meanwhile_stop_the_order(rich, monkeypatch):
    """As when two tabs ask at the same moment."""
    has = points.balance
    monkeypatch.setattr(tender.points, "balance", lambda who: has(who) + 5000)

    with pytest.raises(ReductionGone):
        orders.place_order(
            member=rich, offer=make_offer(price=90000), wish=Wish(points=9000)
        )
    assert not Order.objects.exists()


def test_creators_share_what_was_really_paid(rich):
    creator = make_member("creator")
    offer = make_offer(price=10000, creator=creator)
    ShareAgreement.objects.create(
        offer=offer, creator=creator, per_mille=500, starts_on=site_day()
    )
    make_coupon()

    order = buy(rich, offer, wish=Wish("spring", 3000))

    def owed():
        return -ledger.balance(creator, kind="payable", unit="CNY")

    assert (order.amount, owed()) == (6000, 3000)
    refunds.refund(order=order, amount=3000)
    assert owed() == 1500


def test_points_count_in_their_currency_and_while_the_terms_are_in_force(rich):
    assert lines(rich, make_offer(currency="EUR"), ALL) == []
    tender.PointsTerms.objects.update(is_active=False)
    assert lines(rich, make_offer("b"), ALL) == []


def test_the_nightly_check_finds_a_count_and_points_that_do_not_agree(rich):
    coupon = make_coupon()
    order = buy(rich, make_offer(), wish=Wish("spring", 1000))
    refunds.refund(order=order, amount=2000)
    assert ledger.check() == {}

    Coupon.objects.filter(pk=coupon.pk).update(taken=5)
    PointsPaid.objects.update(points=1001)

    assert ledger.check() == {
        "coupons whose count is not that of their uses": [coupon.pk],
        "orders whose points are not in the ledger": [order.points_paid.pk],
    }


def test_a_reminder_names_what_the_next_period_really_costs(member):
    make_automatic(periods=2)
    buy(member, make_plan())
    subscription = subscriptions.running(member)

    assert orders.next_amount(subscription) == 8900


def get_for_points(member, offer):
    give_points(member, offer.price, key=offer.slug)
    make_terms(most_percent=100)
    order = orders.place_order(member=member, offer=offer, wish=ALL)
    return payments.complete_free(order)


def test_a_seat_that_points_alone_have_paid_is_given_back_by_the_terms(member):
    event = make_event(price=5000, late_refund="half")
    registration = registrations.register(event=event, member=member)
    order = get_for_points(member, registrations.offer_for(registration=registration))
    registration.refresh_from_db()
    assert (registration.state, balance(member)) == ("going", 0)

    with time_machine.travel(event.starts_at - dt.timedelta(hours=2), tick=False):
        registrations.cancel_registration(registration=registration)

    registration.refresh_from_db()
    assert registration.settled_at
    assert balance(member) == 2500
    assert order.receipts.count() == 0


def test_a_question_that_points_alone_have_paid_gives_them_back_unanswered(member):
    question = write(member, make_expert())
    offer = paid_questions.offer_for(question=question)
    get_for_points(member, offer)
    question.refresh_from_db()

    paid_questions.decline(question=question, reason="")

    question.refresh_from_db()
    assert question.given_back_at
    assert balance(member) == offer.price


@pytest.mark.django_db(transaction=True)
def test_a_tab_that_was_slower_gets_an_order_at_the_price_that_it_shows(monkeypatch):
    make_terms()
    member, offer = make_member("rich"), make_offer()
    give_points(member, 6000)
    let_go = orders._let_go_of_old_prices

    def other_tab():
        try:
            orders.place_order(member=member, offer=offer, wish=Wish(points=2000))
        finally:
            connection.close()

    def interrupted(*arguments):
        let_go(*arguments)
        monkeypatch.setattr(orders, "_let_go_of_old_prices", let_go)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(other_tab).result()

    monkeypatch.setattr(orders, "_let_go_of_old_prices", interrupted)
    order = orders.place_order(member=member, offer=offer, expected=9900)

    assert order.amount == 9900
    assert balance(member) == 6000
