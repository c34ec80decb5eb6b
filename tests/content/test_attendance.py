import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.models import Activity, Role, Verb
from accounts.services.roles import grant_role
from content.errors import AlreadyCounted, EventOver, NoSeatKept, TooEarly
from content.models import Event, EventOutcome, Registration
from content.services import attendance, events, registrations
from tests.factories.accounts import make_member
from tests.factories.events import DAY, go, make_event

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def clock(db):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def event(clock):
    """It begins in an hour and lasts one."""
    return make_event(days=1 / 24)


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


def came_to(event):
    found = Activity.objects.filter(verb=Verb.EVENT_ATTENDED, object_id=event.pk)
    return sorted(found.values_list("member_id", flat=True))


def no_shows(event):
    rows = event.registrations.order_by("pk")
    return list(rows.values_list("no_show", flat=True))


def be_there(event, member, seconds):
    """In its live room, for so long more."""
    seat = event.registrations.filter(member=member)
    seat.update(seconds_present=F("seconds_present") + seconds)


# Tickets ----------------------------------------------------------------------


def test_a_ticket_names_its_registration_however_it_is_typed(event, member):
    code = attendance.code_of(go(event, member))
    number = event.registrations.get().pk
    assert attendance.number_of(code) == number
    assert attendance.number_of(f" {code.lower().replace('-', '')} ") == number


def test_a_misread_letter_is_forgiven_and_a_made_up_ticket_is_none(event, member):
    for pk in range(1, 400):
        code = attendance.code_of(Registration(pk=pk))
        misread = code.replace("0", "O").replace("1", "l")
        assert attendance.number_of(misread) == pk
    good = attendance.code_of(Registration(pk=7))
    assert attendance.number_of("8" + good[1:]) is None
    for code in ("", "-", "7", "UUUUUUUU", "知群", "7" * 40):
        assert attendance.number_of(code) is None


# At the door ------------------------------------------------------------------


def test_checking_in_twice_keeps_the_first_time(event, member, clock):
    registration = go(event, member)
    first = attendance.check_in(registration=registration).checked_in_at
    clock.shift(10 * MINUTE)
    again = attendance.check_in(registration=registration)
    assert first == again.checked_in_at


def test_nobody_comes_days_before_or_without_a_seat_or_to_what_is_cancelled(member):
    early = make_event(days=3)
    with pytest.raises(TooEarly):
        attendance.check_in(registration=go(early, member))

    full = make_event(days=1 / 24, seats=1)
    go(full, member)
    with pytest.raises(NoSeatKept):
        attendance.check_in(registration=go(full, make_member("waits")))

    off = make_event(days=1 / 24)
    registration = go(off, member)
    events.cancel_event(event=off, by=off.host)
    with pytest.raises(EventOver):
        attendance.check_in(registration=registration)


def test_a_check_in_is_taken_back_until_it_is_counted(event, member, clock):
    registration = go(event, member)
    attendance.check_in(registration=registration)
    attendance.undo_check_in(registration=registration)
    registration.refresh_from_db()
    assert registration.checked_in_at is None

    attendance.check_in(registration=registration)
    clock.shift(4 * HOUR)
    attendance.settle_due()
    with pytest.raises(AlreadyCounted):
        attendance.undo_check_in(registration=registration)


# Counting ---------------------------------------------------------------------


def test_who_came_is_counted_once_an_hour_after_the_end(event, clock):
    here, stayed, left, away = (make_member(f"m{n}") for n in range(4))
    for member in (here, stayed, left, away):
        go(event, member)
    attendance.check_in(registration=event.registrations.get(member=here))
    be_there(event, stayed, 1000)
    be_there(event, stayed, 800)
    be_there(event, left, 1799)

    clock.move_to(event.ends_at + 59 * MINUTE)
    assert attendance.settle_due() == 0
    clock.shift(MINUTE)
    assert attendance.settle_due() == 1
    assert attendance.settle_due() == 0

    assert no_shows(event) == [False, False, True, True]
    assert came_to(event) == sorted([here.pk, stayed.pk])
    outcome = EventOutcome.objects.get()
    assert (outcome.came, outcome.missed) == (2, 2)
    assert told(here) == told(stayed) == ["event_over"]
    assert told(away) == []


def test_in_a_short_event_half_of_it_is_enough():
    start = timezone.now()
    short = Event(starts_at=start, ends_at=start + 20 * MINUTE)
    long = Event(starts_at=start, ends_at=start + 5 * HOUR)
    assert attendance.seconds_needed(short) == 600
    assert attendance.seconds_needed(long) == 1800


def test_where_nobody_was_noted_nobody_is_said_to_have_stayed_away(
    event, member, clock
):
    go(event, member)
    clock.move_to(event.ends_at + 2 * HOUR)
    assert attendance.settle_due() == 0
    clock.move_to(event.ends_at + 3 * DAY)
    assert attendance.settle_due() == 1
    assert no_shows(event) == [None]
    assert told(member) == []
    assert attendance.has_come(member, event)


def test_who_was_overlooked_is_put_right_afterwards_and_counted_once(event, clock):
    here, late = make_member("here"), make_member("late")
    for member in (here, late):
        go(event, member)
    attendance.check_in(registration=event.registrations.get(member=here))
    clock.move_to(event.ends_at + 2 * HOUR)
    attendance.settle_due()
    assert EventOutcome.objects.get().missed == 1

    overlooked = event.registrations.get(member=late)
    attendance.check_in(registration=overlooked)
    attendance.check_in(registration=overlooked)
    outcome = EventOutcome.objects.get()
    assert (outcome.came, outcome.missed) == (2, 0)
    assert came_to(event) == sorted([here.pk, late.pk])


def test_one_event_that_fails_does_not_keep_the_others(
    event, member, clock, monkeypatch
):
    attendance.check_in(registration=go(event, member))
    broken = make_event("Broken", days=1 / 24)
    real = attendance.settle

    def settle(*, event, now):
        if event.pk == broken.pk:
            raise RuntimeError
        return real(event=event, now=now)

    monkeypatch.setattr(attendance, "settle", settle)
    clock.move_to(event.ends_at + 2 * HOUR)
    assert attendance.settle_due() == 1


@pytest.mark.django_db(transaction=True)
def test_two_that_count_at_the_same_time_count_once():
    event = make_event(days=1 / 24)
    attendance.check_in(registration=go(event, make_member("here")))
    now = event.ends_at + 2 * HOUR

    def settle(_):
        try:
            return attendance.settle(event=event, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(settle, range(4))) == [False, False, False, True]
    assert len(came_to(event)) == 1


def test_who_is_here_cannot_give_the_seat_back(event, member):
    registration = go(event, member)
    attendance.check_in(registration=registration)
    registrations.leave_all(member)
    registration.refresh_from_db()
    assert registration.is_going


# Pages ------------------------------------------------------------------------


@pytest.fixture
def mentor(db):
    member = make_member("mentor")
    grant_role(member=member, role=Role.MENTOR)
    member.refresh_from_db()
    return member


def test_a_ticket_is_scanned_and_lets_its_member_in(client, mentor, member):
    event = make_event(days=1 / 24, host=mentor, place="A garden")
    code = attendance.code_of(go(event, member))
    client.force_login(member)
    assert "Your ticket" in client.get(event.get_absolute_url()).content.decode()
    text = client.get(f"/events/{event.pk}/ticket/").content.decode()
    assert code in text
    assert "<svg" in text
    assert client.get(f"/tickets/{code}/").status_code == 404

    client.force_login(mentor)
    assert str(member) in client.get(f"/tickets/{code}/").content.decode()
    answer = client.post(f"/tickets/{code}/", follow=True)
    assert "here since" in answer.content.decode()
    assert "Checked in already" in client.get(f"/tickets/{code}/").content.decode()


def test_at_the_door_a_code_is_typed_or_a_name_found(client, mentor, member):
    event = make_event(days=1 / 24, host=mentor)
    other = make_member("zebra")
    registration, another = go(event, member), go(event, other)
    client.force_login(mentor)
    path = f"/studio/events/{event.pk}/door/"

    found = client.get(f"{path}?q=ZEB").content.decode()
    assert "@zebra" in found
    assert f"@{member.username}" not in found

    elsewhere = attendance.code_of(go(make_event(days=1 / 24), member))
    for code in ("NONSENSE", elsewhere):
        answer = client.post(path, {"code": code})
        assert answer.status_code == 422
        assert "This is no ticket" in answer.content.decode()
    client.post(path, {"code": attendance.code_of(registration).lower()})
    registration.refresh_from_db()
    assert registration.checked_in_at

    client.post(f"/studio/registrations/{another.pk}/in/")
    another.refresh_from_db()
    assert another.checked_in_at
    client.post(f"/studio/registrations/{another.pk}/undo/")
    another.refresh_from_db()
    assert another.checked_in_at is None


def test_the_table_of_people_says_who_came(client, mentor, clock):
    event = make_event(days=1 / 24, host=mentor)
    here, away = make_member("here"), make_member("away")
    for member in (here, away):
        go(event, member)
    attendance.check_in(registration=event.registrations.get(member=here))
    be_there(event, here, 130)
    clock.move_to(event.ends_at + 2 * HOUR)
    attendance.settle_due()
    client.force_login(mentor)
    path = f"/studio/events/{event.pk}/people.csv"
    lines = b"".join(client.get(path).streaming_content).decode().splitlines()
    rows = {line.split(",")[1]: line.split(",")[4:] for line in lines[1:]}
    assert rows["here"][1:] == ["2", "yes"]
    assert rows["here"][0].startswith("20")
    assert rows["away"] == ["", "0", "no"]
