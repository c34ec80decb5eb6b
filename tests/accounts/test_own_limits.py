import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import OverOwnLimit, Resting
from accounts.models import Order, SpendingLimit, SpendingRest
from accounts.services import concentration, held, orders, own_limits
from incentives.services import points
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer, notice, receive, start
from tests.factories.paid_questions import give_points

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def limit(member, amount, unit="CNY"):
    own_limits.set_limit(member=member, unit=unit, amount=amount)


def in_force(member, at=None):
    return own_limits.in_force(member, "CNY", at)


def tomorrow():
    return timezone.now() + DAY + dt.timedelta(minutes=1)


def test_a_limit_holds_at_once_and_a_lower_one_too(member):
    limit(member, 5000)
    limit(member, 3000)
    assert in_force(member) == 3000


def test_a_higher_limit_or_none_holds_after_a_day(member):
    limit(member, 3000)
    limit(member, 5000)
    assert (in_force(member), in_force(member, tomorrow())) == (3000, 5000)

    limit(member, None)
    assert (in_force(member), in_force(member, tomorrow())) == (3000, None)


def test_thinking_again_takes_the_higher_limit_back(member):
    limit(member, 3000)
    limit(member, 5000)
    limit(member, 3000)
    assert in_force(member, tomorrow()) == 3000


def test_saving_the_same_again_does_not_begin_the_wait_anew(member):
    limit(member, 3000)
    limit(member, 5000)
    before = list(SpendingLimit.objects.values_list("pk", "starts_at"))
    limit(member, 5000)
    assert list(SpendingLimit.objects.values_list("pk", "starts_at")) == before


def test_buying_stops_at_the_limit(member):
    limit(member, 15000)
    buy(member, make_offer("one", what="item:1", price=9900))
    with pytest.raises(OverOwnLimit) as refusal:
        orders.place_order(
            member=member, offer=make_offer("two", what="item:2", price=9900)
        )
    assert refusal.value.args == (5100, "CNY")
    buy(member, make_offer("three", what="item:3", price=5100))


def test_what_is_free_is_never_refused(member):
    limit(member, 0)
    own_limits.rest(member=member, days=1)
    free = make_offer("free", what="item:1", price=0)
    assert orders.place_order(member=member, offer=free).amount == 0


def test_an_order_that_waits_counts_and_one_given_up_does_not(member):
    limit(member, 10000)
    first = orders.place_order(
        member=member, offer=make_offer("one", what="item:1", price=9900)
    )
    two = make_offer("two", what="item:2", price=9900)
    with pytest.raises(OverOwnLimit):
        orders.place_order(member=member, offer=two)
    orders.expire(first)
    assert orders.place_order(member=member, offer=two).amount == 9900


def test_an_order_from_before_the_limit_is_not_begun_to_be_paid(member):
    offer = make_offer("one", what="item:1", price=9900)
    orders.place_order(member=member, offer=offer)
    limit(member, 100)
    with pytest.raises(OverOwnLimit):
        start(member, offer)


def test_money_that_is_on_its_way_is_taken(member):
    offer = make_offer("one", what="item:1", price=9900)
    order, payment = start(member, offer)
    limit(member, 100)
    receive(*notice(payment))
    order.refresh_from_db()
    assert order.state == Order.State.PAID


def test_last_months_spending_does_not_count(member):
    limit(member, 10000)
    order = buy(member, make_offer("one", what="item:1", price=9900))
    assert own_limits.spent(member, "CNY") == 9900
    Order.objects.filter(pk=order.pk).update(paid_at=timezone.now() - 32 * DAY)
    assert own_limits.spent(member, "CNY") == 0


def test_a_rest_holds_and_ends_a_day_after_it_is_ended(member):
    until = own_limits.rest(member=member, days=30)
    assert own_limits.rest(member=member, days=7) == until
    with pytest.raises(Resting):
        orders.place_order(member=member, offer=make_offer())

    own_limits.end_rest(member=member)

    left = own_limits.resting_until(member) - timezone.now()
    assert dt.timedelta(hours=23) < left <= DAY
    SpendingRest.objects.update(
        began_at=timezone.now() - 2 * DAY, until=timezone.now() - DAY
    )
    assert orders.place_order(member=member, offer=make_offer("two"))


def test_what_others_pay_a_member_is_not_less_spent(member, other_member):
    give_points(member, 100)
    give_points(other_member, 100)
    points.spend(member=member, points=40, key="s", cause="reward")
    share = {"member": other_member, "points": 50, "parts": [(member, 30)]}
    held.share_points(key="share", **share)
    assert own_limits.spent(member, "points") == 40
    assert own_limits.spent(other_member, "points") == 50

    held.unshare_points(key="share:back", **share)
    points.give_back(key="b", of="s", points=10)
    assert own_limits.spent(member, "points") == 30
    assert own_limits.spent(other_member, "points") == 0


@pytest.mark.django_db(transaction=True)
def test_orders_at_once_do_not_pass_the_limit():
    member = make_member("eager")
    limit(member, 20000)
    offers = [make_offer(f"o{n}", what=f"item:{n}", price=9900) for n in range(4)]

    def one(offer):
        try:
            orders.place_order(member=member, offer=offer)
        except OverOwnLimit:
            return "refused"
        finally:
            connection.close()
        return "placed"

    with ThreadPoolExecutor(4) as pool:
        came = sorted(pool.map(one, offers))

    assert came == ["placed", "placed", "refused", "refused"]


def test_the_page_sets_shows_and_explains(client, member):
    client.force_login(member)
    client.post("/points/limits/", {"points": "500", "money": "99.50"})
    client.post("/points/limits/", {"points": "500", "money": ""})
    client.post("/points/limits/rest/", {"days": "7"})

    page = client.get("/points/limits/").content.decode()

    assert own_limits.in_force(member, "points") == 500
    assert in_force(member) == 9950
    assert "Without a limit of money from" in page
    assert "You buy nothing until" in page
    bad = client.post("/points/limits/", {"points": "-1"})
    assert bad.status_code == 422


def test_the_checkout_sends_to_the_limits_page(client, member):
    offer = make_offer()
    limit(member, 100)
    client.force_login(member)

    sent = client.post(offer.get_absolute_url(), {"gateway": "test"}, follow=True)

    assert sent.redirect_chain[-1][0] == "/points/limits/"
    assert "more than your own limit" in sent.content.decode()
    assert not Order.objects.exists()


def test_the_spread_is_told_of_many_and_not_of_few():
    assert concentration.spread("points", [10] * 4).members is None

    few = concentration.spread("points", [10] * 30 + [1000])
    assert (few.top_1, few.top_10, few.above) == (None, None, ((5, None), (10, None)))

    many = concentration.spread("points", [10] * 540 + [900] * 60)
    assert many.top_10 == pytest.approx(100 * 54000 / 59400)
    assert many.top_1 == pytest.approx(100 * 5400 / 59400)
    assert many.above == ((5, 60), (10, 60))


def test_operators_read_the_spread(client, operator):
    for number in range(5):
        member = make_member(f"m{number}")
        buy(member, make_offer(f"o{number}", what=f"item:{number}"))
    client.force_login(operator)

    page = client.get("/admin/accounts/concentration/").content.decode()

    assert "Members who have spent something" in page
    assert "Fewer than 5 members have spent something." in page
