"""What people come for, from the first click to the last, in a real browser."""

import re

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import privacy
from accounts.models import MEMBERSHIP, User
from accounts.services import community, entitlements, erasures, ledger
from content.models import Item
from incentives import rules
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_offer
from tests.factories.courses import make_course
from tests.factories.discussions import make_topic

PASSWORD = "a-long-quiet-evening"


@pytest.fixture(autouse=True)
def fresh_house():
    community.forget()
    rules.make_defaults()


@pytest.fixture
def course():
    course = make_course("notes", lessons=2, access=Item.Access.MEMBERSHIP)
    first = course.sections.get().lessons.first()
    first.is_preview = True
    first.save()
    make_offer("month", title="One month")
    return course


def join(page, email="newcomer@example.org"):
    """Sign up and follow the link in the mail."""
    page.get_by_label("Name").fill("New Comer")
    page.get_by_label(re.compile("E-?mail", re.I)).first.fill(email)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_label(re.compile("terms of use")).check()
    page.get_by_label(re.compile("privacy policy")).check()
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    link = re.search(r"https?://\S+/confirm-email/\S+", mail.outbox[-1].body)
    page.goto(link[0])
    if page.locator("main form button").count():
        page.locator("main form button").first.click()
        page.wait_for_load_state()


def test_a_visitor_tries_joins_pays_and_goes_on_with_the_lesson(reader, course):
    page = reader().go("/").page
    first, second = course.sections.get().lessons.all()
    page.goto(first.get_absolute_url())
    page.get_by_role("link", name="Next lesson").click()
    assert page.get_by_text("This lesson is not open to you yet").is_visible()

    page.goto("/accounts/signup/")
    join(page)
    page.goto(second.get_absolute_url())
    page.get_by_role("link", name="Become a paying member").click()
    page.get_by_role("button", name="Go to payment").click()
    page.get_by_role("button", name="Decline").click()
    assert page.get_by_text("The payment was declined").is_visible()

    page.get_by_role("link", name="Pay", exact=True).click()
    page.get_by_role("button", name="Go to payment").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    assert page.get_by_text("Paid. Thank you!").is_visible()
    page.get_by_role("link", name="Start now").click()

    assert page.get_by_role("heading", name=second.title, level=1).is_visible()
    newcomer = User.objects.get(email="newcomer@example.org")
    assert entitlements.holds(newcomer, MEMBERSHIP)
    assert ledger.check() == {}


def test_a_member_without_scripts_learns_a_course_to_its_end(reader, member, course):
    Item.objects.update(access=Item.Access.FREE)
    page = reader("phone, dark", member=member, scripts=False).go("/library/").page
    page.get_by_role("link", name="Notes").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Done, go on").click()
    page.get_by_role("button", name="Done", exact=True).click()
    assert page.get_by_text("2 of 2 lessons").first.is_visible()

    page.goto("/points/")
    assert page.get_by_role("row", name="Finished a lesson").count() == 2


def test_an_accepted_answer_earns_points_and_says_why(reader):
    space = make_space("circle", access="public")
    asker, helper = make_member("asker"), make_member("helper")
    page = reader(member=asker).go(f"/spaces/{space.slug}/new/").page
    page.get_by_label("Title").fill("How do you begin?")
    page.get_by_label("Text").fill("I never know what to write first.")
    page.get_by_role("button", name="Post").click()
    page.get_by_role("heading", name="How do you begin?").wait_for()
    address = page.url

    answering = reader(member=helper).go("/").page
    answering.goto(address)
    answering.get_by_label("Your reply").fill("With the last sentence.")
    answering.get_by_role("button", name="Reply", exact=True).click()
    answering.get_by_text("With the last sentence.").first.wait_for()

    page.reload()
    page.get_by_role("button", name="Accept this answer").click()
    page.get_by_text("Accepted answer", exact=True).wait_for()
    answering.goto("/points/")
    assert answering.get_by_text("Your answer was accepted").first.is_visible()


def test_a_long_reply_survives_a_session_that_ended(reader, member):
    topic = make_topic(space=make_space("circle", access="public"))
    window = reader(member=member).go(topic.get_absolute_url())
    page, text = window.page, "Written while the session ended elsewhere."
    page.get_by_label("Your reply").fill(text)
    page.context.clear_cookies()
    page.get_by_role("button", name="Reply", exact=True).click()
    page.wait_for_timeout(500)

    window.sign_in(member)
    page.goto(topic.get_absolute_url())

    assert page.get_by_label("Your reply").input_value() == text


def test_a_member_takes_the_data_along_and_is_forgotten(reader, course):
    page = reader().go("/accounts/signup/").page
    join(page)
    newcomer = User.objects.get(email="newcomer@example.org")
    page.goto("/me/privacy/delete/")
    if page.locator("input[type=password]").count():
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
    page.get_by_label("Empty it").check()
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_text("You can change your mind").wait_for()

    with time_machine.travel(timezone.now() + erasures.GRACE):
        assert erasures.carry_out_due() == 1
    newcomer.refresh_from_db()
    known = str(privacy.export_all(newcomer))
    assert "newcomer@example.org" not in known
    assert "New Comer" not in known
