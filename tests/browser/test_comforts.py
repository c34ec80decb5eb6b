"""What the pages do for people: keep drafts, take one click for one, stay dark."""

import pytest
from django.conf import settings

from accounts.services.community import forget
from content.models import Post
from content.services.notes import save_note
from tests.factories.accounts import make_space
from tests.factories.courses import make_course, make_item, make_lesson
from tests.factories.discussions import make_topic

LONG = "A long answer that took a whole evening to write."


@pytest.fixture
def topic():
    forget()
    return make_topic(space=make_space("circle", access="public"))


def write(page, text):
    page.get_by_label("Your reply").fill(text)


def test_a_draft_survives_leaving_and_ends_with_its_post(reader, topic, member):
    page = reader(member=member).go(topic.get_absolute_url()).page
    write(page, LONG)
    page.goto("/spaces/")
    page.goto(topic.get_absolute_url())
    assert page.get_by_label("Your reply").input_value() == LONG
    page.get_by_role("button", name="Reply", exact=True).click()
    page.get_by_text(LONG).first.wait_for()
    page.goto(topic.get_absolute_url())
    assert page.get_by_label("Your reply").input_value() == ""


def test_a_draft_survives_a_server_that_fails(reader, topic, member):
    page = reader(member=member).go(topic.get_absolute_url()).page
    page.route("**/reply/", lambda route: route.fulfill(status=500, body="oh"))
    write(page, LONG)
    page.get_by_role("button", name="Reply", exact=True).click()
    page.get_by_text("What you wrote is kept").wait_for()
    page.unroute("**/reply/")
    page.goto(topic.get_absolute_url())
    assert page.get_by_label("Your reply").input_value() == LONG


def test_the_next_member_at_this_computer_sees_no_draft(
    reader, topic, member, other_member
):
    window = reader(member=member)
    write(window.go(topic.get_absolute_url()).page, LONG)
    window.sign_in(other_member)
    page = window.go(topic.get_absolute_url()).page
    assert page.get_by_label("Your reply").input_value() == ""


def end_session(page):
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def begin_topic(page, topic):
    page.goto(f"/spaces/{topic.space.slug}/new/")
    page.get_by_label("Title").fill("Why?")
    page.get_by_label("Text").fill(LONG)


def test_a_new_topic_survives_a_lost_connection_and_ends_when_posted(
    reader, topic, member
):
    window = reader(member=member)
    page = window.page
    begin_topic(page, topic)
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Post", exact=True).click()
    page.context.set_offline(False)
    page.goto("/library/")  # a page without errors: nothing was accepted, though
    page.goto(f"/spaces/{topic.space.slug}/new/")
    assert page.get_by_label("Text").input_value() == LONG
    page.get_by_label("Title").fill("Why?")
    page.get_by_role("button", name="Post", exact=True).click()
    page.wait_for_url("**/topics/**")
    page.goto(f"/spaces/{topic.space.slug}/new/")
    assert page.get_by_label("Text").input_value() == ""


def test_a_short_text_survives_the_end_of_the_session(reader, topic, member):
    window = reader(member=member)
    page = window.page
    begin_topic(page, topic)
    page.get_by_label("Text").fill("Short.")
    end_session(page)
    page.get_by_role("button", name="Post", exact=True).click()
    page.wait_for_url("**/accounts/login/**")
    window.sign_in(member)
    page.goto("/library/")
    page.goto(f"/spaces/{topic.space.slug}/new/")
    assert page.get_by_label("Text").input_value() == "Short."


def test_a_note_that_was_changed_too_late_is_offered_again(reader, member):
    course = make_course("soil", access="members")
    lesson = make_lesson(course.sections.create(title="One", position=0))
    save_note(member=member, lesson=lesson, text="As it was.")
    window = reader(member=member)
    page = window.go(lesson.get_absolute_url()).page
    end_session(page)
    page.locator("#note-text").fill("As it shall be.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/accounts/login/**")
    window.sign_in(member)
    page.goto(lesson.get_absolute_url())
    assert page.locator("#note-text").input_value() == "As it was."
    page.get_by_role("button", name="Use it").click()
    assert page.locator("#note-text").input_value() == "As it shall be."


def test_a_piece_asked_for_too_late_leads_the_whole_page_to_sign_in(
    reader, topic, member
):
    page = reader(member=member).go(topic.get_absolute_url()).page
    write(page, LONG)
    end_session(page)
    page.get_by_role("button", name="Reply", exact=True).click()
    page.wait_for_url(f"**/accounts/login/?next={topic.get_absolute_url()}")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_reply_pressed_twice_is_posted_once(reader, topic, member, scripts):
    window = reader(member=member, scripts=scripts)
    page = window.go(topic.get_absolute_url()).page
    write(page, LONG)
    page.get_by_role("button", name="Reply", exact=True).dblclick()
    page.locator(".post", has_text=LONG).wait_for()
    assert Post.objects.filter(body=LONG).count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_dark_stays_dark_on_the_next_page(reader, topic, scripts):
    page = reader(scripts=scripts).go("/spaces/").page
    page.get_by_role("button", name="Dark").click()
    page.goto("/library/")
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_menu_opens_without_scripts_and_leads_out(reader, topic, member):
    page = reader("phone, dark", member=member, scripts=False).go("/spaces/").page
    page.get_by_label("Your menu").click()
    page.get_by_role("link", name="Sign out").click()
    page.locator("main button[type=submit]").click()  # asked once
    page.goto("/spaces/")
    assert page.get_by_role("link", name="Sign in", exact=True).is_visible()


def test_escape_closes_the_menu_and_returns_to_it(reader, topic, member):
    page = reader(member=member).go("/spaces/").page
    page.get_by_label("Your menu").click()
    page.keyboard.press("Escape")
    assert page.locator("details.menu").get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_paper_is_light_however_dark_the_screen_is(reader):
    page = reader("phone, dark").go("/").page
    ground = "getComputedStyle(document.documentElement).getPropertyValue('--paper')"
    dark = page.evaluate(ground)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ground) == "#fbfaf7" != dark


def test_sharing_opens_beside_the_thing_and_copies_its_link(reader, member):
    window = reader(member=member)
    page = window.go(make_item("essay").get_absolute_url()).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("details.share summary").click()
    page.get_by_role("button", name="Copy the link").click()
    page.get_by_text("Copied").wait_for()
    link = page.get_by_label("My link").input_value()
    assert "/l/" in link
    assert page.evaluate("navigator.clipboard.readText()") == link


def test_without_scripts_sharing_is_a_page_of_its_own(reader):
    page = reader(scripts=False).go(make_item("essay").get_absolute_url()).page
    page.locator("details.share summary").click()
    page.get_by_text("Link, code and poster").click()
    assert page.get_by_label("Link", exact=True).input_value().endswith("/essay/")
    assert not page.get_by_role("button", name="Copy the link").is_visible()


def test_the_slash_leads_to_the_search_box(reader):
    page = reader().go("/plans/").page
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
