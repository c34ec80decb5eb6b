"""Nothing that is written in the talk is lost: not by the network, not by the end of a
session, not by a second click, not by a second tab."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.services.community import forget
from content.models import Post, Topic
from tests.factories.accounts import make_space
from tests.factories.discussions import make_topic

LONG = "A long text that took a whole evening, and that nobody wants to write again."
LATER = "What was written in the second tab, and is just as long as the first."


@pytest.fixture
def topic(member):
    forget()
    return make_topic(
        member, space=make_space("circle", access="public"), body="As it was."
    )


@pytest.fixture
def window(reader, topic, member):
    return reader(member=member)


@pytest.fixture
def page(window):
    return window.page


def end_session(page):
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def go_to_edit(page, topic):
    page.goto(f"/posts/{topic.posts.get(number=1).pk}/edit/")


def go_to_new(page, topic, kind):
    page.goto(f"/spaces/{topic.space.slug}/new/")
    page.get_by_label("What is it?").select_option(kind)
    page.get_by_label("Title").fill("Which one?")
    page.get_by_label("Text", exact=True).fill(LONG)


# The network ------------------------------------------------------------------------


def test_a_reply_without_a_network_stays_says_so_and_goes_out_later(page, topic):
    page.goto(topic.get_absolute_url())
    page.get_by_label("Your reply").fill(LONG)
    page.route("**/reply/", lambda route: route.abort())
    press(page, "Reply")
    page.get_by_text("What you wrote is kept").wait_for()
    assert page.get_by_label("Your reply").input_value() == LONG
    page.unroute("**/reply/")
    press(page, "Reply")
    page.locator(".post", has_text=LONG).wait_for()
    assert Post.objects.filter(body=LONG).count() == 1


def test_a_change_without_a_network_is_offered_again(page, topic):
    go_to_edit(page, topic)
    page.get_by_label("Text", exact=True).fill(LONG)
    page.get_by_label("Title").fill("Another title")
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        press(page, "Save")
    page.context.set_offline(False)
    go_to_edit(page, topic)
    assert page.get_by_label("Text", exact=True).input_value() == "As it was."
    for button in page.get_by_role("button", name="Use it").all()[::-1]:
        button.click()
    assert page.get_by_label("Title").input_value() == "Another title"
    press(page, "Save")
    page.locator(".post", has_text=LONG).wait_for()


# The session ------------------------------------------------------------------------


def test_a_share_is_back_with_its_link_after_signing_in_again(
    page, topic, window, member
):
    go_to_new(page, topic, "share")
    page.get_by_label("Link").fill("https://example.org/read-this")
    end_session(page)
    press(page, "Post")
    page.get_by_text("You are no longer signed in").first.wait_for()
    window.sign_in(member)
    page.goto(f"/spaces/{topic.space.slug}/new/")
    assert page.get_by_label("Text", exact=True).input_value() == LONG
    press(page, "Post")
    page.wait_for_url("**/topics/**")
    posted = Topic.objects.get(title="Which one?")
    assert (posted.kind, posted.link) == ("share", "https://example.org/read-this")


def test_a_poll_is_back_with_its_choices_after_signing_in_again(
    page, topic, window, member
):
    go_to_new(page, topic, "poll")
    page.get_by_label("Choices").fill("Tea\nMilk")
    end_session(page)
    press(page, "Post")
    page.get_by_text("You are no longer signed in").first.wait_for()
    window.sign_in(member)
    page.goto(f"/spaces/{topic.space.slug}/new/")
    assert page.get_by_label("Choices").is_visible()
    press(page, "Post")
    page.wait_for_url("**/topics/**")
    assert Topic.objects.get(title="Which one?").poll.choices == ["Tea", "Milk"]


def test_a_reply_is_back_with_its_file_after_signing_in_again(
    page, topic, window, member
):
    page.goto(topic.get_absolute_url())
    field = page.get_by_label("Your reply")
    field.fill(LONG)
    plan = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Step one."}
    page.locator("#reply input[type=file]").set_input_files(plan)
    expect(field).to_have_value(re.compile("plan"))
    end_session(page)
    press(page, "Reply")
    page.wait_for_url("**/accounts/login/**")
    window.sign_in(member)
    page.goto(topic.get_absolute_url())
    press(page, "Reply")
    page.locator(".post", has_text=LONG).wait_for()
    posted = Post.objects.get(body__startswith=LONG)
    assert posted.files.get().name == "plan.txt"


def test_a_change_is_offered_again_after_signing_in_again(page, topic, window, member):
    go_to_edit(page, topic)
    page.get_by_label("Text", exact=True).fill(LONG)
    end_session(page)
    press(page, "Save")
    page.get_by_text("You are no longer signed in").first.wait_for()
    window.sign_in(member)
    go_to_edit(page, topic)
    press(page, "Use it")
    assert page.get_by_label("Text", exact=True).input_value() == LONG


# Two clicks and two tabs ------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_topic_and_a_change_pressed_twice_are_one(reader, topic, member, scripts):
    page = reader(member=member, scripts=scripts).page
    go_to_new(page, topic, "discussion")
    page.get_by_role("button", name="Post", exact=True).dblclick()
    page.wait_for_url("**/topics/**")
    assert Topic.objects.filter(title="Which one?").count() == 1

    go_to_edit(page, topic)
    page.get_by_label("Text", exact=True).fill(LONG)
    page.get_by_role("button", name="Save", exact=True).dblclick()
    page.locator(".post", has_text=LONG).wait_for()
    assert topic.posts.get(number=1).revisions.count() == 1


def test_two_tabs_that_change_one_post_lose_nothing(page, topic):
    other = page.context.new_page()
    for tab in (page, other):
        go_to_edit(tab, topic)
    page.get_by_label("Text", exact=True).fill(LONG)
    press(page, "Save")
    page.locator(".post", has_text=LONG).wait_for()

    other.get_by_label("Text", exact=True).fill(LATER)
    press(other, "Save")
    other.get_by_text("This post was saved elsewhere meanwhile").wait_for()
    assert other.get_by_label("Text", exact=True).input_value() == LATER
    other.get_by_text("The whole other text").click()
    assert other.locator(".their-text").inner_text().strip() == LONG
    press(other, "Save")
    other.locator(".post", has_text=LATER).wait_for()
    post = topic.posts.get(number=1)
    assert post.body == LATER
    assert {it.body for it in post.revisions.all()} == {"As it was.", LONG}
