import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import AlreadyOwned, BadSignature
from accounts.gateways.test import sign
from accounts.models import (
    MEMBERSHIP,
    Activity,
    Entitlement,
    Notice,
    Order,
    Payment,
    TestCharge,
    Verb,
)
from accounts.services import entitlements, ledger, orders, payments, refunds
from tests.factories.accounts import make_member
from tests.factories.billing import make_offer, notice, receive, start

pytestmark = pytest.mark.django_db


def revenue():
    return ledger.house_balance(kind="revenue", unit="CNY")


def given_back():
    return ledger.house_balance(kind="refunds", unit="CNY")


def test_a_notice_pays_the_order_and_opens_what_was_sold(member):
    order, payment = start(member, make_offer())

    receive(*notice(payment))

    order.refresh_from_db()
    assert order.state == Order.State.PAID
    assert entitlements.holds(member, MEMBERSHIP)
    assert revenue() == -9900
    assert Activity.objects.filter(member=member, verb=Verb.PAID).count() == 1


def test_the_same_notice_twice_and_the_return_count_once(member):
    _, payment = start(member, make_offer())
    said = notice(payment)

    receive(*said)
    receive(*said)
    payments.ask_about(payment)

    assert Notice.objects.count() == 1
    assert Entitlement.objects.count() == 1
    assert revenue() == -9900
    assert ledger.check() == {}


def test_coming_back_before_the_notice_is_enough(member):
    _, payment = start(member, make_offer())
    said = notice(payment)

    payments.ask_about(payment)
    assert entitlements.holds(member, MEMBERSHIP)
    receive(*said)

    assert Entitlement.objects.count() == 1


def test_a_closed_tab_is_found_by_asking_later(member):
    _, payment = start(member, make_offer())
    notice(payment)  # accepted at the gateway; the notice is lost
    old = timezone.now() - payments.ASK_AFTER * 2
    Payment.objects.update(created_at=old)

    assert payments.ask_about_open_payments() == 1

    assert entitlements.holds(member, MEMBERSHIP)


def test_a_declined_payment_leaves_the_order_open_for_another_try(member):
    order, payment = start(member, make_offer())
    receive(*notice(payment, accept=False))

    again, second = start(member, order.offer)

    assert again == order
    assert second.reference != payment.reference
    receive(*notice(second))
    order.refresh_from_db()
    assert order.state == Order.State.PAID


def test_money_for_an_order_that_is_paid_goes_back(
    member, django_capture_on_commit_callbacks
):
    order, payment = start(member, make_offer())
    second = order.payments.create(
        gateway="test", reference="second", amount=9900, currency="CNY"
    )
    TestCharge.objects.create(reference="second", amount=9900, currency="CNY")
    receive(*notice(payment))

    with django_capture_on_commit_callbacks(execute=True):
        receive(*notice(second))

    second.refresh_from_db()
    assert second.state == Payment.State.RETURNED
    assert sum(TestCharge.objects.get(reference="second").refunds.values()) == 9900
    assert Entitlement.objects.count() == 1
    assert revenue() == -9900


def test_a_forged_or_changed_notice_is_refused(member):
    _, payment = start(member, make_offer())
    body, signature = notice(payment, accept=False)

    with pytest.raises(BadSignature):
        receive(body.replace(b"declined", b"succeeded"), signature)
    with pytest.raises(BadSignature):
        receive(b"[]", sign(b"[]"))


def test_a_wrong_amount_opens_nothing(member):
    _, payment = start(member, make_offer())
    body, _ = notice(payment)
    cheap = json.dumps({**json.loads(body), "amount": 1}).encode()

    receive(cheap, sign(cheap))

    assert not entitlements.holds(member, MEMBERSHIP)
    assert revenue() == 0


def test_buying_again_adds_days_after_the_ones_left(member):
    offer = make_offer()
    for _ in range(2):
        _, payment = start(member, offer)
        receive(*notice(payment))

    first, second = Entitlement.objects.order_by("starts_at")
    assert second.starts_at == first.ends_at


def test_a_refund_closes_what_was_opened_and_moves_up_what_came_after(member):
    offer = make_offer()
    paid = []
    for _ in range(2):
        order, payment = start(member, offer)
        receive(*notice(payment))
        paid.append(order)

    refunds.refund(order=paid[0])
    refunds.refund(order=paid[0])

    left = Entitlement.objects.in_force().get()
    assert left.order == paid[1]
    assert (revenue(), given_back()) == (-19800, 9900)
    assert ledger.check() == {}


def test_what_is_owned_for_ever_is_not_sold_again(member):
    offer = make_offer("course", what="item:1", days=None)
    _, payment = start(member, offer)
    receive(*notice(payment))

    with pytest.raises(AlreadyOwned):
        orders.place_order(member=member, offer=offer)


def test_a_new_price_makes_a_new_order(member):
    offer = make_offer()
    old = orders.place_order(member=member, offer=offer)
    offer.price = 4900
    offer.save()

    new = orders.place_order(member=member, offer=offer)

    old.refresh_from_db()
    assert (old.state, new.amount) == (Order.State.EXPIRED, 4900)


@pytest.mark.django_db(transaction=True)
def test_return_notice_and_sweep_at_the_same_moment_open_once():
    member = make_member()
    _, payment = start(member, make_offer())
    said = notice(payment)

    def hear(n):
        receive(*said) if n % 2 else payments.ask_about(payment)
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(hear, range(6)))

    assert Entitlement.objects.count() == 1
    assert revenue() == -9900
    assert ledger.check() == {}


@pytest.mark.django_db(transaction=True)
def test_two_tabs_meet_in_one_order():
    member, offer = make_member(), make_offer()

    def place(_):
        try:
            return orders.place_order(member=member, offer=offer).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert len(set(pool.map(place, range(5)))) == 1


def test_scarce_things_are_not_held_for_nothing(client, member):
    """Three unpaid at most, each for the time that paying takes."""
    offers = [make_offer(f"few-{n}", left=5) for n in range(4)]
    for offer in offers[:3]:
        order = orders.place_order(member=member, offer=offer)
        assert order.expires_at <= timezone.now() + orders.HELD_FOR
    client.force_login(member)

    answer = client.post("/checkout/few-3/", {"gateway": "test"}, follow=True)

    assert "Pay first for what is kept for you" in answer.content.decode()
    offers[3].refresh_from_db()
    assert offers[3].left == 5
    assert orders.place_order(member=member, offer=make_offer("many")).amount
    assert orders.place_order(member=member, offer=offers[0])  # its own, found again
