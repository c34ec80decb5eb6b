import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import NotEnough
from accounts.models import AuditRecord, Order, Refund, ShareAgreement
from accounts.privacy import erase_all, export_all
from accounts.services import held, ledger, refunds, shares
from content.errors import NotStanding, NotTaken, SlotTaken, TooManyUnpaid
from content.models import Appointment, TimeCell
from content.services import appointments, consultations
from tests.factories.accounts import make_member
from tests.factories.appointments import (
    asked,
    book,
    confirmed,
    make_adviser,
    make_consultation,
    pay_money,
    pay_points,
    some_time,
)
from tests.factories.billing import notice, receive, start

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
PRICE, POINTS = 20001, 101  # odd: halves do not come out even


@pytest.fixture
def clock(db):
    half_past = timezone.now().replace(hour=8, minute=30, second=0, microsecond=0)
    with time_machine.travel(half_past, tick=False) as clock:
        yield clock


@pytest.fixture
def expert(clock):
    return make_adviser()


@pytest.fixture
def topic(expert):
    return make_consultation(expert)


def points(member):
    return ledger.balance(member, kind=held.MEMBER, unit="points")


def in_books(kind):
    return ledger.house_balance(kind=kind, unit="CNY")


def kept():
    """What is left of the money at the gateway, before its fee."""
    return in_books("gateway test") + in_books("fees test")


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


# Booking ----------------------------------------------------------------------


def test_an_hour_is_kept_with_the_booking_and_free_again_when_nobody_pays(
    clock, member, topic
):
    appointment = book(member, topic)
    assert TimeCell.objects.count() == 2 * 4
    with pytest.raises(SlotTaken):
        book(make_member("late"), topic, starts_at=appointment.starts_at + HOUR / 2)

    clock.shift(dt.timedelta(minutes=30))
    assert appointments.advance()["let go"] == 1

    appointment.refresh_from_db()
    assert (appointment.state, TimeCell.objects.count()) == ("withdrawn", 0)
    assert told(topic.expert) == []
    book(make_member("later"), topic, starts_at=appointment.starts_at)


def test_nobody_is_in_two_places(member, topic):
    other = make_consultation(make_adviser("second"))
    appointment = book(member, topic)

    with pytest.raises(SlotTaken):
        book(member, other, starts_at=appointment.starts_at)


def test_the_database_gives_a_quarter_of_an_hour_once(member, topic):
    appointment = book(member, topic)
    cell = TimeCell.objects.filter(person=topic.expert).first()

    with pytest.raises(IntegrityError), transaction.atomic():
        TimeCell.objects.create(
            person=topic.expert, starts_at=cell.starts_at, appointment=appointment
        )


def test_the_database_refuses_what_cannot_be(member, topic):
    appointment = book(member, topic)
    wrong = [
        *({"state": "asked"}, {"state": "done"}, {"rating": 5}, {"expert": member}),
        *({"part_back": 0}, {"settled_at": timezone.now()}),
        {"ends_at": appointment.starts_at},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Appointment.objects.filter(pk=appointment.pk).update(**fields)


def test_only_what_is_offered_can_be_booked(member, topic):
    good = some_time(topic)
    for moment in (good + 7 * SECOND, timezone.now() + HOUR, good + 30 * DAY):
        with pytest.raises(SlotTaken):
            book(member, topic, starts_at=moment)


def test_one_form_books_one_hour(member, topic):
    key = "11111111-1111-4111-8111-111111111111"
    first = book(member, topic, form_key=key)
    assert book(member, topic, form_key=key, starts_at=first.starts_at) == first


def test_nobody_keeps_many_hours_without_paying(member, topic):
    for _ in range(2):
        book(member, topic)
    with pytest.raises(TooManyUnpaid):
        book(member, topic)


def test_without_an_agreement_no_money_is_taken(member, clock):
    expert = make_adviser("free", share=0)
    appointment = book(member, make_consultation(expert))
    with pytest.raises(NotTaken):
        appointments.offer_for(appointment=appointment)
    with pytest.raises(NotTaken):
        book(member, make_consultation(expert, points=None))


def test_who_has_too_few_points_asks_nothing(member, topic):
    appointment = book(member, topic)
    with pytest.raises(NotEnough):
        appointments.pay_with_points(appointment=appointment)
    assert told(topic.expert) == []


def test_the_expert_hears_of_it_when_it_is_paid(member, topic):
    appointment = book(member, topic)
    order, payment = start(member, appointments.offer_for(appointment=appointment))
    assert told(topic.expert) == []

    receive(*notice(payment))
    receive(*notice(payment))

    appointment.refresh_from_db()
    assert (appointment.state, appointment.order) == ("asked", order)
    assert appointment.due_at == timezone.now() + 2 * DAY
    assert told(topic.expert) == ["appointment_asked"]
    assert in_books("held") == -PRICE


def test_money_that_comes_too_late_goes_back(clock, member, topic):
    appointment = book(member, topic)
    _, payment = start(member, appointments.offer_for(appointment=appointment))
    clock.shift(HOUR)
    appointments.advance()

    receive(*notice(payment))

    appointment.refresh_from_db()
    assert appointment.state == "withdrawn"
    assert [in_books("held"), in_books("surplus"), kept()] == [0, 0, 0]
    assert ledger.check() == {}


# Every path, and who has what at its end ------------------------------------------


def withdrawn(appointment, clock):
    appointments.withdraw(appointment=appointment)


def rejected(appointment, clock):
    appointments.reject(appointment=appointment, reason="Not my field")


def expired(appointment, clock):
    clock.move_to(appointment.due_at)
    with pytest.raises(NotStanding):
        appointments.confirm(appointment=appointment)
    appointments.advance()


def _confirm(appointment):
    appointments.confirm(appointment=appointment)
    appointment.refresh_from_db()


def cancelled_early(appointment, clock):
    _confirm(appointment)
    clock.move_to(appointment.starts_at - DAY)
    appointments.cancel(appointment=appointment, by=appointment.asker)


def cancelled_late(appointment, clock):
    _confirm(appointment)
    clock.move_to(appointment.starts_at - SECOND)
    appointments.cancel(appointment=appointment, by=appointment.asker)


def cancelled_by_expert(appointment, clock):
    _confirm(appointment)
    clock.move_to(appointment.starts_at - SECOND)
    appointments.cancel(appointment=appointment, by=appointment.expert)


def moved_and_done(appointment, clock):
    _confirm(appointment)
    new = appointments.times_to_propose(appointment)[0]
    appointments.propose(appointment=appointment, by=appointment.expert, starts_at=new)
    appointments.accept_time(appointment=appointment, by=appointment.asker)
    appointment.refresh_from_db()
    done_by_both(appointment, clock, confirm=False)


def done_by_both(appointment, clock, *, confirm=True):
    if confirm:
        _confirm(appointment)
    clock.move_to(appointment.starts_at + HOUR / 2)
    for person in (appointment.asker, appointment.expert):
        appointments.say(appointment=appointment, by=person, says="held")


def done_by_one(appointment, clock):
    _say_once(appointment, clock, appointment.expert, "held")


def done_in_silence(appointment, clock):
    _confirm(appointment)
    clock.move_to(appointment.ends_at + 7 * DAY)
    appointments.advance()


def _say_once(appointment, clock, person, says):
    _confirm(appointment)
    clock.move_to(appointment.ends_at)
    appointments.say(appointment=appointment, by=person, says=says)
    clock.shift(3 * DAY - SECOND)
    assert appointments.advance()["judged"] == 0
    clock.shift(SECOND)
    appointments.advance()


def expert_missed(appointment, clock):
    _say_once(appointment, clock, appointment.asker, "alone")


def asker_missed(appointment, clock):
    _say_once(appointment, clock, appointment.expert, "alone")


def _dispute(appointment, clock):
    _confirm(appointment)
    clock.move_to(appointment.ends_at)
    appointments.say(appointment=appointment, by=appointment.asker, says="alone")
    appointments.say(appointment=appointment, by=appointment.expert, says="held")
    appointment.refresh_from_db()
    assert appointment.state == "disputed"


def _decided(back):
    def path(appointment, clock):
        _dispute(appointment, clock)
        appointments.decide(
            appointment=appointment,
            back=back,
            reason="As the log says",
            by=make_member(f"judge{back}"),
        )

    return path


# path: (state, per cent back)
PATHS = {
    withdrawn: ("withdrawn", 100),
    rejected: ("rejected", 100),
    expired: ("expired", 100),
    cancelled_early: ("cancelled", 100),
    cancelled_late: ("cancelled", 50),
    cancelled_by_expert: ("cancelled", 100),
    moved_and_done: ("done", 0),
    done_by_both: ("done", 0),
    done_by_one: ("done", 0),
    done_in_silence: ("done", 0),
    expert_missed: ("missed", 100),
    asker_missed: ("missed", 0),
    _decided(100): ("decided", 100),
    _decided(50): ("decided", 50),
    _decided(0): ("decided", 0),
}
NAMES = [getattr(path, "__name__", "path") for path in PATHS]


@pytest.mark.parametrize(("path", "end"), PATHS.items(), ids=NAMES)
def test_money_goes_where_it_should_on_every_path(clock, member, topic, path, end):
    state, back = end
    appointment = asked(member, topic, pay=pay_money)

    path(appointment, clock)
    appointments.advance()
    clock.shift(30 * DAY)
    appointments.advance()

    appointment.refresh_from_db()
    returned = PRICE * back // 100
    assert (appointment.state, appointment.part_back) == (state, back)
    assert appointment.settled_at
    assert TimeCell.objects.count() == 0
    assert in_books("held") == 0
    assert kept() == PRICE - returned
    owed = shares.owed(topic.expert, "CNY")
    assert abs(owed - (PRICE - returned) * 700 // 1000) <= 1
    assert Refund.objects.count() == (1 if back else 0)
    assert (appointment.order.state == Order.State.REFUNDED) == (back == 100)
    assert ledger.check() == {}


@pytest.mark.parametrize(("path", "end"), PATHS.items(), ids=NAMES)
def test_points_go_where_they_should_on_every_path(clock, member, topic, path, end):
    state, back = end
    appointment = asked(member, topic, pay=pay_points)
    assert points(member) == 0

    path(appointment, clock)
    appointments.advance()
    clock.shift(30 * DAY)
    appointments.advance()

    appointment.refresh_from_db()
    returned = POINTS * back // 100
    assert (appointment.state, appointment.part_back) == (state, back)
    assert appointment.settled_at
    assert (points(member), points(topic.expert)) == (returned, POINTS - returned)
    assert ledger.house_balance(kind=held.HELD, unit="points") == 0
    assert ledger.check() == {}


@pytest.mark.parametrize(("path", "end"), PATHS.items(), ids=NAMES)
def test_what_is_over_stays_over(clock, member, topic, path, end):
    appointment = asked(member, topic)
    path(appointment, clock)
    before = points(member), points(topic.expert)
    for step in (
        lambda: appointments.confirm(appointment=appointment),
        lambda: appointments.reject(appointment=appointment),
        lambda: appointments.withdraw(appointment=appointment),
        lambda: appointments.cancel(appointment=appointment, by=topic.expert),
        lambda: appointments.say(appointment=appointment, by=member, says="alone"),
        lambda: appointments.decide(
            appointment=appointment, back=100, reason="", by=member
        ),
    ):
        with pytest.raises(NotStanding):
            step()
    assert (points(member), points(topic.expert)) == before


def test_an_operators_refund_ends_it_and_frees_the_hour(member, topic, operator):
    appointment = confirmed(member, topic, pay=pay_money)

    refunds.refund(order=appointment.order, by=operator, reason="kindness")

    appointment.refresh_from_db()
    assert (appointment.state, appointment.part_back) == ("cancelled", 100)
    assert appointment.settled_at
    assert TimeCell.objects.count() == 0
    assert "appointment_ended" in told(topic.expert)
    assert in_books("held") == 0
    assert ledger.check() == {}


def test_a_refund_afterwards_takes_the_share_back(clock, member, topic, operator):
    appointment = asked(member, topic, pay=pay_money)
    done_by_both(appointment, clock)
    appointment.refresh_from_db()

    refunds.refund(order=appointment.order, by=operator, reason="a complaint")

    appointment.refresh_from_db()
    assert appointment.state == "done"
    assert shares.owed(topic.expert, "CNY") == 0
    assert ledger.check() == {}


def test_the_share_is_the_one_promised_when_it_was_booked(clock, member, topic):
    appointment = asked(member, topic, pay=pay_money)
    ShareAgreement.objects.filter(offer=None).update(per_mille=100)

    done_by_both(appointment, clock)

    assert shares.owed(topic.expert, "CNY") == PRICE * 700 // 1000


# Another time -------------------------------------------------------------------


def test_it_moves_when_the_other_agrees_and_not_before(member, topic):
    appointment = confirmed(member, topic)
    old, new = appointment.starts_at, appointment.starts_at + DAY
    appointments.propose(appointment=appointment, by=member, starts_at=new)
    with pytest.raises(NotStanding):
        appointments.accept_time(appointment=appointment, by=member)
    assert told(topic.expert)[-1] == "appointment_move"

    appointments.accept_time(appointment=appointment, by=topic.expert)

    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.minutes) == (new, 60)
    assert set(appointment.cells.values_list("starts_at", flat=True)) == {
        new + n * HOUR / 4 for n in range(4)
    }
    assert appointment.remind_at == new - DAY
    assert book(make_member("third"), topic, starts_at=old)


def test_a_proposed_time_that_is_gone_leaves_the_old_one(member, topic):
    appointment = confirmed(member, topic)
    old, new = appointment.starts_at, appointment.starts_at + DAY
    appointments.propose(appointment=appointment, by=member, starts_at=new)
    book(make_member("third"), topic, starts_at=new + HOUR / 2)

    with pytest.raises(SlotTaken):
        appointments.accept_time(appointment=appointment, by=topic.expert)

    appointment.refresh_from_db()
    assert appointment.starts_at == old
    assert appointment.cells.filter(starts_at=old).count() == 2


def test_a_talk_may_move_by_less_than_its_own_length(member, topic):
    appointment = confirmed(member, topic)
    new = appointment.starts_at + HOUR / 2
    appointments.propose(appointment=appointment, by=topic.expert, starts_at=new)
    appointments.accept_time(appointment=appointment, by=member)
    appointment.refresh_from_db()
    assert appointment.starts_at == new


def test_a_proposal_may_be_dropped(member, topic):
    appointment = confirmed(member, topic)
    new = appointment.starts_at + DAY
    appointments.propose(appointment=appointment, by=member, starts_at=new)
    appointments.drop_proposal(appointment=appointment, by=topic.expert)
    assert told(member)[-1] == "appointment_stays"
    with pytest.raises(NotStanding):
        appointments.accept_time(appointment=appointment, by=topic.expert)


# The clock ----------------------------------------------------------------------


def test_each_reminder_comes_once_to_both(clock, member, topic):
    appointment = confirmed(member, topic)
    for _ in range(2):
        appointments.advance()
    assert "appointment_soon" not in told(member)
    for ahead, so_far in ((DAY, 1), (HOUR, 2)):
        clock.move_to(appointment.starts_at - ahead)
        for _ in range(2):
            appointments.advance()
        for person in (member, topic.expert):
            assert told(person).count("appointment_soon") == so_far


def test_a_clock_that_stood_still_reminds_nobody_afterwards(clock, member, topic):
    appointment = confirmed(member, topic)
    clock.move_to(appointment.starts_at + SECOND)
    assert appointments.advance()["reminded"] == 0


def test_both_are_asked_afterwards_unless_they_have_said_it(clock, member, topic):
    appointment = confirmed(member, topic)
    clock.move_to(appointment.starts_at)
    appointments.say(appointment=appointment, by=member, says="held")
    clock.move_to(appointment.ends_at)
    for _ in range(2):
        appointments.advance()
    assert told(topic.expert).count("appointment_after") == 1
    assert "appointment_after" not in told(member)


def test_one_that_fails_does_not_keep_the_others(monkeypatch, clock, member, topic):
    broken, other = asked(member, topic), asked(member, topic)
    let_go = appointments.let_go

    def fails(*, appointment, now):
        if appointment.pk == broken.pk:
            raise RuntimeError("the worker was killed")
        return let_go(appointment=appointment, now=now)

    monkeypatch.setattr(appointments, "let_go", fails)
    clock.move_to(max(broken.due_at, other.due_at))
    assert appointments.advance()["let go"] == 1
    monkeypatch.undo()
    assert appointments.advance()["let go"] == 1
    assert points(member) == 2 * POINTS


# Meeting ------------------------------------------------------------------------


def test_the_door_opens_shortly_before_and_knows_who_came(clock, member, topic):
    appointment = confirmed(member, topic)
    with pytest.raises(NotStanding):
        appointments.enter(appointment=appointment, by=member)
    clock.move_to(appointment.starts_at - HOUR / 2)

    appointments.enter(appointment=appointment, by=member)

    appointment.refresh_from_db()
    assert appointments.link_for(appointment, member) == appointment.join_url
    assert appointments.link_for(appointment, topic.expert) == ""
    assert appointment.asker_came_at == timezone.now()
    assert appointment.expert_came_at is None


def test_nobody_is_found_absent_against_the_records(clock, member, topic):
    appointment = confirmed(member, topic)
    clock.move_to(appointment.starts_at)
    appointments.enter(appointment=appointment, by=member)
    appointments.say(appointment=appointment, by=topic.expert, says="alone")
    clock.shift(9 * DAY)
    appointments.advance()
    appointment.refresh_from_db()
    assert (appointment.state, points(topic.expert)) == ("disputed", 0)


def test_who_was_not_there_may_say_so_themselves(clock, member, topic):
    hours = [confirmed(member, topic), confirmed(make_member("other"), topic)]
    clock.move_to(max(hour.starts_at for hour in hours))
    for hour, person in zip(hours, (member, topic.expert), strict=True):
        appointments.say(appointment=hour, by=person, says="away")
        hour.refresh_from_db()
        assert (hour.state, hour.ended_by) == ("missed", person)
    assert [hour.part_back for hour in hours] == [0, 100]
    assert "appointment_decided" in told(topic.expert)


def test_both_learn_that_they_are_looked_at_and_how_it_ended(clock, member, topic):
    _dispute(asked(member, topic), clock)
    assert told(member)[-1] == told(topic.expert)[-1] == "appointment_disputed"
    done_by_both(asked(make_member("other"), topic), clock)
    assert told(topic.expert)[-1] == "appointment_done"


def test_the_expert_is_reminded_once_before_it_is_too_late(clock, member, topic):
    appointment = asked(member, topic, starts_at=some_time(topic, ahead=9 * DAY))
    for moment in (39 * HOUR, 2 * HOUR, 2 * HOUR):
        clock.shift(moment)
        appointments.advance()
        if moment == 39 * HOUR:
            assert "appointment_due" not in told(topic.expert)
    assert told(topic.expert).count("appointment_due") == 1
    assert "appointment_due" not in told(member)
    appointments.confirm(appointment=appointment)
    appointments.advance()
    assert told(topic.expert).count("appointment_due") == 1


def test_another_link_is_told_and_the_same_is_not(member, topic):
    appointment = confirmed(member, topic)
    for link in (appointment.join_url, "https://meet.example.org/other"):
        appointments.change_link(appointment=appointment, join_url=link)
    assert told(member).count("appointment_link") == 1


def test_a_decision_is_in_the_audit(clock, member, topic, operator):
    appointment = asked(member, topic)
    _dispute(appointment, clock)
    appointments.decide(
        appointment=appointment, back=50, reason="Half and half", by=operator
    )
    record = AuditRecord.objects.get(act="decided an appointment")
    assert (record.actor, record.facts["part_back"]) == (operator, 50)
    assert told(member)[-1] == told(topic.expert)[-1] == "appointment_decided"


def test_few_delighted_stand_below_many_content(clock, member, topic):
    rest = make_consultation(make_adviser("second"))
    for number in range(4):
        appointment = asked(make_member(f"m{number}"), topic)
        done_by_both(appointment, clock)
        with pytest.raises(IntegrityError), transaction.atomic():
            Appointment.objects.filter(pk=appointment.pk).update(rating=6)
        appointments.rate(appointment=appointment, stars=4, words="Good")
    appointment = asked(member, rest)
    done_by_both(appointment, clock)
    appointments.rate(appointment=appointment, stars=5, words="")
    found = consultations.standings([topic.expert_id, rest.expert_id])
    assert found[topic.expert_id].surely > found[rest.expert_id].surely


# Races --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_one_hour_exactly_one_has_it():
    topic = make_consultation(make_adviser())
    people = [make_member("one"), make_member("two")]
    for turn in range(5):
        starts_at = some_time(topic, ahead=DAY * (turn + 2))
        with ThreadPoolExecutor(2) as pool:
            # Half an hour apart: they share two of their cells.
            won = list(
                pool.map(
                    lambda it: _try(it[0], topic, it[1]),
                    zip(people, (starts_at, starts_at + HOUR / 2), strict=True),
                )
            )
        assert sorted(won) == [False, True]
        assert TimeCell.objects.count() == 8
        Appointment.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_the_database_alone_lets_one_win(monkeypatch):
    """Also when nobody had asked whether the hour is free."""
    topic = make_consultation(make_adviser())
    people = [make_member("one"), make_member("two")]
    starts_at = some_time(topic)
    monkeypatch.setattr(appointments, "hold_members", lambda *_: None)
    monkeypatch.setattr(consultations, "free_slots", lambda **_: [starts_at])
    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(lambda it: _try(it, topic, starts_at), people))
    assert sorted(won) == [False, True]
    assert TimeCell.objects.count() == 8


def _try(person, topic, starts_at):
    try:
        book(person, topic, starts_at=starts_at)
    except SlotTaken:
        return False
    finally:
        connection.close()
    return True


@pytest.mark.django_db(transaction=True)
def test_of_a_yes_and_the_deadline_at_once_exactly_one_wins():
    topic = make_consultation(make_adviser())
    for turn in range(4):
        member = make_member(f"m{turn}")
        appointment = asked(member, topic)
        with ThreadPoolExecutor(2) as pool:
            wins = [
                pool.submit(_confirms, appointment),
                pool.submit(_lets_go, appointment, appointment.due_at),
            ]
        won = [it.result() for it in wins]
        appointment.refresh_from_db()
        assert sorted(won) == [False, True]
        assert appointment.state == ("confirmed" if won[0] else "expired")
        assert points(member) == (0 if won[0] else POINTS)
    assert ledger.check() == {}


def _confirms(appointment):
    try:
        appointments.confirm(appointment=appointment)
    except NotStanding:
        return False
    finally:
        connection.close()
    return True


def _lets_go(appointment, now):
    try:
        return appointments.let_go(appointment=appointment, now=now)
    finally:
        connection.close()


# Going for good -----------------------------------------------------------------


def test_who_goes_for_good_frees_their_hours(clock, member, topic):
    coming = confirmed(member, topic)
    waiting = book(member, topic)
    assert "Mine is *wet*." in str(export_all(member))

    erase_all(member)

    for appointment in (coming, waiting):
        appointment.refresh_from_db()
        assert appointment.ended_at
        assert appointment.brief == ""
    assert TimeCell.objects.count() == 0
    assert ledger.check() == {}
