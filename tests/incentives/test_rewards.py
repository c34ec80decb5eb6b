import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import (
    AlreadyOwned,
    NotEnough,
    OverOwnLimit,
    ReductionGone,
    SoldOut,
)
from accounts.models import MEMBERSHIP, Activity, JournalEntry, Order, Verb
from accounts.reductions import Wish
from accounts.services import entitlements, ledger, orders, own_limits
from incentives.errors import NotOnOffer, TakenOften
from incentives.models import CouponCode, Redemption, Reward
from incentives.services import rewards
from incentives.services.points import balance
from incentives.services.statements import statement
from tests.content.test_post_files import picture
from tests.factories.accounts import make_member
from tests.factories.billing import make_offer
from tests.factories.coupons import make_coupon, make_terms
from tests.factories.paid_questions import give_points
from tests.factories.rewards import make_goods, make_reward, redeem, take

pytestmark = pytest.mark.django_db


def house(kind):
    return ledger.house_balance(kind=kind, unit="points")


def test_a_reward_costs_its_points_once_a_form(member):
    reward, key = make_reward(), uuid4()
    give_points(member, 50)

    first = redeem(member, reward, form_key=key)
    again = redeem(member, reward, form_key=key)

    assert first == again
    assert (balance(member), house("points spent")) == (30, 20)
    assert Activity.objects.filter(verb=Verb.REWARD_REDEEMED).count() == 1
    assert statement(member, language="en")[0].reason == "A reward"
    assert ledger.check() == {}


def test_days_of_the_membership_are_added_to_what_is_held(member):
    for _ in range(2):
        take(member, make_reward(days=30))

    last = member.entitlements.latest("ends_at")
    left = last.ends_at - timezone.now()
    assert dt.timedelta(days=59) < left <= dt.timedelta(days=60, hours=2)


def test_a_key_is_opened_for_ever_and_not_sold_twice(member):
    reward = make_reward("key", what="item:12")
    take(member, reward)

    assert entitlements.owns_for_ever(member, "item:12")
    with pytest.raises(AlreadyOwned):
        take(member, reward)
    assert balance(member) == 20


def test_who_is_a_member_for_ever_takes_no_days(member):
    entitlements.grant(
        member=member,
        what=MEMBERSHIP,
        source="staff",
        starts_at=timezone.now(),
        ends_at=None,
    )
    with pytest.raises(AlreadyOwned):
        take(member, make_reward())


def test_a_donation_is_the_causes(member):
    take(member, make_reward("donation"))

    assert (house("points spent"), house("points donated")) == (0, 20)


def test_a_coupon_is_a_new_code_for_the_member_alone(member, other_member):
    coupon = make_coupon(codes="single", title="A tenth off")
    reward = make_reward("coupon", coupon=coupon)
    take(member, reward)
    take(other_member, reward)

    codes = CouponCode.objects.filter(coupon=coupon)
    assert {code.member for code in codes} == {member, other_member}


def test_a_coupon_that_is_over_is_not_given_for_points(member):
    coupon = make_coupon(codes="single", is_active=False)
    with pytest.raises(ReductionGone):
        take(member, make_reward("coupon", coupon=coupon))
    assert balance(member) == 20


def test_no_code_is_given_for_points_that_could_never_be_used(member):
    coupon = make_coupon(codes="single", most_each=2)
    reward = make_reward("coupon", coupon=coupon)
    for _ in range(2):
        take(member, reward)

    with pytest.raises(TakenOften):
        take(member, reward)

    assert (CouponCode.objects.count(), balance(member)) == (2, 20)


def test_nobody_pays_more_points_than_the_page_has_shown(client, member):
    give_points(member, 100)
    client.force_login(member)
    reward = make_reward(points=20)
    page = client.get(f"/shop/{reward.pk}/")
    seen = {"form_key": uuid4(), "expected": page.context["form"]["expected"].value()}
    Reward.objects.filter(pk=reward.pk).update(points=90)

    refused = client.post(f"/shop/{reward.pk}/", seen)
    assert (refused.status_code, balance(member)) == (422, 100)
    assert "The price has changed" in refused.content.decode()
    seen["expected"] = refused.context["form"]["expected"].value()
    client.post(f"/shop/{reward.pk}/", seen)
    assert balance(member) == 10


def test_too_few_points_take_nothing(member):
    reward = make_goods(stock=1)
    give_points(member, 19)

    with pytest.raises(NotEnough):
        redeem(member, reward)

    reward.refresh_from_db()
    assert (reward.stock, Redemption.objects.count(), balance(member)) == (1, 0, 19)


def test_what_is_sold_out_costs_nothing(member):
    with pytest.raises(SoldOut):
        take(member, make_goods(stock=0))
    assert (balance(member), Redemption.objects.count()) == (20, 0)


def test_a_member_has_it_as_often_as_one_may(member):
    reward = make_reward(per_member=1)
    take(member, reward)
    with pytest.raises(TakenOften):
        take(member, reward)


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"min_level": 3},
        {"since": timezone.now() + dt.timedelta(days=1)},
        {
            "since": timezone.now() - dt.timedelta(days=2),
            "until": timezone.now() - dt.timedelta(days=1),
        },
    ],
)
def test_what_is_not_on_offer_to_the_member_is_not_given(member, fields):
    with pytest.raises(NotOnOffer):
        take(member, make_reward(**fields))


@pytest.mark.parametrize(
    "fields",
    [{"points": 0}, {"stock": -1}, {"kind": "days", "days": None}, {"kind": "key"}],
)
def test_the_database_refuses_a_reward_that_makes_no_sense(member, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Reward.objects.create(**{"kind": "goods", "title": "x", "points": 1} | fields)


@pytest.mark.django_db(transaction=True)
def test_the_last_one_has_one_winner():
    reward = make_goods(stock=1)
    people = [make_member(f"m{number}") for number in range(4)]
    for member in people:
        give_points(member, 20)

    def one(member):
        try:
            redeem(member, reward)
        except SoldOut:
            return "sold out"
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(4) as pool:
        came = sorted(pool.map(one, people))

    reward.refresh_from_db()
    assert came == ["sold out"] * 3 + ["taken"]
    assert (reward.stock, Redemption.objects.count()) == (0, 1)
    assert sorted(balance(member) for member in people) == [0, 20, 20, 20]
    assert ledger.check() == {}


@pytest.mark.django_db(transaction=True)
def test_the_own_limit_stands_against_several_at_once():
    reward, member = make_reward(), make_member("eager")
    give_points(member, 100)
    own_limits.set_limit(member=member, unit="points", amount=45)

    def one(_number):
        try:
            redeem(member, reward)
        except OverOwnLimit:
            return "refused"
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(4) as pool:
        came = sorted(pool.map(one, range(4)))

    assert came == ["refused", "refused", "taken", "taken"]
    assert balance(member) == 60


def test_a_member_sees_the_shop_and_takes_something(client, member):
    make_reward(title="A month with us")
    reward = make_goods(title="A tea bowl")
    give_points(member, 30)
    client.force_login(member)

    assert "A month with us" in client.get("/shop/").content.decode()
    page = client.get(f"/shop/{reward.pk}/")
    form_key = page.context["form"].initial.get("form_key") or uuid4()
    sent = {
        "form_key": form_key,
        "name": "Wang Fang",
        "phone": "13800138000",
        "address": "Lane 7",
    }
    refused = client.post(f"/shop/{reward.pk}/", sent)
    assert refused.status_code == 422  # not without agreeing
    assert "Lane 7" in refused.content.decode()

    done = client.post(f"/shop/{reward.pk}/", {**sent, "agrees": "on"}, follow=True)

    assert "A tea bowl" in done.content.decode()
    assert "Lane 7" in done.content.decode()
    assert balance(member) == 10
    assert "A tea bowl" in client.get("/shop/orders/").content.decode()


def test_a_refusal_says_why(client, member):
    reward = make_reward(points=50)
    client.force_login(member)

    page = client.get(f"/shop/{reward.pk}/").content.decode()
    sent = client.post(f"/shop/{reward.pk}/", {"form_key": uuid4()})

    assert "You do not have that many points yet." in page
    assert sent.status_code == 422
    assert "You do not have that many points." in sent.content.decode()


def test_a_rest_from_buying_holds_in_the_shop(client, member):
    reward = make_reward()
    give_points(member, 20)
    own_limits.rest(member=member, days=7)
    client.force_login(member)

    sent = client.post(f"/shop/{reward.pk}/", {"form_key": uuid4()})

    assert sent.url == "/points/limits/"
    assert balance(member) == 20


def test_operators_put_a_reward_on_offer_at_the_desk(client, operator, member):
    client.force_login(operator)
    sent = {
        "kind": "goods",
        "title": "A tea bowl",
        "points": "40",
        "stock": "",
        "min_level": "0",
        "position": "0",
        "hypothesis": "A cup is worth more than money.",
        "is_active": "on",
        "since_0": "2026-01-01",
        "since_1": "00:00",
        "picture": picture(),
    }
    refused = client.post("/admin/incentives/reward/add/", sent)
    assert "Say how many there are to send." in refused.content.decode()

    again = {**sent, "stock": "3", "picture": picture()}
    client.post("/admin/incentives/reward/add/", again)

    reward = Reward.objects.get()
    assert (reward.stock, reward.picture.name.endswith(".webp")) == (3, True)
    client.force_login(member)
    assert reward.picture.url in client.get("/shop/").content.decode()


def test_points_at_the_checkout_heed_the_own_limit(member):
    make_terms()
    give_points(member, 5000)
    own_limits.set_limit(member=member, unit="points", amount=10)

    with pytest.raises(OverOwnLimit):
        orders.place_order(member=member, offer=make_offer(), wish=Wish(points=5000))

    assert (balance(member), Order.objects.count()) == (5000, 0)
    orders.place_order(member=member, offer=make_offer("two"))


def test_what_members_take_while_the_stock_is_counted_anew_stays_taken(member):
    reward = make_goods(stock=5)
    take(member, reward)

    rewards.change_stock(reward=reward, before=5, after=15)
    reward.refresh_from_db()
    assert reward.stock == 14

    rewards.change_stock(reward=reward, before=14, after=None)
    reward.refresh_from_db()
    assert reward.stock is None


def change_at_the_desk(client, address, **fields):
    sent = {
        "title": "A new name",
        "hypothesis": "By this name it is found.",
        "points": "20",
        "min_level": "0",
        "position": "0",
        "is_active": "on",
        "since_0": "2026-01-01",
        "since_1": "00:00",
        "text": "",
    }
    client.post(address, {**sent, **fields})


def test_a_form_left_open_does_not_bring_the_stock_back(client, operator, member):
    reward = make_goods(stock=5)
    client.force_login(operator)
    address = f"/admin/incentives/reward/{reward.pk}/change/"
    shown = client.get(address).context["adminform"].form.initial
    take(member, reward)

    seen = {"stock": shown["stock"], "initial-stock": "5"}
    change_at_the_desk(client, address, **seen)

    reward.refresh_from_db()
    assert (reward.title, reward.stock) == ("A new name", 4)


def test_why_a_reward_was_changed_is_in_the_journal(client, operator):
    reward = make_goods(stock=5)
    client.force_login(operator)
    address = f"/admin/incentives/reward/{reward.pk}/change/"

    changes = {"kind": "goods", "stock": "7", "initial-stock": "5"}
    change_at_the_desk(client, address, **changes)

    reward.refresh_from_db()
    entry = JournalEntry.objects.get()
    assert reward.stock == 7
    assert entry.hypothesis == "By this name it is found."
    assert entry.changed["stock"] == ["5", "7"]
