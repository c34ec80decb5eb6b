import datetime as dt

import icalendar
import pytest
import time_machine

from accounts.models import Role, Space
from accounts.services.activity import ensure_partitions
from accounts.services.roles import grant_role
from content.models import Event, EventSeries
from content.services import calendars, events, registrations, series
from tests.factories.accounts import make_member, make_space
from tests.factories.events import DAY, go, make_event
from tests.factories.series import TUESDAY, dates, local, make_series

pytestmark = pytest.mark.django_db

WEEK = 7 * DAY


@pytest.fixture(autouse=True)
def spring(db):
    ensure_partitions(dt.date(2027, 3, 1), dt.date(2027, 8, 31))
    with time_machine.travel(dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def mentor(db):
    member = make_member("mentor")
    grant_role(member=member, role=Role.MENTOR)
    member.refresh_from_db()
    return member


def form_of(event, **says):
    start, end = event.starts_there, event.ends_there
    return {
        "kind": event.kind,
        "title": event.title,
        "time_zone": event.time_zone,
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{end:%Y-%m-%dT%H:%M}",
        "access": "free",
        "currency": "CNY",
        "free_until_hours": "24",
        "late_refund": "none",
        "reach": "one",
    } | says


# Leading ----------------------------------------------------------------------


def test_a_mentor_repeats_an_event(client, mentor):
    event = make_event(
        host=mentor,
        starts_at=local(TUESDAY),
        ends_at=local(TUESDAY, "20:00"),
        time_zone="Europe/Berlin",
        publish=False,
    )
    client.force_login(mentor)
    path = f"/studio/events/{event.pk}/repeat/"
    assert path in client.get(f"/studio/events/{event.pk}/").content.decode()
    for wrong in (
        {"frequency": "weekly", "count": "3", "until": "2027-05-01"},
        {"frequency": "weekly", "until": "2027-03-02"},
        {"frequency": "weekly", "until": "2047-03-02"},
        {"frequency": "weekly", "count": "1"},
        {"frequency": "monthly_last"},
    ):
        assert client.post(path, wrong).status_code == 422
    assert not EventSeries.objects.exists()
    Event.objects.filter(pk=event.pk).update(ends_at=event.starts_at + 8 * DAY)
    assert client.post(path, {"frequency": "monthly_day"}).status_code == 422
    Event.objects.filter(pk=event.pk).update(ends_at=event.ends_at)

    answer = client.post(path, {"frequency": "biweekly", "count": "3"})
    made = EventSeries.objects.get()
    assert answer.url == f"/studio/events/series/{made.pk}/"
    assert len(dates(made)) == 3
    text = client.get(answer.url).content.decode()
    assert "every second Tuesday, 3 times at 19:00" in text
    assert event.title in client.get("/studio/events/").content.decode()
    assert client.get(path).url == answer.url
    pattern = series.pattern_of(made)
    assert client.get(f"/studio/events/{pattern.pk}/").url == answer.url


def test_a_mentor_moves_one_and_then_all_that_follow(client, mentor):
    made = make_series(host=mentor, count=4)
    second = series.coming_of(made)[1]
    client.force_login(mentor)
    path = f"/studio/events/{second.pk}/occurrence/"
    assert client.get(f"/studio/events/{second.pk}/change/").url == path
    assert 'name="reach"' in client.get(path).content.decode()
    assert client.post(path, form_of(second, title="")).status_code == 422
    assert client.post(path, form_of(second, reach="")).status_code == 422

    at = {"starts_at": "2027-03-10T19:00", "ends_at": "2027-03-10T20:00"}
    assert client.post(path, form_of(second, **at)).status_code == 302
    assert dates(made)[1:3] == [local(TUESDAY + WEEK + DAY), local(TUESDAY + 2 * WEEK)]

    third = series.coming_of(made)[2]
    path = f"/studio/events/{third.pk}/occurrence/"
    early = {"starts_at": "2027-03-08T19:00", "ends_at": "2027-03-08T20:00"}
    answer = client.post(path, form_of(third, **early, reach="following"))
    assert answer.status_code == 422
    assert "The one before it would come later" in answer.content.decode()
    at = {"starts_at": "2027-03-16T18:00", "ends_at": "2027-03-26T18:00"}
    assert client.post(path, form_of(third, **at, reach="following")).status_code == 422
    at = {"starts_at": "2027-03-16T18:00", "ends_at": "2027-03-16T19:00"}
    assert client.post(path, form_of(third, **at, reach="following")).status_code == 302
    assert dates(made)[2:] == [
        local(TUESDAY + 2 * WEEK, "18:00"),
        local(TUESDAY + 3 * WEEK, "18:00"),
    ]


def test_a_mentor_gives_all_that_follow_one_programme(client, mentor):
    made = make_series(host=mentor, count=4)
    first, second, third, fourth = series.coming_of(made)
    series.change_one(event=third, by=mentor, title="A special")
    fourth.speakers.create(name="Was there")
    speaker = second.speakers.create(name="A. Guest")
    second.agenda.create(begins_after=0, minutes=5, title="Hello", speaker=speaker)
    client.force_login(mentor)
    path = f"/studio/events/{second.pk}/programme/all/"
    programme = client.get(f"/studio/events/{second.pk}/programme/")
    assert path in programme.content.decode()

    assert client.post(path).status_code == 200  # asks first
    client.post(path, {"sure": "1"})
    for event, names in (
        (first, []),
        (third, []),
        (fourth, ["A. Guest"]),
        (series.pattern_of(made), ["A. Guest"]),
    ):
        assert [it.name for it in event.speakers.all()] == names
        assert event.agenda.count() == len(names)


def test_a_mentor_ends_a_series_once_they_are_sure(client, mentor, member):
    made = make_series(host=mentor)
    series.come_to_all(series=made, member=member)
    client.force_login(mentor)
    path = f"/studio/events/series/{made.pk}/end/"
    says = {"last_on": "2027-03-09", "reason": "Holidays"}
    assert client.post(path, {"last_on": "2099-01-01"}).status_code == 422
    assert client.post(path, says).status_code == 200  # asks first
    assert len(dates(made)) == 12
    assert not Event.objects.filter(state="cancelled").exists()

    client.post(path, says | {"sure": "1"})
    made.refresh_from_db()
    assert made.until == dt.date(2027, 3, 9)
    assert Event.objects.filter(state="cancelled").count() == 10


# Coming -----------------------------------------------------------------------


def test_a_member_comes_to_all_and_leaves_again(client, member):
    made = make_series(questions=["Why?"], count=3)
    client.force_login(member)
    path = made.get_absolute_url()
    one = series.coming_of(made)[1]
    assert path in client.get(one.get_absolute_url()).content.decode()
    assert f"{path}come/" in client.get(path).content.decode()
    assert client.post(f"{path}come/", {"answer_0": ""}).status_code == 422
    assert client.post(f"{path}come/", {"answer_0": "So"}).url == path
    text = client.get(path).content.decode()
    assert "You come to all of them" in text
    assert member.registrations.filter(state="going").count() == 3

    assert client.post(f"{path}leave/").status_code == 200  # asks first
    client.post(f"{path}leave/", {"sure": "1"})
    assert not member.registrations.filter(state="going").exists()
    assert client.post(f"{path}leave/", {"sure": "1"}).status_code == 404


def test_who_has_to_pay_registers_for_each_by_itself(client, member):
    made = make_series(price=1000)
    client.force_login(member)
    path = made.get_absolute_url()
    text = client.get(path).content.decode()
    assert "Register for each of them by itself" in text
    client.post(f"{path}come/")
    assert not member.registrations.exists()


def test_a_page_of_a_series_costs_the_same_however_many_come(
    client, member, django_assert_max_num_queries
):
    short, long = make_series(count=2), make_series()
    client.force_login(member)
    client.get(short.get_absolute_url())
    with django_assert_max_num_queries(20) as few:
        client.get(short.get_absolute_url())
    with django_assert_max_num_queries(len(few)):
        client.get(long.get_absolute_url())


# Calendars --------------------------------------------------------------------


def entries(content):
    return icalendar.Calendar.from_ical(content)


def test_a_series_for_the_calendar_has_its_zone_and_each_event(client):
    made = make_series(join_url="https://meet.example.org/in", count=5)
    answer = client.get(f"{made.get_absolute_url()}series.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    read = entries(answer.content)
    (zone,) = read.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Berlin"
    told = read.walk("VEVENT")
    assert len({str(it["UID"]) for it in told}) == 5
    assert {it["DTSTART"].params["TZID"] for it in told} == {"Europe/Berlin"}
    assert {it["DTSTART"].dt.hour for it in told} == {19}
    assert b"meet.example.org" not in answer.content


def feed(client, path, **headers):
    return client.get(path, headers=headers)


def told_of(answer):
    return {
        str(it["UID"]): (int(it["SEQUENCE"]), str(it["STATUS"]), it["DTSTART"].dt)
        for it in entries(answer.content).walk("VEVENT")
    }


def test_the_feed_tells_what_was_moved_and_what_was_cancelled(
    client, member, django_capture_on_commit_callbacks
):
    made = make_series(count=3)
    series.come_to_all(series=made, member=member)
    path = calendars.address_of(calendars.make_address(member=member))
    before = told_of(feed(client, path))
    assert {status for _, status, _ in before.values()} == {"CONFIRMED"}

    first, second, third = series.coming_of(made)
    later = local(TUESDAY, "21:00")
    series.change_one(
        event=first, by=made.host, starts_at=later, ends_at=later + DAY / 24
    )
    with django_capture_on_commit_callbacks(execute=True):
        events.cancel_event(event=second, by=made.host)
    left = third.registrations.get()
    registrations.cancel_registration(registration=left)

    after = told_of(feed(client, path))
    assert len(after) == 2
    moved, other = (
        next(uid for uid in before if uid.startswith(f"event-{event.pk}@"))
        for event in (first, second)
    )
    assert after[moved] == (before[moved][0] + 1, "CONFIRMED", later)
    assert after[other][1] == "CANCELLED"
    assert after[other][0] > before[other][0]


def test_who_gave_a_seat_back_before_it_was_cancelled_hears_nothing(
    client, member, django_capture_on_commit_callbacks
):
    event = make_event(starts_at=local(TUESDAY), ends_at=local(TUESDAY, "20:00"))
    registrations.cancel_registration(registration=go(event, member))
    path = calendars.address_of(calendars.make_address(member=member))
    with time_machine.travel(dt.datetime(2027, 3, 1, 13, tzinfo=dt.UTC)):
        events.cancel_event(event=event, by=event.host)
    assert told_of(feed(client, path)) == {}


def test_a_feed_that_says_nothing_new_is_not_written_again(client, member):
    made = make_series(count=2)
    series.come_to_all(series=made, member=member)
    path = calendars.address_of(calendars.make_address(member=member))
    first = feed(client, path)
    again = feed(client, path, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]

    event = series.coming_of(made).first()
    series.change_one(event=event, by=made.host, title="Otherwise")
    changed = feed(client, path, if_none_match=first["ETag"])
    assert changed.status_code == 200
    assert b"Otherwise" in changed.content


def test_a_series_in_a_closed_space_is_not_there_for_others(client, member):
    space = make_space(slug="few", access=Space.Access.JOINED)
    made = make_series(space=space, count=2)
    client.force_login(member)
    for tail in ("", "series.ics", "come/"):
        assert client.get(f"{made.get_absolute_url()}{tail}").status_code == 404
