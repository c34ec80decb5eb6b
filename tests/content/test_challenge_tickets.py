"""Paying for a challenge, and what becomes of what was paid."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.errors import NotEnough
from accounts.models import Order, ShareAgreement
from accounts.privacy import erase_all, export_all
from accounts.services import ledger
from accounts.services.ledger import POINTS
from content.errors import ChallengeClosed, ChallengeFull, NotIncluded
from content.models import Challenge, ChallengeMember, ChallengeTicket
from content.services import challenge_tickets as tickets
from content.services import challenges
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_paying
from tests.factories.challenges import make_challenge
from tests.factories.paid_questions import give_points

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def sold(**says):
    return make_challenge(starts=3, **({"access": "sold", "price": 1001} | says))


def pay(challenge, member):
    buy(member, tickets.offer_for(challenge=challenge, member=member))
    return tickets.ticket_of(challenge, member)


def pay_points(challenge, member, has=100):
    give_points(member, has, key=f"camp {challenge.pk} {member.pk}")
    tickets.pay_with_points(challenge=challenge, member=member)
    return tickets.ticket_of(challenge, member)


def points(member):
    return ledger.balance(member, kind="points", unit=POINTS)


def held_points():
    return ledger.house_balance(kind="points held", unit=POINTS)


def order_of(member):
    return Order.objects.get(member=member)


def test_nobody_comes_in_without_paying(member):
    camp = sold()
    with pytest.raises(NotIncluded):
        challenges.join(challenge=camp, member=member)
    pay(camp, member)
    assert challenges.join(challenge=camp, member=member).left_at is None


def test_a_challenge_of_the_membership_is_for_paying_members(member):
    camp = make_challenge(access="membership")
    with pytest.raises(NotIncluded):
        challenges.join(challenge=camp, member=member)
    paying = make_member("paying")
    make_paying(paying)
    challenges.join(challenge=camp, member=paying)


def test_what_the_membership_includes_costs_its_members_nothing(member):
    make_paying(member)
    challenges.join(challenge=sold(included_in_membership=True), member=member)


def test_who_has_paid_has_a_place_before_taking_part(member):
    camp = sold(places=1)
    pay(camp, member)
    late = make_member("late")
    assert challenges.places_left(camp) == 0
    with pytest.raises(ChallengeFull):
        tickets.offer_for(challenge=camp, member=late)
    challenges.join(challenge=camp, member=member)
    assert challenges.places_left(camp) == 0


def test_money_for_a_place_that_is_gone_goes_back(member):
    camp = sold(places=1)
    late = make_member("late")
    offer = tickets.offer_for(challenge=camp, member=late)
    pay(camp, member)
    buy(late, offer)
    assert not challenges.has_ticket(camp, late)
    assert order_of(late).payments.get().refunds.get().amount == 1001


@pytest.mark.parametrize("takes_part", [True, False])
def test_before_the_first_day_everything_comes_back(member, takes_part):
    camp = sold()
    ticket = pay(camp, member)
    if takes_part:
        mine = challenges.join(challenge=camp, member=member)
        tickets.leave(participant=mine)
    else:
        tickets.give_up(ticket=ticket)
    ticket.refresh_from_db()
    assert ticket.settled_at
    assert order_of(member).payments.get().refunds.get().amount == 1001
    with pytest.raises(NotIncluded):
        challenges.join(challenge=camp, member=member)
    pay_again = tickets.offer_for(challenge=camp, member=member)
    assert pay_again.is_active


def test_who_paid_with_money_before_may_pay_with_points_now(member):
    camp = sold(points=100)
    tickets.give_up(ticket=pay(camp, member))
    ticket = pay_points(camp, member)
    assert (ticket.is_good, ticket.order, ticket.paid_points) == (True, None, 100)
    tickets.give_up(ticket=ticket)
    assert pay(camp, member).is_good
    assert points(member) == 100


def test_places_that_were_paid_are_not_taken_away(member):
    camp = sold(places=2)
    pay(camp, member)
    pay(camp, make_member("other"))
    with pytest.raises(ChallengeFull):
        challenges.change_challenge(challenge=camp, places=1)


def test_later_nothing_comes_back_but_one_may_come_again(member):
    camp = sold(price=None, points=100)
    ticket = pay_points(camp, member)
    mine = challenges.join(challenge=camp, member=member)
    with time_machine.travel(timezone.now() + 4 * DAY):
        tickets.leave(participant=mine)
        with pytest.raises(ChallengeClosed):
            tickets.give_up(ticket=ticket)
        assert (points(member), held_points()) == (0, 100)
        challenges.join(challenge=camp, member=member)
    mine.refresh_from_db()
    assert mine.left_at is None


def test_when_it_is_cancelled_everything_comes_back_once(member):
    camp = sold(points=100)
    by_points, by_money = member, make_member("payer")
    pay_points(camp, by_points)
    pay(camp, by_money)
    challenges.cancel_challenge(challenge=camp, by=camp.host)
    for _time in range(2):
        tickets.advance()
    assert (points(by_points), held_points()) == (100, 0)
    assert order_of(by_money).payments.get().refunds.get().amount == 1001


def test_once_it_is_over_the_host_has_their_share(member):
    camp = sold(points=100)
    ShareAgreement.objects.create(
        creator=camp.host, per_mille=700, starts_on=timezone.localdate()
    )
    payer = make_member("payer")
    pay_points(camp, member)
    pay(camp, payer)
    tickets.advance()
    assert points(camp.host) == 0
    with time_machine.travel(timezone.now() + 9 * DAY):
        for _time in range(2):
            tickets.advance()
    assert (points(camp.host), held_points()) == (70, 0)
    assert ledger.balance(camp.host, kind="payable", unit="CNY") == -700
    assert not ChallengeTicket.objects.filter(settled_at=None).exists()


def test_paying_twice_with_points_pays_once(member):
    camp = sold(price=None, points=100)
    pay_points(camp, member, has=200)
    tickets.pay_with_points(challenge=camp, member=member)
    assert points(member) == 100
    with pytest.raises(NotEnough):
        tickets.pay_with_points(challenge=camp, member=make_member("poor"))


def test_who_goes_for_good_gets_back_what_has_not_begun(member):
    camp = sold(price=None, points=100)
    pay_points(camp, member)
    assert "Twenty pages" in str(export_all(member))
    erase_all(member)
    assert held_points() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pay_for_the_last_place_one_has_it():
    camp = sold(price=None, points=100, places=1)
    people = [make_member("one"), make_member("two")]
    for person in people:
        give_points(person, 100, key=f"camp {person.pk}")

    def try_to_pay(person):
        try:
            tickets.pay_with_points(challenge=camp, member=person)
        except ChallengeFull:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        paid = list(pool.map(try_to_pay, people))
    assert sorted(paid) == [False, True]
    assert held_points() == 100


def test_a_place_from_its_price_to_taking_part(client, member):
    camp = sold(points=100)
    address = camp.get_absolute_url()
    give_points(member, 100, key="camp")
    client.force_login(member)
    for path in (address, f"{address}join/", "/challenges/"):
        text = client.get(path).content.decode()
        assert "10.01" in text
        assert "100 points" in text
    assert client.post(f"{address}join/", {"remind_hour": "19"}).status_code == 422
    assert not ChallengeMember.objects.exists()

    money = client.post(f"{address}pay/", {"with": "money"})
    assert f"/checkout/camp-{ChallengeTicket.objects.get().pk}-1/" in money.url
    client.post(f"{address}pay/", {"with": "points"})
    text = client.get(f"{address}join/").content.decode()
    assert "Give the place back" in text
    client.post(f"{address}join/", {"remind_hour": "19"})
    assert ChallengeMember.objects.get().member == member
    client.force_login(camp.host)
    manage = client.get(f"/studio/challenges/{camp.pk}/").content.decode()
    assert "1 place is paid" in manage
    client.force_login(member)

    asks = client.post(f"{address}leave/").content.decode()
    assert "What you paid comes back to you." in asks
    client.post(f"{address}leave/", {"sure": "1"})
    assert points(member) == 100


def test_who_has_too_few_points_is_told_there(client, member):
    camp = sold(price=None, points=100)
    client.force_login(member)
    answer = client.post(f"{camp.get_absolute_url()}pay/", {"with": "points"})
    assert answer.status_code == 422
    assert "You do not have that many points." in answer.content.decode()


def test_the_host_names_a_price(client, operator):
    camp = make_challenge(publish=False, host=operator)
    client.force_login(operator)
    says = {
        "title": camp.title,
        "task": camp.task,
        "space": camp.space_id,
        "first_day": camp.first_day,
        "last_day": camp.last_day,
        "required_days": 3,
        "rest_days": 2,
        "late_hours": 12,
        "access": "sold",
        "currency": "CNY",
    }
    path = f"/studio/challenges/{camp.pk}/change/"
    answer = client.post(path, says)
    assert answer.status_code == 422
    assert "Name a price in money or in points." in answer.content.decode()
    client.post(path, says | {"money": "99.50"})
    camp.refresh_from_db()
    assert (camp.price, camp.access) == (9950, Challenge.Access.SOLD)
    assert 'value="99.50"' in client.get(path).content.decode()
