from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.errors import UnknownCode
from accounts.models import Entitlement, Gift, Subscription
from accounts.services import gifts, refunds, subscriptions
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_plan

pytestmark = pytest.mark.django_db


def test_a_gift_opens_for_whoever_redeems_it_and_does_not_renew(member):
    order = buy(member, make_plan(), is_gift=True)
    friend = make_member("friend")

    gifts.redeem(code=order.gift.code, member=friend)

    given = Entitlement.objects.get()
    assert (given.member, given.source, given.order) == (friend, "gift", order)
    assert not Subscription.objects.exists()


def test_a_gift_comes_after_the_plan_that_runs(member):
    plan = make_plan()
    friend = make_member("friend")
    buy(friend, plan)
    end = subscriptions.running(friend).period_ends_at
    order = buy(member, plan, is_gift=True)

    given = gifts.redeem(code=order.gift.code, member=friend)

    assert given.starts_at == end
    assert subscriptions.running(friend).period_ends_at == given.ends_at


def test_no_code_works_twice_or_after_a_refund(member):
    plan = make_plan()
    order = buy(member, plan, is_gift=True)
    gifts.redeem(code=order.gift.code, member=member)
    other = buy(member, plan, is_gift=True)
    refunds.refund(order=other)

    for code in (order.gift.code, other.gift.code, "", "AAAA-BBBB-CCCC-DDDD"):
        with pytest.raises(UnknownCode):
            gifts.redeem(code=code, member=member)


@pytest.mark.django_db(transaction=True)
def test_two_who_redeem_at_the_same_moment_get_it_once():
    order = buy(make_member("giver"), make_plan(), is_gift=True)
    friends = [make_member(f"friend{n}") for n in range(4)]

    def redeem(friend):
        try:
            gifts.redeem(code=order.gift.code, member=friend)
        except UnknownCode:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(redeem, friends)) == 1
    assert Gift.objects.get().redeemed_by in friends
    assert Entitlement.objects.count() == 1


@pytest.mark.parametrize("path", ["/gift/", "/invitation/"])
def test_codes_cannot_be_guessed_one_after_the_other(client, member, path):
    client.force_login(member)

    answers = [client.post(path, {"code": f"GUESS-{n}"}) for n in range(11)]

    told = ["Too many tries" in answer.content.decode() for answer in answers]
    assert told == [False] * 10 + [True]


def test_a_good_code_works_after_a_wrong_one(client, member):
    gift = buy(make_member("giver"), make_plan(), is_gift=True).gift
    client.force_login(member)

    client.post("/gift/", {"code": "AAAA-BBBB-CCCC-DDDD"})
    client.post("/gift/", {"code": gift.code})

    assert Entitlement.objects.get().member == member
