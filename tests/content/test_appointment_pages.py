"""From choosing an hour to rating it, on the pages, as each of the two sees them."""

import datetime as dt

import pytest
import time_machine
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from community import today
from content.models import Appointment, Availability, Consultation
from content.services import appointments, calendars, consultations
from tests.factories.accounts import make_member
from tests.factories.appointments import (
    LINK,
    asked,
    book,
    confirmed,
    make_adviser,
    make_consultation,
    some_time,
)
from tests.factories.paid_questions import give_points

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


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


def at(moment):
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%MZ")


def step(appointment, name):
    return reverse(f"content:appointment_{name}", args=[appointment.pk])


def page(client, who, address):
    client.force_login(who)
    return client.get(address).content.decode()


def test_an_hour_from_choosing_to_rating(client, clock, member, topic):
    give_points(member, 101)
    text = page(client, member, reverse("content:consultations"))
    assert topic.get_absolute_url() in text
    starts_at = some_time(topic)
    where = reverse("content:consultation_book", args=[topic.pk])
    text = client.get(topic.get_absolute_url()).content.decode()
    assert f"{where}?at={at(starts_at)}" in text

    text = client.get(where, {"at": at(starts_at)}).content.decode()
    assert "50 %" in text  # what it costs to cancel is said before
    said = {"at": at(starts_at), "brief": "Mine is wet."}
    answer = client.post(where, said, follow=True)
    hour = Appointment.objects.get()
    assert "This hour is kept for you" in answer.content.decode()
    client.post(step(hour, "pay"), {"with": "points"})

    assert "Mine is wet." in page(client, topic.expert, hour.get_absolute_url())
    client.post(step(hour, "confirm"), {"join_url": LINK})
    hour.refresh_from_db()
    assert hour.state == "confirmed"

    clock.move_to(hour.starts_at)
    assert step(hour, "join") in page(client, member, hour.get_absolute_url())
    assert LINK not in page(client, member, hour.get_absolute_url())
    assert client.get(step(hour, "join")).status_code == 405  # a robot follows links
    hour.refresh_from_db()
    assert hour.asker_came_at is None
    client.post(step(hour, "join"))
    assert LINK in page(client, member, hour.get_absolute_url())
    assert LINK not in page(client, topic.expert, hour.get_absolute_url())
    client.force_login(member)
    client.post(step(hour, "say"), {"says": "held"})
    client.force_login(topic.expert)
    client.post(step(hour, "say"), {"says": "held"})
    client.force_login(member)
    client.post(step(hour, "rate"), {"stars": "5", "words": "Dry feet!"})

    where = reverse("content:expert_consultations", args=[topic.expert.username])
    text = page(client, make_member("third"), where)
    assert "Dry feet!" in text
    assert "by 1 rating" in text


def test_the_words_survive_when_the_hour_is_gone(client, member, topic):
    taken = book(make_member("faster"), topic)
    client.force_login(member)
    where = reverse("content:consultation_book", args=[topic.pk])
    said = {"at": at(taken.starts_at), "brief": "Mine is wet."}
    answer = client.post(where, said)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Mine is wet." in text
    assert "just been given away" in text


def test_times_are_those_of_the_readers_own_clock(client, member, topic):
    member.time_zone = "Asia/Shanghai"
    member.save()
    starts_at = some_time(topic)
    where = reverse("content:consultation_book", args=[topic.pk])
    text = page(client, member, f"{where}?at={at(starts_at)}")
    here = starts_at + 8 * HOUR
    assert f"{here:%H:%M}" in text


@pytest.mark.parametrize("said", ["", "tomorrow", "2030-01-01T10:07", "9" * 30])
def test_a_moment_that_is_none_leads_back_to_the_choice(client, member, topic, said):
    client.force_login(member)
    where = reverse("content:consultation_book", args=[topic.pk])
    assert client.get(where, {"at": said}).url == topic.get_absolute_url()


def test_with_money_the_checkout_comes_first(client, member, topic):
    hour = book(member, topic)
    client.force_login(member)
    answer = client.post(step(hour, "pay"), {"with": "money"})
    hour.refresh_from_db()
    assert answer.url.startswith(hour.offer.get_absolute_url())


def test_with_too_few_points_the_page_says_so(client, member, topic):
    hour = book(member, topic)
    client.force_login(member)
    answer = client.post(step(hour, "pay"), {"with": "points"})
    assert answer.status_code == 422
    assert "You do not have that many points" in answer.content.decode()


def test_cancelling_asks_first_and_says_what_comes_back(client, clock, member, topic):
    hour = confirmed(member, topic)
    clock.move_to(hour.starts_at - HOUR)
    client.force_login(member)
    answer = client.post(step(hour, "cancel"), {"reason": "Ill"})
    assert "50 % of what was paid" in answer.content.decode()
    hour.refresh_from_db()
    assert hour.is_confirmed

    client.post(step(hour, "cancel"), {"reason": "Ill", "sure": "1"})

    hour.refresh_from_db()
    assert (hour.state, hour.part_back, hour.reason) == ("cancelled", 50, "Ill")


def test_saying_no_and_letting_go_ask_first(client, member, topic):
    first, second = asked(member, topic), asked(member, topic)
    for who, hour, name in (
        (topic.expert, first, "reject"),
        (member, second, "withdraw"),
    ):
        client.force_login(who)
        client.post(step(hour, name))
        hour.refresh_from_db()
        assert hour.is_asked
        client.post(step(hour, name), {"sure": "1"})
        hour.refresh_from_db()
        assert not hour.is_running


def test_the_two_agree_on_another_time(client, member, topic):
    hour = confirmed(member, topic)
    new = hour.starts_at + DAY
    assert at(new) in page(client, member, step(hour, "move"))
    client.post(step(hour, "move"), {"at": at(new)})
    assert step(hour, "agree") not in page(client, member, hour.get_absolute_url())

    text = page(client, topic.expert, hour.get_absolute_url())
    assert step(hour, "agree") in text
    client.post(step(hour, "agree"))

    hour.refresh_from_db()
    assert hour.starts_at == new


def test_the_link_is_for_the_two_and_shortly_before(client, member, topic, operator):
    hour = confirmed(member, topic)
    for who in (member, operator):
        assert LINK not in page(client, who, hour.get_absolute_url())
    client.force_login(member)
    client.post(step(hour, "join"))
    hour.refresh_from_db()
    assert hour.asker_came_at is None


def test_both_have_it_in_their_calendars(client, member, topic):
    hour = confirmed(member, topic)
    for who, other in ((member, topic.expert), (topic.expert, member)):
        text = page(client, who, step(hour, "file"))
        assert f"SUMMARY:Your soil\\, with {other}" in text
        assert f"DTSTART:{hour.starts_at:%Y%m%dT%H%M%SZ}" in text
        assert "STATUS:CONFIRMED" in text
        assert LINK not in text


# In the studio ------------------------------------------------------------------


def test_an_expert_says_what_they_offer_and_when(client, clock, expert):
    Availability.objects.all().delete()
    client.force_login(expert)
    client.post(
        reverse("content:consultation_new"),
        {
            "title": "Roots",
            "about": "All of them.",
            "minutes": "45",
            "price": "120.50",
            "currency": "CNY",
            "is_active": "on",
        },
    )
    made = Consultation.objects.get()
    assert (made.minutes, made.price, made.points) == (45, 12050, None)

    hours = {"weekdays": ["0", "6"], "begins": "22:00", "ends": "00:00"}
    client.post(reverse("content:hours_add"), hours)
    client.post(
        reverse("content:expert_calendar"),
        {"time_zone": "Asia/Shanghai", "notice_hours": 24, "days_ahead": 28},
    )
    studio = page(client, expert, reverse("content:consultation_studio"))
    assert "22:00–24:00" in studio
    times = consultations.free_slots(expert=expert, minutes=45)
    assert {it.hour for it in times} == {14, 15}

    kept = Availability.objects.filter(weekday=0).get()
    client.post(reverse("content:hours_remove", args=[kept.pk]))
    assert Availability.objects.get().weekday == 6


def test_a_day_off_takes_its_hours_away(client, clock, expert):
    day = timezone.localdate() + 3 * DAY
    client.force_login(expert)
    said = {"day": f"{day}", "is_extra": "0"}
    client.post(reverse("content:exception_add"), said)
    times = consultations.free_slots(expert=expert, minutes=60)
    assert times
    assert day not in {it.date() for it in times}

    made = expert.availability_exceptions.get()
    client.post(reverse("content:exception_remove", args=[made.pk]))
    times = consultations.free_slots(expert=expert, minutes=60)
    assert day in {it.date() for it in times}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hours_add", {"weekdays": ["0"], "begins": "10:07", "ends": "11:00"}),
        ("hours_add", {"weekdays": ["0"], "begins": "12:00", "ends": "11:00"}),
        ("hours_add", {"begins": "10:00", "ends": "11:00"}),
        ("exception_add", {"day": "2001-01-01", "is_extra": "0"}),
        ("exception_add", {"day": "2030-13-01", "is_extra": "1"}),
        ("expert_calendar", {"time_zone": "Mars", "notice_hours": 1}),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(client, expert, name, said):
    client.force_login(expert)
    answer = client.post(reverse(f"content:{name}"), said)
    assert answer.status_code == 422
    assert "field__errors" in answer.content.decode()


def test_a_changed_price_is_that_of_later_hours(client, member, topic):
    hour = book(member, topic)
    client.force_login(topic.expert)
    client.post(
        reverse("content:consultation_change", args=[topic.pk]),
        {
            "title": "Your soil",
            "about": "All of it.",
            "minutes": "30",
            "points": "7",
            "currency": "CNY",
        },
    )
    topic.refresh_from_db()
    hour.refresh_from_db()
    assert (topic.minutes, topic.points, topic.is_active) == (30, 7, False)
    assert (hour.minutes, hour.points, hour.price) == (60, 101, 20001)


# The operators' desk --------------------------------------------------------------


def test_an_operator_decides_a_dispute_in_the_admin(
    client, clock, member, topic, operator
):
    hour = confirmed(member, topic)
    clock.move_to(hour.ends_at)
    appointments.say(appointment=hour, by=member, says="alone")
    appointments.say(appointment=hour, by=topic.expert, says="held")
    client.force_login(operator)
    address = f"/admin/content/appointment/{hour.pk}/decide/"
    listed = client.get(f"/admin/content/appointment/{hour.pk}/change/")
    assert "Decide" in listed.content.decode()

    client.post(address, {"back": "50", "reason": "Half and half"})

    hour.refresh_from_db()
    assert (hour.state, hour.part_back) == ("decided", 50)
    again = client.post(address, {"back": "100", "reason": "More"})
    assert again.status_code in {302, 403}
    hour.refresh_from_db()
    assert hour.part_back == 50


def test_they_stand_in_ones_own_calendar(client, clock, member, topic):
    hour = confirmed(member, topic)
    token = calendars.make_address(member=member)
    feed = calendars.address_of(token)
    first = client.get(feed)
    assert f"appointment-{hour.pk}@" in first.content.decode()
    assert "STATUS:CONFIRMED" in first.content.decode()
    assert LINK not in first.content.decode()
    same = {"headers": {"If-None-Match": first["ETag"]}}
    assert client.get(feed, **same).status_code == 304

    clock.shift(HOUR)
    appointments.cancel(appointment=hour, by=member)
    assert "STATUS:CANCELLED" in client.get(feed, **same).content.decode()


def test_who_says_to_have_been_away_is_asked_whether_it_is_so(
    client, clock, member, topic
):
    hour = confirmed(member, topic)
    clock.move_to(hour.starts_at)
    client.force_login(member)
    asks = client.post(step(hour, "say"), {"says": "away"}).content.decode()
    assert "You were not there? 0 % of what was paid goes back." in asks
    hour.refresh_from_db()
    assert hour.state == "confirmed"
    client.post(step(hour, "say"), {"says": "away", "sure": "1"})
    hour.refresh_from_db()
    assert hour.state == "missed"


def test_operators_find_on_their_first_page_what_is_to_be_decided(
    client, clock, member, topic, operator
):
    hour = confirmed(member, topic)
    clock.move_to(hour.ends_at)
    for person, says in ((member, "alone"), (topic.expert, "held")):
        appointments.say(appointment=hour, by=person, says=says)
    pile = next(
        it
        for it in today.dashboard(_asking(operator), {})["piles"]
        if it.waiting.model is Appointment
    )
    assert [task.url for task in pile.tasks] == [
        reverse("admin:content_appointment_change", args=[hour.pk])
    ]


def _asking(operator):
    request = RequestFactory().get("/admin/")
    request.user = operator
    return request
