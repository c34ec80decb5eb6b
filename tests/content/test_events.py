import datetime as dt

import icalendar
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Role, Space
from accounts.privacy import erase_all, export_all
from accounts.services.roles import grant_role
from content.errors import EventOver, NotYetOver, SeatsTaken
from content.models import CalendarAddress, Event
from content.services import calendars, events, registrations
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import notice, receive, start
from tests.factories.events import DAY, go, go_for_money, make_event

pytestmark = pytest.mark.django_db

SECRET = "https://meet.example.org/let-me-in"


@pytest.fixture
def mentor(db):
    member = make_member("mentor")
    grant_role(member=member, role=Role.MENTOR)
    member.refresh_from_db()
    return member


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


def page(client, event):
    return client.get(event.get_absolute_url()).content.decode()


def form_of(**says):
    return {
        "kind": "salon",
        "title": "Tea",
        "time_zone": "Europe/Berlin",
        "starts_at": "2027-07-01T19:00",
        "ends_at": "2027-07-01T21:00",
        "access": "free",
        "currency": "CNY",
        "free_until_hours": "24",
        "late_refund": "none",
    } | says


# Making -----------------------------------------------------------------------


def test_the_same_form_twice_makes_one_event(mentor):
    key = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    first = make_event(host=mentor, form_key=key, publish=False)
    again = make_event("Other", host=mentor, form_key=key, publish=False)
    assert first == again


def test_who_is_registered_hears_of_another_time_but_not_of_another_title(member):
    event = make_event()
    go(event, member)
    says = {"by": event.host, "event": event}

    events.change_event(**says, title="Wet soils")
    assert told(member) == []
    events.change_event(**says, ends_at=event.ends_at + dt.timedelta(hours=1))
    assert told(member) == ["event_changed"]
    events.change_event(**says, place="A garden")
    assert told(member) == ["event_changed"] * 2


def test_seats_cannot_be_fewer_than_are_taken(member):
    event = make_event(seats=2)
    go(event, member)
    go(event, make_member("second"))
    with pytest.raises(SeatsTaken):
        events.change_event(event=event, by=event.host, seats=1)


def test_what_is_over_is_not_cancelled_and_what_went_out_is_not_removed():
    over, out = make_event(days=-1), make_event()
    with pytest.raises(EventOver):
        events.cancel_event(event=over, by=over.host)
    with pytest.raises(EventOver):
        events.remove_draft(event=out)


def test_a_mentor_makes_an_event_in_another_zone(client, mentor):
    client.force_login(mentor)
    assert client.post("/studio/events/new/", form_of(title="")).status_code == 422

    answer = client.post(
        "/studio/events/new/",
        form_of(questions="Why?\n\nWhat for?", access="sold", money="20", seats="5"),
    )

    event = Event.objects.get()
    assert answer.url == f"/studio/events/{event.pk}/"
    assert event.starts_at == dt.datetime(2027, 7, 1, 17, tzinfo=dt.UTC)
    assert (event.questions, event.price) == (["Why?", "What for?"], 2000)
    assert event.is_draft
    client.post(f"/studio/events/{event.pk}/publish/")
    event.refresh_from_db()
    assert event.is_published


def test_what_is_sold_needs_a_price(client, mentor):
    client.force_login(mentor)
    answer = client.post("/studio/events/new/", form_of(access="sold"))
    assert answer.status_code == 422
    assert "Name a price" in answer.content.decode()


def test_changing_shows_the_times_as_they_were_meant(client, mentor):
    starts_at = dt.datetime(2027, 1, 5, 2, tzinfo=dt.UTC)
    event = make_event(
        host=mentor, starts_at=starts_at, ends_at=starts_at + DAY, price=5000
    )
    client.force_login(mentor)
    text = client.get(f"/studio/events/{event.pk}/change/").content.decode()
    assert 'value="2027-01-05T10:00"' in text
    assert 'value="50.00"' in text


def test_speakers_and_agenda_are_kept_and_shown(client, mentor, member):
    event = make_event(host=mentor)
    client.force_login(mentor)
    path = f"/studio/events/{event.pk}/programme/"
    count = {"TOTAL_FORMS": "2", "INITIAL_FORMS": "0"}
    says = {f"speakers-{name}": value for name, value in count.items()}
    says |= {"part": "speakers", "speakers-0-username": member.username}
    says |= {"speakers-1-name": "A. Guest", "speakers-1-about": "Knows sand"}
    assert client.post(path, says).status_code == 302
    speaker = event.speakers.get(name="A. Guest")

    says = {f"agenda-{name}": value for name, value in count.items()}
    says |= {"part": "agenda", "agenda-0-title": "Sand and clay"}
    says |= {"agenda-0-begins_after": "0", "agenda-0-minutes": "30"}
    says |= {"agenda-0-speaker": speaker.pk}
    assert client.post(path, says).status_code == 302
    assert client.get(path).status_code == 200

    text = page(client, event)
    for words in ("Sand and clay", "A. Guest", "Knows sand", str(member)):
        assert words in text


def test_nobody_speaks_whose_name_is_unknown(client, mentor):
    event = make_event(host=mentor)
    client.force_login(mentor)
    says = {"part": "speakers", "speakers-TOTAL_FORMS": "1"}
    says |= {"speakers-INITIAL_FORMS": "0", "speakers-0-username": "nobody"}
    answer = client.post(f"/studio/events/{event.pk}/programme/", says)
    assert answer.status_code == 422
    assert "There is nobody of this name." in answer.content.decode()


# Seeing -----------------------------------------------------------------------


def test_the_link_to_join_is_shown_to_who_has_a_seat_only(client, member, mentor):
    event = make_event(host=mentor, seats=1, join_url=SECRET, price=5000)
    waiting = make_member("waiting")
    registration = go(event, member)
    go(event, waiting)
    file = f"{event.get_absolute_url()}event.ics"

    def sees():
        return SECRET in page(client, event), SECRET in client.get(
            file
        ).content.decode().replace("\r\n ", "")

    assert sees() == (False, False)
    for person in (member, waiting):  # it is kept, but not had
        client.force_login(person)
        assert sees() == (False, False)
    _, payment = start(member, registrations.offer_for(registration=registration))
    receive(*notice(payment))
    client.force_login(member)
    assert sees() == (True, True)
    client.force_login(mentor)
    assert sees() == (True, True)


def test_materials_are_for_who_has_a_seat_when_they_are_open(client, member, mentor):
    event = make_event(host=mentor)
    client.force_login(mentor)
    add = f"/studio/events/{event.pk}/materials/"
    for when in ("before", "after"):
        pdf = SimpleUploadedFile("notes.pdf", b"%PDF-1.4 notes")
        client.post(add, {"title": f"Notes {when}", "file": pdf, "open_from": when})
    before, after = event.materials.order_by("pk")

    def status(material):
        answer = client.get(f"/events/materials/{material.pk}/")
        b"".join(answer)  # read to its end it is closed
        return answer.status_code

    client.force_login(member)
    assert status(before) == 403
    go(event, member)
    assert status(before) == 200
    assert status(after) == 404
    text = page(client, event)
    assert ("Notes before" in text, "Notes after" in text) == (True, False)
    with time_machine.travel(timezone.now() + 8 * DAY):
        client.force_login(member)
        assert status(after) == 200


def test_a_wrong_material_is_refused_beside_its_field(client, mentor):
    event = make_event(host=mentor)
    client.force_login(mentor)
    exe = SimpleUploadedFile("notes.pdf", b"MZ\x90\x00")
    answer = client.post(
        f"/studio/events/{event.pk}/materials/",
        {"title": "Notes", "file": exe, "open_from": "before"},
    )
    assert (answer.status_code, event.materials.count()) == (422, 0)


def test_events_of_a_private_space_and_drafts_are_seen_by_nobody_else(client, member):
    space = make_space("private", access=Space.Access.JOINED)
    hidden = make_event("Of the few", space=space)
    draft = make_event("Unfinished", publish=False)
    client.force_login(member)
    month = f"/events/?month={hidden.starts_at:%Y-%m}"
    text = client.get(month).content.decode()
    assert "Of the few" not in text
    assert "Unfinished" not in text
    for event in (hidden, draft):
        assert client.get(event.get_absolute_url()).status_code == 404
        assert events.shown_to(member, [event.pk]) == {}


def test_the_list_shows_a_month_by_kind_and_what_is_mine(client, member):
    at = dt.datetime(2027, 3, 10, 9, tzinfo=dt.UTC)
    when = {"starts_at": at, "ends_at": at + dt.timedelta(hours=1)}
    salon = make_event("Tea salon", kind=Event.Kind.SALON, **when)
    make_event("Soil webinar", **when)
    go(salon, member)
    client.force_login(member)

    def shown(query):
        text = client.get(f"/events/?month=2027-03{query}").content.decode()
        return "Tea salon" in text, "Soil webinar" in text

    assert shown("") == (True, True)
    assert shown("&kind=webinar") == (False, True)
    assert shown("&show=mine") == (True, False)
    assert "Tea salon" not in client.get("/events/?month=2027-04").content.decode()
    assert client.get("/events/?month=nonsense").status_code == 200


def test_past_events_go_on_page_by_page(client):
    host = make_member("host")
    for number in range(22):
        make_event(f"No. {number:02}", host=host, days=-2 - number)
    make_event("Yet to be", host=host)

    first = client.get("/events/past/")
    assert "No. 00" in first.content.decode()
    assert "No. 20" not in first.content.decode()
    second = client.get(f"/events/past/?before={first.context['next_mark']}")
    text = second.content.decode()
    assert ("No. 19" in text, "No. 20" in text, "No. 21" in text) == (
        False,
        True,
        True,
    )
    assert "Yet to be" not in text
    assert client.get("/events/past/?before=nonsense").status_code == 404


# Coming and going --------------------------------------------------------------


def test_questions_are_asked_and_answers_go_to_the_host(client, member, mentor):
    event = make_event(host=mentor, questions=["What do you grow?"])
    client.force_login(member)
    path = f"{event.get_absolute_url()}register/"
    assert "What do you grow?" in client.get(path).content.decode()
    assert client.post(path, {"answer_0": ""}).status_code == 422

    client.post(path, {"answer_0": "=Rice"})

    assert "You are registered" in page(client, event)
    people = f"/studio/events/{event.pk}/people.csv"
    assert client.get(people).status_code == 403
    client.force_login(mentor)
    assert "=Rice" in client.get(f"/studio/events/{event.pk}/").content.decode()
    table = b"".join(client.get(people)).decode()
    assert "What do you grow?" in table
    assert "'=Rice" in table  # no formula


def test_a_seat_is_paid_by_the_checkout_or_with_points(client, member):
    event = make_event(price=5000, points=60)
    client.force_login(member)
    client.post(f"{event.get_absolute_url()}register/")
    confirm = f"{event.get_absolute_url()}confirm/"

    answer = client.post(confirm, {"with": "points"})
    assert answer.status_code == 422
    assert "that many points" in answer.content.decode()
    answer = client.post(confirm, {"with": "money"})
    assert answer.url.startswith("/checkout/seat-")
    assert client.get(answer.url).status_code == 200


def test_a_seat_is_given_back_after_it_was_asked(client, member):
    event = make_event(price=5000)
    go_for_money(event, member)
    client.force_login(member)
    path = f"{event.get_absolute_url()}leave/"

    asked = client.post(path)
    assert "What you paid comes back to you." in asked.content.decode()
    assert member.registrations.get().is_going
    client.post(path, {"sure": "1"})
    assert member.registrations.get().is_cancelled
    assert client.post(path).status_code == 404


# Calendars --------------------------------------------------------------------


def test_the_calendar_keeps_local_time_and_counts_changes(client, member):
    starts_at = dt.datetime(2027, 7, 1, 17, tzinfo=dt.UTC)
    event = make_event(
        time_zone="Europe/Berlin",
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=2),
    )
    (entry,) = _entries(client.get(f"{event.get_absolute_url()}event.ics").content)

    assert entry["dtstart"].params["TZID"] == "Europe/Berlin"
    assert entry["dtstart"].dt.hour == 19
    before = entry["sequence"]
    events.change_event(event=event, by=event.host, place="A garden")
    (entry,) = _entries(client.get(f"{event.get_absolute_url()}event.ics").content)
    assert (entry["sequence"], entry["location"]) == (before + 1, "A garden")


def _entries(content):
    return icalendar.Calendar.from_ical(content).walk("VEVENT")


def test_whoever_has_the_address_sees_what_its_member_goes_to(client, member):
    going, waiting = make_event("Going"), make_event("Full", seats=1)
    go(going, member)
    go(waiting, make_member("other"))
    go(waiting, member)
    client.force_login(member)
    made = client.post("/events/calendar/", {"make": "1"})
    path = made.context["address"].removeprefix("http://testserver")
    client.logout()

    answer = client.get(path)

    assert [it["summary"] for it in _entries(answer.content)] == ["Going"]
    events.cancel_event(event=going, by=going.host)
    (entry,) = _entries(client.get(path).content)
    assert entry["status"] == "CANCELLED"
    calendars.make_address(member=member)
    assert client.get(path).status_code == 404


# Privacy ----------------------------------------------------------------------


def test_who_is_forgotten_gives_seats_back_and_leads_nothing(member, mentor):
    event = make_event(seats=1, questions=["Why?"])
    registrations.register(event=event, member=member, answers=["Sand."])
    next_one = go(event, make_member("next"))
    led = make_event("Led", host=member, body="About *me*.")
    guest = make_member("guest")
    go(led, guest)
    calendars.make_address(member=member)
    told_of = export_all(member)["content"]
    assert told_of["registrations for events"][0]["answers"] == [["Why?", "Sand."]]
    assert told_of["events led"][0]["title"] == "Led"

    erase_all(member)

    next_one.refresh_from_db()
    led.refresh_from_db()
    assert next_one.is_offered
    assert (led.state, led.title, led.body) == ("cancelled", "…", "")
    assert member.registrations.get().answers == []
    assert not CalendarAddress.objects.exists()
    assert "event_cancelled" in told(guest)


# The front page and the home page -----------------------------------------------


def test_the_front_and_home_pages_show_what_is_next(client, member):
    make_event("Sooner", days=2)
    mine = make_event("Mine", days=5)
    go(mine, member)

    assert "Sooner" in client.get("/").content.decode()
    client.force_login(member)
    text = client.get("/").content.decode()
    assert ("Mine" in text, "Sooner" in text) == (True, False)


def test_a_published_event_is_told_to_search_engines_without_its_link(client):
    event = make_event(join_url=SECRET, place="A garden")
    text = page(client, event)
    assert '"@type": "Event"' in text
    assert '"@type": "Place"' in text
    assert SECRET not in text


def test_who_leads_an_event_says_how_much_work_it_was(client, mentor):
    event = make_event(days=-1, host=mentor)
    address = f"/studio/events/{event.pk}/"
    client.force_login(mentor)
    assert "How much work it was" in client.get(address).text

    client.post(f"{address}staff-time/", {"hours": "7.5"})
    event.refresh_from_db()
    assert event.staff_minutes == 450
    assert 'value="7.50"' in client.get(address).text

    answer = client.post(f"{address}staff-time/", {"hours": "-1"})
    assert answer.status_code == 422
    event.refresh_from_db()
    assert event.staff_minutes == 450

    client.post(f"{address}staff-time/", {"hours": ""})
    event.refresh_from_db()
    assert event.staff_minutes is None


def test_work_is_noted_of_what_has_taken_place(mentor):
    coming, cancelled = make_event(host=mentor), make_event(host=mentor)
    events.cancel_event(event=cancelled, by=mentor)
    with pytest.raises(NotYetOver):
        events.note_staff_time(event=coming, by=mentor, minutes=60)
    with pytest.raises(EventOver):
        events.note_staff_time(event=cancelled, by=mentor, minutes=60)
