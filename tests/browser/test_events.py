"""Coming to an event, and what happens in its live room and at its door: several people
at once, each in a window of their own."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.services.community import forget
from content.models import Event, LiveMessage, Registration, WatchedWord
from content.services import attendance, live, registrations, reminders
from tests.browser.reader import MODES
from tests.factories.accounts import make_member, make_space
from tests.factories.events import go, make_event

MINUTE = dt.timedelta(minutes=1)
SOON_MS = 10_000  # who watches asks every few seconds


@pytest.fixture(autouse=True)
def fresh_house():
    forget()


@pytest.fixture
def event(member):
    """Begun five minutes ago; the member has a seat."""
    event = make_event("Soils", join_url="https://vimeo.com/123456789")
    go(event, member)
    move(event, starts=-5 * MINUTE)
    return event


@pytest.fixture
def host(reader, event):
    return reader(member=event.host).go(room_of(event)).page


@pytest.fixture
def viewer(reader, event, member):
    return reader("phone", member=member).go(room_of(event)).page


def move(event, *, starts, ends=60 * MINUTE):
    now = timezone.now()
    Event.objects.filter(pk=event.pk).update(starts_at=now + starts, ends_at=now + ends)
    event.refresh_from_db()


def room_of(event):
    return f"/events/{event.pk}/live/"


def say(page, text):
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Your message")).to_have_value("")


def ask(page, text):
    page.get_by_label("Your question").fill(text)
    page.get_by_role("button", name="Ask", exact=True).click()


def wait_for(page, text):
    expect(page.get_by_text(text).first).to_be_visible(timeout=SOON_MS)


# From the waiting list to the stars ---------------------------------------------------


def test_a_member_waits_moves_up_is_reminded_asks_and_rates(reader, member):
    event = make_event("Soils", seats=1, join_url="https://vimeo.com/123456789")
    first = make_member("first")
    go(event, first)
    page = reader("phone", member=member).go(event.get_absolute_url()).page
    page.get_by_role("link", name="Onto the waiting list").click()
    page.get_by_role("button", name="Onto the waiting list").click()
    page.get_by_text("You are number 1 on the waiting list").wait_for()

    mine = Registration.objects.get(event=event, member=first)
    registrations.cancel_registration(registration=mine)
    page.goto("/notifications/")
    page.get_by_role("link", name=re.compile("A seat at “Soils” is kept")).click()
    page.get_by_role("button", name="Take the seat").click()
    page.get_by_text("You are registered").first.wait_for()

    move(event, starts=50 * MINUTE, ends=120 * MINUTE)
    event.registrations.update(registered_at=timezone.now() - dt.timedelta(days=1))
    assert reminders.remind_due() == 1
    page.goto("/notifications/")
    page.get_by_role("link", name=re.compile("Soils.* begins soon")).click()
    page.get_by_role("link", name="Live room").click()
    page.get_by_text("The room opens on").wait_for()

    move(event, starts=-5 * MINUTE)
    page.goto(event.get_absolute_url())
    page.get_by_role("link", name="Live room").click()
    leader = reader(member=event.host).go(room_of(event)).page
    ask(page, "Why is it red?")
    wait_for(leader, "Why is it red?")
    leader.get_by_role("button", name=re.compile("^Answered")).click()
    expect(page.locator(".badge", has_text="answered")).to_be_visible(timeout=SOON_MS)

    Registration.objects.filter(event=event).update(checked_in_at=timezone.now())
    move(event, starts=-150 * MINUTE, ends=-90 * MINUTE)
    assert attendance.settle(event=event, now=timezone.now())
    page.goto("/notifications/")
    page.get_by_role("link", name=re.compile("How was “Soils”")).click()
    page.get_by_role("link", name="Rate it").click()
    page.get_by_label("5", exact=False).first.check(force=True)
    page.get_by_role("button", name="Give my rating").click()
    page.get_by_text("Your stars are counted").wait_for()
    assert event.ratings.get().stars == 5


# In the room --------------------------------------------------------------------------


def test_messages_reach_the_other_side_within_seconds_one_after_the_other(host, viewer):
    say(host, "Can you hear me?")
    wait_for(viewer, "Can you hear me?")
    for text in ("Yes", "Loud and clear"):  # at once, and not one in ten seconds
        say(viewer, text)
    wait_for(host, "Loud and clear")
    assert LiveMessage.objects.count() == 3
    log = viewer.locator(".live__log")
    assert log.evaluate("it => it.scrollTop") == 0  # at its end, as it begins there


def test_what_is_typed_while_a_message_is_on_its_way_stays(viewer):
    field = viewer.get_by_label("Your message")
    field.fill("First")
    waiting = []

    def keep(route):
        waiting.append(route)

    viewer.route("**/live/say/", keep)
    viewer.get_by_role("button", name="Send").click()
    field.fill("Second")
    viewer.wait_for_timeout(100)
    waiting[0].continue_()
    wait_for(viewer, "First")
    assert field.input_value() == "Second"


def test_a_poll_is_asked_answered_and_ended(host, viewer):
    host.get_by_text("A quick poll").click()
    form = host.locator("form[action$='/polls/']")
    form.get_by_label("Question").fill("Too fast?")
    form.get_by_label("Choices").fill("Yes\nNo")
    form.get_by_role("button").click()
    choice = viewer.get_by_role("button", name="No", exact=True)
    choice.click(timeout=SOON_MS)
    expect(choice).to_have_attribute("aria-pressed", "true")
    # Another press right after it counts, too.
    viewer.get_by_role("button", name="Yes", exact=True).click()
    yes = host.locator(".poll__result li").first
    expect(yes).to_contain_text("1 vote", timeout=SOON_MS)
    host.get_by_role("button", name="End the poll").click()
    expect(viewer.get_by_text("The poll has ended.")).to_be_visible(timeout=SOON_MS)


def test_a_watched_word_waits_until_the_host_shows_it(host, viewer):
    WatchedWord.objects.create(word="casino", effect=WatchedWord.Effect.HOLD)
    say(viewer, "Come to the casino")
    wait_for(viewer, "It is shown as soon as somebody has looked at it.")
    wait_for(host, "Come to the casino")
    assert viewer.get_by_text("Come to the casino").count() == 0
    host.locator(".live__tools summary").click()
    host.get_by_role("button", name="Show again").click()
    wait_for(viewer, "Come to the casino")


def test_the_host_silences_from_the_line(host, viewer):
    say(viewer, "Rubbish")
    wait_for(host, "Rubbish")
    host.locator(".live__tools summary").click()
    host.get_by_role("button", name="Mute here").first.click()
    wait_for(host, "Only listening")
    viewer.get_by_label("Your message").fill("More of it")
    viewer.get_by_role("button", name="Send").click()
    wait_for(viewer, "The host has asked you to listen only.")
    assert viewer.get_by_label("Your message").input_value() == "More of it"


def test_a_line_is_reported_from_the_room(host, viewer):
    say(host, "You fools")
    viewer.get_by_role("link", name=re.compile("Report this message")).click(
        timeout=SOON_MS
    )
    viewer.get_by_label("It insults or threatens somebody").check()
    viewer.get_by_role("button", name="Report").click()
    viewer.get_by_text("Thank you. Somebody looks at it").wait_for()


def test_when_too_many_come_the_room_says_so_and_goes_on_later(host, viewer):
    busy = {"status": 503, "headers": {"Retry-After": "1"}, "body": ""}
    viewer.route("**/live/news/**", lambda route: route.fulfill(**busy))
    viewer.route("**/live/say/", lambda route: route.fulfill(**busy))
    viewer.get_by_label("Your message").fill("Hello?")
    viewer.get_by_role("button", name="Send").click()
    wait_for(viewer, "It was not sent.")
    assert viewer.get_by_label("Your message").input_value() == "Hello?"
    expect(viewer.get_by_text("The connection is slow")).to_be_visible(timeout=20_000)
    viewer.unroute("**/live/news/**")
    viewer.unroute("**/live/say/")
    say(viewer, "Hello?")
    wait_for(host, "Hello?")
    expect(viewer.get_by_text("The connection is slow")).to_be_hidden(timeout=20_000)


def test_what_was_left_open_becomes_a_topic(host, viewer):
    make_space("circle", access="public")
    host.reload()
    ask(viewer, "Why is it red?")
    wait_for(host, "Why is it red?")
    host.get_by_text("What was left open").click()
    host.get_by_role("button", name="Make a topic of them").click()
    host.wait_for_url("**/topics/**")
    wait_for(host, "Why is it red?")
    expect(viewer.get_by_text("goes on in the talk")).to_be_visible(timeout=SOON_MS)


def test_without_scripts_the_room_works_by_being_loaded_again(
    reader, event, member, host
):
    page = reader("phone", member=member, scripts=False).go(room_of(event)).page
    page.get_by_label("Your message").fill("Hello")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Hello").wait_for()
    wait_for(host, "Hello")
    say(host, "Welcome")
    page.get_by_role("link", name="Load what is new").click()
    page.reload()
    page.get_by_text("Welcome").wait_for()


@pytest.mark.parametrize("mode", MODES)
def test_the_room_is_a_good_page_for_everybody(reader, event, member, mode):
    room = live.room_of(event)
    live.say(room=room, author=member, body="A long one " * 20)
    live.ask(room=room, author=member, body="Why is it red?")
    live.begin_poll(room=room, question="Too fast?", choices=["Yes", "No"])
    for person in (member, event.host):
        window = reader(mode, member=person).go(room_of(event))
        assert window.check_page() == []


# At the door --------------------------------------------------------------------------


def test_at_the_door_people_are_let_in_while_the_network_is_away(reader, member):
    event = make_event("Salon", place="Beijing")
    other = make_member("other", name="Otto Other")
    for person in (member, other):
        go(event, person)
    move(event, starts=20 * MINUTE)
    window = reader("phone", member=event.host).go(f"/studio/events/{event.pk}/door/")
    page = window.page
    page.get_by_label("Name", exact=True).fill("otto")
    row = page.locator(".row", has_text="Otto Other")
    expect(page.locator("[data-door] > .row:visible")).to_have_count(1)

    page.context.set_offline(True)
    wait_for(page, "There is no network.")
    page.get_by_label("Code of the ticket").fill("A-BCDEFG")
    page.get_by_role("button", name="Check in").first.click()  # leads nowhere
    row.get_by_role("button", name="Check in").click()
    row.get_by_text("Kept here until the network is back.").wait_for()
    page.context.set_offline(False)
    expect(row.get_by_text("here since")).to_be_visible(timeout=20_000)
    assert page.get_by_text("1 of 2 are here.").is_visible()
    here = Registration.objects.get(event=event, member=other)
    assert here.checked_in_at

    mine = Registration.objects.get(event=event, member=member)
    page.get_by_label("Code of the ticket").fill(attendance.code_of(mine).lower())
    page.get_by_role("button", name="Check in").first.click()
    page.get_by_text("2 of 2 are here.").wait_for()
    assert window.go(f"/studio/events/{event.pk}/door/").check_page() == []
