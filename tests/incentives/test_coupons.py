import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import AlreadyOwned, PriceChanged, ReductionGone
from accounts.models import (
    MEMBERSHIP,
    Activity,
    Entitlement,
    Order,
    OrderReduction,
    Verb,
)
from accounts.privacy import erase_all, export_all
from accounts.reductions import Wish
from accounts.services import entitlements, ledger, orders, payments, refunds
from incentives.models import Coupon, CouponCode, CouponUse
from incentives.services import coupon_codes, coupon_rules, coupons
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer, make_paying, notice, receive, start
from tests.factories.coupons import make_automatic, make_coupon

pytestmark = pytest.mark.django_db

SPRING = Wish("spring")
DAY = dt.timedelta(days=1)


def place(member, offer, wish=SPRING, **how):
    return orders.place_order(member=member, offer=offer, wish=wish, **how)


def off(member, offer, wish=SPRING, **how):
    """What comes off, line by line."""
    quoted = orders.quote(member, offer, wish=wish, **how)
    return [(line.title, line.amount) for line in quoted.offered.lines]


def refusal(member, offer, code="spring"):
    return str(orders.quote(member, offer, wish=Wish(code)).offered.refusal)


def taken(coupon):
    coupon.refresh_from_db()
    return coupon.taken


def states():
    return list(CouponUse.objects.order_by("pk").values_list("state", flat=True))


# The life of a use ---------------------------------------------------------------


def test_a_use_is_kept_before_the_buyer_goes_to_pay_and_used_when_they_have(member):
    coupon = make_coupon()

    order, payment = start(member, make_offer(), wish=SPRING)
    assert (order.price, order.reduced, order.amount) == (9900, 1000, 8900)
    assert (states(), taken(coupon)) == (["reserved"], 1)

    receive(*notice(payment))
    receive(*notice(payment))

    assert (states(), taken(coupon)) == (["used"], 1)
    assert Activity.objects.filter(verb=Verb.COUPON_USED).count() == 1
    connection.check_constraints()


def test_revenue_and_receipt_say_what_was_really_paid(member):
    make_coupon()

    order = buy(member, make_offer(), wish=SPRING)

    assert ledger.house_balance(kind="revenue", unit="CNY") == -8900
    assert order.receipts.get().amount == 8900
    assert ledger.check() == {}


def test_an_order_that_is_not_paid_in_time_frees_its_use(member, other_member):
    coupon = make_coupon(most_uses=1)
    offer = make_offer()
    order = place(member, offer)
    assert refusal(other_member, offer) == "All of it is used."

    orders.expire(order)
    orders.expire(order)

    assert (states(), taken(coupon)) == (["released"], 0)
    assert off(other_member, offer) == [("Spring", 1000)]


def test_money_that_comes_late_takes_the_coupon_again(member):
    coupon = make_coupon(most_uses=1)
    order, payment = start(member, make_offer(), wish=SPRING)
    orders.expire(order)

    receive(*notice(payment))

    order.refresh_from_db()
    assert (order.state, states(), taken(coupon)) == (Order.State.PAID, ["used"], 1)


def test_money_that_comes_late_goes_back_when_the_coupon_is_used_up(
    member, other_member
):
    coupon = make_coupon(most_uses=1)
    order, payment = start(member, make_offer(), wish=SPRING)
    orders.expire(order)
    buy(other_member, order.offer, wish=SPRING)

    receive(*notice(payment))

    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state) == ("expired", "returned")
    assert (states(), taken(coupon)) == (["released", "used"], 1)
    assert not entitlements.holds(member, MEMBERSHIP)


def test_a_whole_refund_gives_the_coupon_back_and_a_part_does_not(member):
    coupon = make_coupon()
    order = buy(member, make_offer(), wish=SPRING)

    refunds.refund(order=order, amount=100)
    assert (states(), taken(coupon)) == (["used"], 1)

    refunds.refund(order=order)
    assert (states(), taken(coupon)) == (["returned"], 0)
    assert off(member, order.offer) == [("Spring", 1000)]


def test_a_coupon_that_does_not_come_back_stays_used(member):
    coupon = make_coupon(comes_back=False)
    order = buy(member, make_offer(), wish=SPRING)

    refunds.refund(order=order)

    assert (states(), taken(coupon)) == (["used"], 1)
    assert refusal(member, order.offer) == "You have used it already."


def test_what_is_reduced_to_nothing_needs_no_gateway_and_can_be_taken_back(member):
    coupon = make_coupon(gives="percent", percent=100)
    order = place(member, make_offer())

    payments.complete_free(order)
    assert entitlements.holds(make_again(member), MEMBERSHIP)
    assert order.payments.count() == order.receipts.count() == 0

    assert refunds.undo_free(order=order)
    assert not refunds.undo_free(order=order)
    order.refresh_from_db()
    assert (order.state, states(), taken(coupon)) == ("refunded", ["returned"], 0)
    assert not entitlements.holds(make_again(member), MEMBERSHIP)


def make_again(member):
    """As the next request sees them."""
    return type(member).objects.get(pk=member.pk)


# The price that was shown --------------------------------------------------------


def test_two_tabs_and_a_double_click_meet_in_one_order(member):
    coupon = make_coupon()
    offer = make_offer()

    assert place(member, offer) == place(member, offer)

    assert (Order.objects.count(), taken(coupon)) == (1, 1)


def test_another_wish_makes_another_order_and_frees_the_first(member):
    coupon = make_coupon(most_uses=1)
    offer = make_offer()
    first = place(member, offer)

    without = place(member, offer, Wish())

    first.refresh_from_db()
    assert (first.state, without.amount, taken(coupon)) == ("expired", 9900, 0)
    again = place(member, offer)
    assert (again.amount, taken(coupon)) == (8900, 1)


def test_a_code_that_brings_nothing_stops_the_order_and_says_why(member):
    with pytest.raises(ReductionGone, match="no coupon with this code"):
        place(member, make_offer())
    assert not Order.objects.exists()


def test_nobody_pays_another_price_than_they_were_shown(member):
    coupon = make_automatic()
    offer = make_offer()
    assert orders.quote(member, offer).amount == 8900
    Coupon.objects.filter(pk=coupon.pk).update(is_active=False)

    with pytest.raises(PriceChanged):
        place(member, offer, Wish(), expected=8900)


def test_an_automatic_coupon_that_has_come_since_is_in_the_next_order(member):
    offer = make_offer()
    place(member, offer, Wish())

    make_automatic()

    assert place(member, offer, Wish()).amount == 8900


# Which apply ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_active": False}, "not in force"),
        ({"starts_at": timezone.now() + DAY}, "not in force"),
        (
            {"starts_at": timezone.now() - 2 * DAY, "ends_at": timezone.now() - DAY},
            "not in force",
        ),
        ({"currency": "EUR"}, "not for this"),
        ({"applies_to": "kind", "kind": "item"}, "not for this"),
        ({"applies_to": "offers"}, "not for this"),
        ({"minimum": 10000}, "from a price of 100.00 CNY"),
        ({"audience": "holders", "audience_key": "tier:gold"}, "certain plan"),
        ({"audience": "listed"}, "certain members"),
        ({"most_uses": 0}, "All of it is used"),
        ({"gives": "days", "days": 7, "opens": MEMBERSHIP}, "on the page of your"),
    ],
)
def test_a_coupon_that_is_not_for_this_says_so(member, fields, words):
    make_coupon(**fields)

    assert words in refusal(member, make_offer())


@pytest.mark.parametrize(
    "fields",
    [
        {"applies_to": "plans"},
        {"applies_to": "kind", "kind": "membership"},
        {"minimum": 9900},
        {"audience": "new"},
        {"audience": "holders", "audience_key": MEMBERSHIP},
    ],
)
def test_a_coupon_that_is_for_this_counts(member, fields):
    make_paying(member)
    make_coupon(**fields)

    assert off(member, make_offer()) == [("Spring", 1000)]


def test_a_coupon_of_chosen_offers_counts_for_those_only(member):
    offer, other = make_offer(), make_offer("other")
    make_coupon(applies_to="offers").offers.add(offer)

    assert off(member, offer)
    assert not off(member, other)


def test_who_has_bought_before_is_not_new(member):
    make_coupon(audience="new")
    buy(member, make_offer())

    assert "not bought anything" in refusal(member, make_offer("other"))


def test_members_are_listed_by_handle_and_address(member, other_member, operator):
    coupon = make_coupon(audience="listed")
    other_member.email = "Other@example.com"
    other_member.save()

    names = ["@Member", "other@example.com ", "nobody", ""]
    new, unknown = coupon_codes.list_members(coupon=coupon, names=names, by=operator)

    assert (new, unknown) == (2, ["nobody"])
    assert off(member, make_offer())
    assert off(other_member, make_offer("b"))


def test_percentages_come_first_then_amounts_and_never_below_nothing(member):
    make_automatic(title="Amount", amount=1000, stacks=True)
    make_automatic(title="Tenth", gives="percent", percent=10, stacks=True)
    make_automatic(title="Half", gives="percent", percent=50, at_most=2000, stacks=True)

    assert off(member, make_offer(price=10000), Wish()) == [
        ("Tenth", 1000),
        ("Half", 2000),
        ("Amount", 1000),
    ]
    assert off(member, make_offer("cheap", price=500), Wish()) == [
        ("Tenth", 50),
        ("Half", 225),
        ("Amount", 225),
    ]


def test_of_coupons_that_do_not_go_together_the_best_counts(member):
    make_automatic(title="Good", amount=3000)
    make_automatic(title="Small", amount=100, stacks=True)
    make_coupon()
    offer = make_offer()

    quoted = orders.quote(member, offer, wish=SPRING)

    lines = [(line.title, line.amount) for line in quoted.offered.lines]
    assert lines == [("Good", 3000), ("Small", 100)]
    assert quoted.offered.note == coupon_rules.BETTER


def test_codes_are_found_however_they_are_typed(member):
    make_coupon(code="Früh-ling 2026")

    for typed in ("früh-ling 2026", "FRÜHLING2026", "ｆrüh ling２０２６"):
        assert off(member, make_offer(typed[:3]), Wish(typed))


# Limits ---------------------------------------------------------------------------


def test_a_member_uses_it_as_often_as_it_says_and_no_more(member):
    make_coupon(most_each=2)
    first, second = buy(member, make_offer(), wish=SPRING), make_offer("b")
    buy(member, second, wish=SPRING)

    assert refusal(member, make_offer("c")) == "You have used it 2 times already."
    refunds.refund(order=first)
    buy(member, make_offer("d"), wish=SPRING)

    standing = CouponUse.objects.filter(state="used").order_by("nth")
    assert list(standing.values_list("nth", flat=True)) == [1, 2]


def test_the_database_keeps_every_limit(member):
    coupon = make_coupon(most_uses=1)
    order = place(member, make_offer())
    use = CouponUse.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.filter(pk=coupon.pk).update(taken=2)
    other = place(member, make_offer("b"), Wish())
    again = CouponUse(coupon=coupon, member=member, nth=use.nth, order=other, amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
    OrderReduction.objects.filter(order=order).update(amount=999)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()
    OrderReduction.objects.filter(order=order).update(amount=1000)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_the_last_use_at_once_one_has_it():
    coupon = make_coupon(most_uses=1)
    offer = make_offer()
    people = [make_member("a"), make_member("b")]

    def wants(member):
        try:
            return place(member, offer)
        except ReductionGone:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(wants, people))

    assert len([order for order in made if order]) == 1
    assert (taken(coupon), CouponUse.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_member_with_two_tabs_uses_it_once():
    make_coupon()
    member = make_member("member")
    offers = [make_offer("a"), make_offer("b")]

    def wants(offer):
        try:
            return place(member, offer)
        except ReductionGone:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(wants, offers))

    assert len([order for order in made if order]) == 1
    assert CouponUse.objects.filter(state="reserved").count() == 1


# Codes ----------------------------------------------------------------------------


def test_codes_made_by_the_thousand_count_once_each(member, other_member, operator):
    coupon = make_coupon(codes="single", most_each=3)

    made = coupon_codes.make(coupon=coupon, number=1500, by=operator)

    assert len({code.code for code in made}) == 1500
    assert min(len(code.code) for code in made) == coupon_codes.LETTERS
    first = Wish(made[0].code)
    buy(member, make_offer(), wish=first)
    assert refusal(other_member, make_offer("b"), first.code) == (
        "This code was used already."
    )
    lines = {line[0]: line[3] for line in coupon_codes.lines_of(coupon)}
    assert (lines[made[0].code], lines[made[1].code]) == ("1", "0")


def test_a_code_that_was_given_to_somebody_is_theirs_alone(member, other_member):
    coupon = make_coupon(codes="single")

    code = coupon_codes.give(coupon=coupon, member=member, key="reward:1")
    again = coupon_codes.give(coupon=coupon, member=member, key="reward:1")

    assert code == again
    assert off(member, make_offer(), Wish(code.code))
    assert "no coupon" in refusal(other_member, make_offer("b"), code.code)


def test_a_partners_codes_are_handed_out_one_a_member(member, other_member, operator):
    coupon = make_coupon(gives="partner", partner="Tea house", codes="single")
    codes = ["Tea-1", "tea-1 ", "Tea-1", ""]
    assert coupon_codes.take_in(coupon=coupon, codes=codes, by=operator) == 2
    assert coupon_codes.take_in(coupon=coupon, codes=codes, by=operator) == 0

    code = coupon_codes.hand_out(coupon=coupon, member=member)

    assert coupon_codes.hand_out(coupon=coupon, member=member) == code
    assert coupon_codes.hand_out(coupon=coupon, member=other_member) != code
    with pytest.raises(coupon_codes.NoCodeLeft):
        coupon_codes.hand_out(coupon=coupon, member=operator)
    assert "no coupon" in refusal(member, make_offer(), code.code)


# Free days and things -------------------------------------------------------------


def test_free_days_follow_what_the_member_has(member):
    make_paying(member, days=10)
    coupon = make_automatic(gives="days", days=7, opens=MEMBERSHIP)

    coupons.redeem(member=member, coupon=coupon)

    given = Entitlement.objects.get(source="coupon")
    assert given.starts_at > timezone.now() + 9 * DAY
    assert given.ends_at - given.starts_at == 7 * DAY
    with pytest.raises(ReductionGone, match="used it already"):
        coupons.redeem(member=member, coupon=coupon)


def test_what_is_given_for_nothing_is_open_for_ever(member):
    coupon = make_coupon(gives="item", opens="item:12")
    code = CouponCode.objects.get()

    with pytest.raises(ReductionGone):
        coupons.redeem(member=member, coupon=coupon)
    coupons.redeem(member=member, coupon=coupon, code=code)

    assert entitlements.owns_for_ever(member, "item:12")
    coupon.most_each = 2
    coupon.save()
    with pytest.raises(AlreadyOwned):
        coupons.redeem(member=member, coupon=coupon, code=code)


# Privacy --------------------------------------------------------------------------


def test_a_member_takes_their_coupons_along_and_leaves_no_list(member, operator):
    coupon = make_coupon(audience="listed")
    coupon_codes.list_members(coupon=coupon, names=["member"], by=operator)
    place(member, make_offer())

    told = str(export_all(member))
    assert "Spring" in told
    assert "SPRING" in told

    erase_all(member)
    assert not coupon.listed.exists()
    assert (states(), taken(coupon)) == (["released"], 0)
