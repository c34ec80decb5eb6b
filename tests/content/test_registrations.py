import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import NotEnough
from accounts.models import MEMBERSHIP, Activity, Order, Refund, Verb
from accounts.services import held, ledger, refunds
from content.errors import (
    NoSeatKept,
    NotIncluded,
    RegistrationClosed,
    TooLateToCancel,
)
from content.models import Event, Registration
from content.services import events, registrations
from tests.factories.accounts import make_member
from tests.factories.billing import make_paying, notice, receive, start
from tests.factories.events import go, go_for_money, go_for_points, make_event

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def clock(db):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def points(member):
    return ledger.balance(member, kind=held.MEMBER, unit="points")


def points_held():
    return ledger.house_balance(kind=held.HELD, unit="points")


def in_books(kind):
    return ledger.house_balance(kind=kind, unit="CNY")


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


def states(event):
    rows = event.registrations.order_by("pk")
    return list(rows.values_list("state", flat=True))


def taken(event):
    event.refresh_from_db()
    return event.taken


# Coming -----------------------------------------------------------------------


def test_a_free_seat_is_had_at_once_and_once(member):
    event = make_event(questions=["Why?"])

    first = registrations.register(event=event, member=member, answers=["Sand."])
    again = registrations.register(event=event, member=member, answers=["Clay."])

    assert (first, first.state) == (again, "going")
    assert again.answers == [["Why?", "Sand."]]
    assert taken(event) == 1
    assert Activity.objects.filter(verb=Verb.EVENT_REGISTERED).count() == 1


def test_nobody_comes_before_registration_opens_after_it_closes_or_to_a_draft(member):
    now = timezone.now()
    for event in (
        make_event(opens_at=now + HOUR),
        make_event(closes_at=now - HOUR),
        make_event(publish=False),
        make_event(days=-1),
    ):
        with pytest.raises(RegistrationClosed):
            go(event, member)
        assert taken(event) == 0


def test_an_event_of_the_membership_is_for_who_has_it(member, other_member):
    event = make_event(access=Event.Access.MEMBERSHIP)
    make_paying(member, MEMBERSHIP)

    assert go(event, member).is_going
    with pytest.raises(NotIncluded):
        go(event, other_member)


def test_what_is_sold_is_free_for_members_it_is_included_for(member, other_member):
    event = make_event(price=5000, included_in_membership=True)
    make_paying(member, MEMBERSHIP)

    assert go(event, member).is_going
    assert go(event, other_member).is_offered


def test_a_full_event_has_a_waiting_list_in_the_order_of_coming(member, other_member):
    event = make_event(seats=1)
    first = make_member("first")
    go(event, first)
    second, third = go(event, member), go(event, other_member)

    assert (second.state, third.state) == ("waiting", "waiting")
    assert registrations.place_in_queue(second) == 1
    assert registrations.place_in_queue(third) == 2
    assert taken(event) == 1


def test_the_database_lets_nobody_have_more_seats_than_there_are():
    event = make_event(seats=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(taken=2)


# Moving up --------------------------------------------------------------------


def test_a_seat_given_back_is_kept_for_the_next_who_confirms(
    member, other_member, clock
):
    event = make_event(seats=1, days=10)
    leaving = go(event, make_member("leaving"))
    next_one, last = go(event, member), go(event, other_member)

    registrations.cancel_registration(registration=leaving)

    next_one.refresh_from_db()
    last.refresh_from_db()
    assert (next_one.state, last.state) == ("offered", "waiting")
    assert next_one.confirm_by == timezone.now() + DAY
    assert (told(member), told(other_member)) == (["event_seat"], [])

    registrations.confirm_seat(registration=next_one)
    registrations.confirm_seat(registration=next_one)
    next_one.refresh_from_db()
    assert (next_one.state, taken(event)) == ("going", 1)


def test_who_does_not_confirm_in_time_lets_the_next_have_it(
    member, other_member, clock
):
    event = make_event(seats=1, days=10)
    leaving = go(event, make_member("leaving"))
    next_one, last = go(event, member), go(event, other_member)
    registrations.cancel_registration(registration=leaving)

    clock.shift(DAY - HOUR)
    assert registrations.advance()["passed on"] == 0
    clock.shift(2 * HOUR)
    assert registrations.advance()["passed on"] == 1
    assert registrations.advance()["passed on"] == 0

    with pytest.raises(NoSeatKept):
        registrations.confirm_seat(registration=next_one)
    last.refresh_from_db()
    assert (last.state, taken(event)) == ("offered", 1)
    assert told(other_member) == ["event_seat"]


def test_near_the_start_there_is_less_time_to_confirm(member, clock):
    event = make_event(seats=1, days=0.5)
    leaving = go(event, make_member("leaving"))
    next_one = go(event, member)
    registrations.cancel_registration(registration=leaving)

    next_one.refresh_from_db()
    assert next_one.confirm_by == timezone.now() + 3 * HOUR


def test_nobody_comes_before_those_who_wait(member):
    event = make_event(seats=1)
    go(event, make_member("first"))
    waiting = go(event, make_member("waiting"))
    events.change_event(event=event, by=event.host, seats=2)

    waiting.refresh_from_db()
    assert waiting.is_offered
    assert go(event, member).is_waiting


# Paying -----------------------------------------------------------------------


def test_a_seat_is_kept_while_it_is_paid_and_had_with_the_money(member, clock):
    event = make_event(seats=1, price=5000)
    registration = go(event, member)
    assert (registration.state, taken(event)) == ("offered", 1)
    assert go(event, make_member("later")).is_waiting

    _, payment = start(member, registrations.offer_for(registration=registration))
    receive(*notice(payment))
    receive(*notice(payment))

    registration.refresh_from_db()
    assert (registration.state, taken(event)) == ("going", 1)
    assert (in_books("held"), in_books("revenue")) == (-5000, 0)
    assert ledger.check() == {}


def test_who_does_not_pay_in_time_loses_the_seat_and_late_money_goes_back(
    member, other_member, clock
):
    event = make_event(seats=1, price=5000)
    registration = go(event, member)
    order, payment = start(member, registrations.offer_for(registration=registration))
    waiting = go(event, other_member)
    clock.shift(3 * HOUR)
    registrations.advance()

    receive(*notice(payment))

    registration.refresh_from_db()
    waiting.refresh_from_db()
    order.refresh_from_db()
    assert (registration.state, waiting.state) == ("cancelled", "offered")
    assert order.state == Order.State.EXPIRED
    assert Refund.objects.get().amount == 5000
    assert (taken(event), ledger.check()) == (1, {})


def test_late_money_has_the_seat_if_it_is_free_still(member, clock):
    event = make_event(seats=1, price=5000)
    registration = go(event, member)
    _, payment = start(member, registrations.offer_for(registration=registration))
    clock.shift(3 * HOUR)
    registrations.advance()
    assert taken(event) == 0

    receive(*notice(payment))

    registration.refresh_from_db()
    assert (registration.state, taken(event)) == ("going", 1)


def test_points_are_put_up_for_a_seat_and_spent_when_it_has_taken_place(member, clock):
    event = make_event(points=60)
    registration = go_for_points(event, member)
    registrations.pay_with_points(registration=registration)
    assert (registration.state, points(member), points_held()) == ("going", 40, 60)

    clock.shift(8 * DAY)
    assert registrations.advance()["earned"] == 1
    assert registrations.advance()["earned"] == 0

    assert (points(member), points_held(), ledger.check()) == (40, 0, {})


def test_who_has_too_few_points_has_the_seat_kept_still(member):
    event = make_event(points=60)
    registration = go(event, member)
    with pytest.raises(NotEnough):
        registrations.pay_with_points(registration=registration)
    registration.refresh_from_db()
    assert registration.is_offered


def test_money_is_earned_when_the_event_is_over(member, clock):
    event = make_event(price=5000)
    go_for_money(event, member)
    assert registrations.advance()["earned"] == 0

    clock.shift(8 * DAY)
    assert registrations.advance()["earned"] == 1

    assert (in_books("held"), in_books("revenue")) == (0, -5000)
    assert ledger.check() == {}


# Going away -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late_refund", "hours_before", "given_back"),
    [("none", 25, 5000), ("none", 23, 0), ("half", 25, 5000), ("half", 23, 2500)],
)
def test_who_cancels_gets_back_what_the_terms_say(
    member, clock, late_refund, hours_before, given_back
):
    event = make_event(price=5000, late_refund=late_refund)
    registration, order = go_for_money(event, member)
    clock.move_to(event.starts_at - hours_before * HOUR)

    for _ in range(2):
        registrations.cancel_registration(registration=registration)
    registrations.advance()

    registration.refresh_from_db()
    assert sum(it.amount for it in Refund.objects.all()) == given_back
    assert (in_books("held"), in_books("revenue")) == (0, given_back - 5000)
    assert registration.settled_at is not None
    assert not order.entitlements.filter(revoked_at=None).exists()
    assert (taken(event), ledger.check()) == (0, {})


@pytest.mark.parametrize(("hours_before", "left"), [(25, 100), (23, 70)])
def test_points_come_back_by_the_terms_too(member, clock, hours_before, left):
    event = make_event(points=60, late_refund="half")
    registration = go_for_points(event, member)
    clock.move_to(event.starts_at - hours_before * HOUR)

    registrations.cancel_registration(registration=registration)

    assert (points(member), points_held(), ledger.check()) == (left, 0, {})


def test_who_was_registered_before_an_event_moved_goes_without_a_loss(member, clock):
    event = make_event(price=5000)
    registration, _ = go_for_money(event, member)
    clock.move_to(event.starts_at - 2 * HOUR)
    later = event.starts_at + HOUR
    events.change_event(
        event=event, by=event.host, starts_at=later, ends_at=later + HOUR
    )

    registrations.cancel_registration(registration=registration)

    assert Refund.objects.get().amount == 5000
    assert told(member) == ["event_changed"]


def test_who_came_back_after_going_pays_anew(member):
    event = make_event(price=5000)
    registration, first = go_for_money(event, member)
    registrations.cancel_registration(registration=registration)

    again, second = go_for_money(event, member)

    assert (again.pk, again.order, again.state) == (registration.pk, second, "going")
    assert first != second
    assert (in_books("held"), ledger.check()) == (-5000, {})


def test_points_can_be_put_up_a_second_time(member):
    event = make_event(points=60)
    registration = go_for_points(event, member)
    registrations.cancel_registration(registration=registration)
    go(event, member)
    registrations.pay_with_points(registration=registration)
    assert (points(member), points_held(), ledger.check()) == (40, 60, {})


def test_a_seat_whose_money_an_operator_gave_back_is_free(member):
    event = make_event(price=5000, seats=1)
    registration, order = go_for_money(event, member)

    refunds.refund(order=order)

    registration.refresh_from_db()
    assert (registration.state, taken(event)) == ("cancelled", 0)
    assert registration.settled_at is not None


def test_nobody_gives_a_seat_back_afterwards(member, clock):
    registration = go(make_event(), member)
    clock.shift(8 * DAY)
    with pytest.raises(TooLateToCancel):
        registrations.cancel_registration(registration=registration)


def test_a_cancelled_event_gives_everything_back_and_tells_everybody(
    member, other_member, clock, django_capture_on_commit_callbacks
):
    event = make_event(price=5000, points=60, seats=2)
    go_for_money(event, member)
    go_for_points(event, other_member)
    third = make_member("third")
    go(event, third)
    clock.move_to(event.starts_at - HOUR)  # too late by the terms

    events.cancel_event(event=event, by=event.host, reason="Ill")
    assert registrations.advance()["wound up"] == 3
    events.cancel_event(event=event, by=event.host)

    assert states(event) == ["cancelled"] * 3
    assert (points(other_member), points_held()) == (100, 0)
    assert (in_books("held"), in_books("revenue")) == (0, 0)
    for person in (member, other_member, third):
        assert told(person) == ["event_cancelled"]
    assert (taken(event), ledger.check()) == (0, {})


# Races ------------------------------------------------------------------------


def _try(act, **arguments):
    try:
        return act(**arguments)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_has_exactly_one_winner():
    people = [make_member(f"m{number}") for number in range(6)]
    for turn in range(5):
        event = make_event(f"Turn {turn}", seats=1)
        with ThreadPoolExecutor(len(people)) as pool:
            came = [
                pool.submit(_try, registrations.register, event=event, member=it)
                for it in people
            ]
        assert sorted(it.result().state for it in came) == [
            "going",
            *["waiting"] * 5,
        ]
        assert taken(event) == 1


@pytest.mark.django_db(transaction=True)
def test_a_freed_seat_has_exactly_one_winner():
    people = [make_member(f"m{number}") for number in range(4)]
    newcomers = [make_member(f"n{number}") for number in range(2)]
    for turn in range(5):
        event = make_event(f"Turn {turn}", seats=1)
        leaving = go(event, people[0])
        for person in people[1:]:
            go(event, person)
        leave = registrations.cancel_registration
        with ThreadPoolExecutor(4) as pool:
            done = [
                pool.submit(_try, leave, registration=leaving),
                pool.submit(_try, leave, registration=leaving),
                *(
                    pool.submit(_try, registrations.register, event=event, member=it)
                    for it in newcomers
                ),
            ]
        for it in done:
            it.result()
        seated = Registration.objects.filter(event=event, state__in=["offered"])
        assert [it.member for it in seated] == [people[1]]
        assert taken(event) == 1


@pytest.mark.django_db(transaction=True)
def test_a_seat_is_either_paid_or_passed_on():
    for turn in range(6):
        person, waiting = make_member(f"p{turn}"), make_member(f"w{turn}")
        event = make_event(f"Turn {turn}", seats=1, price=5000)
        registration = go(event, person)
        offer = registrations.offer_for(registration=registration)
        _, payment = start(person, offer)
        go(event, waiting)
        late = registration.confirm_by + HOUR
        body, signature = notice(payment)

        with ThreadPoolExecutor(2) as pool:
            lapsed = pool.submit(
                _try,
                lambda r=registration, t=late: registrations.lapse(
                    registration=r, now=t
                ),
            )
            paid = pool.submit(_try, lambda b=body, s=signature: receive(b, s))
        paid.result()

        registration.refresh_from_db()
        theirs = Registration.objects.get(event=event, member=waiting)
        expected = ("cancelled", "offered") if lapsed.result() else ("going", "waiting")
        assert (registration.state, theirs.state) == expected
        assert taken(event) == 1
    assert ledger.check() == {}
