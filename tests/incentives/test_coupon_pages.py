import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import MEMBERSHIP, AuditRecord, Order
from accounts.reductions import KEPT_CODE, Wish
from accounts.services import entitlements, orders, payments
from accounts.views import limits
from incentives.models import Coupon, CouponCode, CouponUse, PointsTerms
from incentives.services import coupon_codes
from incentives.services.points import balance
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer
from tests.factories.coupons import make_automatic, make_coupon, make_terms
from tests.factories.paid_questions import give_points

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, member):
    client.force_login(member)
    return client


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def text(response):
    return " ".join(response.content.decode().split())


def test_the_checkout_shows_every_line_and_pays_what_it_showed(page, member):
    give_points(member, 5000)
    make_terms()
    make_coupon()
    offer = make_offer()

    shown = text(page.get("/checkout/month/?code=spring&points=2000"))
    for words in ("¥99", "Spring", "−¥10", "2000 points", "−¥20", "¥69"):
        assert words in shown
    assert "You have 5000. Up to 4450 count here, worth ¥44.50." in shown
    assert not Order.objects.exists()

    sent = {"gateway": "test", "code": "spring", "points": "2000", "expected": "6900"}
    assert page.post("/checkout/month/", sent).status_code == 302

    order = Order.objects.get()
    assert (order.offer, order.amount) == (offer, 6900)
    assert [line.label for line in order.reductions.all()] == ["Spring", "2000 points"]
    shown = text(page.get(order.get_absolute_url()))
    assert "Spring" in shown
    assert "−¥20" in shown


def test_the_checkout_says_why_a_code_brings_nothing_and_sends_it_no_further(page):
    make_coupon(minimum=100000)
    make_offer()

    shown = text(page.get("/checkout/month/?code=spring"))

    assert "It counts from a price of 1000.00 CNY on." in shown
    assert 'type="hidden" name="code"' not in shown


def test_a_price_that_has_changed_is_shown_before_it_is_paid(page):
    make_offer()

    sent = {"gateway": "test", "expected": "8900"}
    response = page.post("/checkout/month/", sent, follow=True)

    assert "The price has changed" in text(response)
    assert not Order.objects.exists()


def test_a_code_that_was_used_up_meanwhile_stops_the_order(page, other_member):
    make_coupon(most_uses=1)
    buy(other_member, make_offer(), wish=Wish("spring"))

    sent = {"gateway": "test", "code": "spring", "expected": "8900"}
    response = page.post("/checkout/month/", sent, follow=True)

    assert "All of it is used." in text(response)
    assert not Order.objects.filter(state="open").exists()


def test_codes_are_not_guessed_by_the_thousand(page, monkeypatch):
    monkeypatch.setattr(limits, "LOOKS", 2)  # a slow machine looks seldom
    make_offer()
    answers = [text(page.get(f"/checkout/month/?code=x{n}")) for n in range(10)]

    assert "no coupon with this code" in answers[0]
    assert "Too many tries" in answers[-1]


def test_what_costs_nothing_any_more_opens_without_a_gateway(page, member):
    make_coupon(gives="percent", percent=100)
    make_offer()
    assert "Get it" in text(page.get("/checkout/month/?code=spring"))

    page.post("/checkout/month/", {"code": "spring", "expected": "0"})

    assert Order.objects.get().state == "paid"


def test_a_link_keeps_its_code_until_the_checkout_through_signing_in(client, member):
    make_coupon()
    make_offer()
    client.get("/c/Spring/")
    client.force_login(member)

    assert "−¥10" in text(client.get("/checkout/month/"))
    client.post("/checkout/month/", {"gateway": "test", "code": "spring"})

    assert Order.objects.get().amount == 8900
    assert KEPT_CODE not in client.session


def test_the_shelf_shows_what_is_usable_kept_used_and_over(page, member, operator):
    make_automatic(title="By itself")
    make_automatic(title="For others", audience="listed")
    single = make_coupon(title="Mine", codes="single")
    coupon_codes.give(coupon=single, member=member, key="reward:1")
    ended = make_coupon(title="Gone by", codes="single")
    coupon_codes.give(coupon=ended, member=member, key="reward:2")
    Coupon.objects.filter(pk=ended.pk).update(is_active=False)
    make_coupon(title="In the cart", code="CART", amount=2000)
    make_coupon(title="Bought with", code="OLD", amount=3000)
    buy(member, make_offer("b"), wish=Wish("old"))
    orders.place_order(member=member, offer=make_offer(), wish=Wish("cart"))

    shown = text(page.get("/coupons/"))

    usable, rest = shown.split("Kept for an order")
    assert "By itself" in usable
    assert "Mine" in usable
    assert "For others" not in shown
    kept, rest = rest.split("<h2>Used</h2>")
    used, over = rest.split("<h2>Over</h2>")
    assert "In the cart" in kept
    assert "Bought with" in used
    assert "Gone by" in over


def test_entering_a_code_opens_free_days_at_once(page, member):
    make_coupon(gives="days", days=7, opens=MEMBERSHIP)

    page.post("/coupons/enter/", {"code": "spring"})
    assert entitlements.holds(member, MEMBERSHIP)

    again = page.post("/coupons/enter/", {"code": "spring"})
    assert again.status_code == 422
    assert "You have used it already." in text(again)


def test_entering_a_code_for_a_price_leads_to_what_it_is_for(page):
    offer = make_offer()
    make_coupon(applies_to="offers").offers.add(offer)

    response = page.post("/coupons/enter/", {"code": "spring"})

    assert response.url == "/checkout/month/"
    assert "−¥10" in text(page.get(response.url))


def test_a_partners_code_is_handed_out_and_shown_to_whoever_got_it(
    page, member, operator
):
    coupon = make_coupon(
        gives="partner", partner="Tea house", codes="single", title="Tea"
    )
    coupon_codes.take_in(coupon=coupon, codes=["TEA-77"], by=operator)
    assert "TEA-77" not in text(page.get("/coupons/"))

    page.post(f"/coupons/{coupon.pk}/take/")

    assert "TEA-77" in text(page.get("/coupons/"))
    page.force_login(make_member("late"))
    assert "Tea" not in text(page.get("/coupons/")).replace("Team", "")
    answer = page.post(f"/coupons/{coupon.pk}/take/", follow=True)
    assert "All codes are handed out." in text(answer)


# The desk -------------------------------------------------------------------------

ADMIN = "/admin/incentives/coupon/"
FIELDS = {
    "title": "Autumn",
    "gives": "amount",
    "amount": "12.50",
    "currency": "CNY",
    "codes": "shared",
    "shared_code": "Autumn 26",
    "applies_to": "all",
    "audience": "everybody",
    "starts_at_0": "2026-01-01",
    "starts_at_1": "00:00",
    "most_each": "1",
    "hypothesis": "More will buy in autumn.",
    "periods": "1",
    "is_active": "on",
}


def test_an_operator_makes_a_coupon_and_its_code(desk, other_member):
    response = desk.post(f"{ADMIN}add/", FIELDS)

    assert response.status_code == 302, response.context["adminform"].form.errors
    coupon = Coupon.objects.get()
    assert (coupon.amount, coupon.all_codes.get().code) == (1250, "AUTUMN26")
    buy(other_member, make_offer(), wish=Wish("autumn-26"))
    shown = text(desk.get(ADMIN))
    assert "12.50 CNY" in shown
    form = desk.get(f"{ADMIN}{coupon.pk}/change/")
    assert form.context["adminform"].form["shared_code"].value() == "AUTUMN26"


def test_single_codes_are_not_shown_as_one_that_all_share(desk, operator):
    coupon = make_coupon(codes=Coupon.Codes.SINGLE)
    coupon_codes.make(coupon=coupon, number=2, by=operator)

    form = desk.get(f"{ADMIN}{coupon.pk}/change/").context["adminform"].form

    assert not form["shared_code"].value()


def test_a_form_does_not_write_over_what_was_counted_meanwhile(desk, member):
    desk.post(f"{ADMIN}add/", FIELDS)
    coupon = Coupon.objects.get()
    stale = Coupon.objects.get()
    orders.place_order(member=member, offer=make_offer(), wish=Wish("autumn26"))

    stale.save()

    coupon.refresh_from_db()
    assert coupon.taken == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": ""}, "Say how much it gives"),
        ({"shared_code": ""}, "Which code?"),
        ({"shared_code": "taken"}, "Another coupon has this code."),
        ({"gives": "partner", "partner": "Tea"}, "codes count once each"),
        ({"applies_to": "kind"}, "Which kind?"),
        ({"audience": "holders"}, "Which key?"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_not_made(desk, fields, words):
    make_coupon(code="TAKEN")

    response = desk.post(f"{ADMIN}add/", FIELDS | fields)

    assert words in text(response)
    assert Coupon.objects.count() == 1


def test_codes_are_made_into_a_file_and_told_to_the_audit(desk):
    coupon = make_coupon(codes="single")

    response = desk.post(f"{ADMIN}{coupon.pk}/make-codes/", {"number": "25"})

    lines = b"".join(response.streaming_content).decode().split()
    assert len(lines) == 26
    assert CouponCode.objects.filter(code=lines[1]).exists()
    assert AuditRecord.objects.filter(act="made coupon codes").count() == 1
    told = desk.get(f"{ADMIN}{coupon.pk}/codes-csv/")
    assert lines[1] in b"".join(told.streaming_content).decode()


def test_codes_and_members_are_taken_in_from_a_file(desk, member):
    partner = make_coupon(gives="partner", partner="Tea", codes="single")
    file = SimpleUploadedFile("codes.csv", b"TEA-1,x\nTEA-2,y\n")
    desk.post(f"{ADMIN}{partner.pk}/take-in-codes/", {"file": file})
    assert partner.all_codes.count() == 2

    listed = make_coupon(audience="listed")
    answer = desk.post(
        f"{ADMIN}{listed.pk}/list-members/",
        {"lines": "@member\nnobody"},
        follow=True,
    )
    assert listed.listed.get().member == member
    assert "Nobody is called: nobody" in text(answer)


def test_an_operator_says_what_points_are_worth(desk):
    sent = {"currency": "CNY", "points": "100", "worth": "1.00", "most_percent": "30"}
    sent["hypothesis"] = "Points will be used."

    desk.post("/admin/incentives/pointsterms/add/", sent | {"is_active": "on"})

    assert PointsTerms.objects.get().worth == 100


def test_an_operator_takes_back_what_points_alone_have_paid(desk, member):
    give_points(member, 9900)
    make_terms(most_percent=100)
    offer = make_offer()
    order = orders.place_order(member=member, offer=offer, wish=Wish(points=9900))
    payments.complete_free(order)
    address = f"/admin/accounts/order/{order.pk}/refund/"
    assert "No money was paid." in text(desk.get(address))

    desk.post(address, {"reason": "a mistake"})

    order.refresh_from_db()
    assert (order.state, balance(member)) == ("refunded", 9900)
    assert CouponUse.objects.count() == 0


def test_an_order_that_waits_is_paid_as_it_was_made(page, member):
    offer = make_offer()
    make_coupon(code="SPRING")
    make_terms()
    give_points(member, 500)
    wish = Wish("spring", points=500)
    order = orders.place_order(member=member, offer=offer, wish=wish)

    assert page.get(f"/orders/{order.number}/").context["checkout"] == (
        f"{offer.get_absolute_url()}?code=SPRING&points=500"
    )
    plain = orders.place_order(member=member, offer=make_offer("plain"))
    told = page.get(f"/orders/{plain.number}/").context["checkout"]
    assert told == plain.offer.get_absolute_url()
