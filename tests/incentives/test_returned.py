"""Points that come back: those put away while something was looked at or was about to
end are in no better place for it."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.reductions import Wish
from accounts.services import ledger, orders
from incentives.models import Reversal
from incentives.services import bounties, points, redemptions
from incentives.services.points import balance
from tests.factories.accounts import make_space
from tests.factories.billing import make_offer
from tests.factories.coupons import make_terms
from tests.factories.discussions import make_topic
from tests.factories.paid_questions import give_points
from tests.factories.rewards import make_goods, redeem

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def made(member, number=100, **terms):
    points.grant(member=member, points=number, key="made", cause="earned", **terms)


def order_and_give_up(member):
    make_terms()
    order = orders.place_order(
        member=member, offer=make_offer(), wish=Wish(points=1_000)
    )
    return lambda: orders.expire(order)


def take_goods_and_call_off(member):
    taken = redeem(member, make_goods(points=100))
    return lambda: redemptions.call_off(redemption=taken)


def put_up_and_wait(member):
    question = make_topic(member, kind="question", space=make_space(access="public"))
    bounties.put_up(member=member, topic=question.pk, points=100)
    return lambda: bounties.settle(timezone.now() + 100 * DAY)


@pytest.mark.parametrize(
    "put_away", [order_and_give_up, take_goods_and_call_off, put_up_and_wait]
)
def test_what_was_put_away_while_its_cause_fell_is_taken_when_it_comes_back(
    member, put_away
):
    made(member)
    come_back = put_away(member)
    assert balance(member) == 0
    assert points.take_back(key="undo", of="made") == 0

    come_back()

    assert balance(member) == 0
    reversal = Reversal.objects.get()
    assert (reversal.taken, reversal.short) == (100, 0)
    assert ledger.check() == {}


def test_what_was_used_before_is_forgotten_by_what_is_taken_later(member):
    made(member)
    points.spend(member=member, points=100, key="gone", cause="reward")
    points.take_back(key="undo", of="made")
    give_points(member, 100)

    take_goods_and_call_off(member)()

    assert balance(member) == 100


def test_points_are_extended_once_however_often_they_are_put_away(member):
    now = timezone.now()
    made(member, expires_at=now + DAY)
    first = redeem(member, make_goods(points=100))
    with time_machine.travel(now + 2 * DAY, tick=False):
        redemptions.call_off(redemption=first)
        assert balance(member) == 100
        second = redeem(member, make_goods(points=100))
    with time_machine.travel(now + 15 * DAY, tick=False):
        redemptions.call_off(redemption=second)
        assert balance(member) == 100
        third = redeem(member, make_goods(points=100))
    with time_machine.travel(now + 17 * DAY, tick=False):
        redemptions.call_off(redemption=third)
        assert balance(member) == 0
    assert ledger.check() == {}
