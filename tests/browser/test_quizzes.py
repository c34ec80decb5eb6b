"""Taking a quiz: the clock in sight, the end by itself, a connection that is lost."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.services.community import forget
from content.models import Attempt, Item
from content.services import questions, quizzes
from tests.browser.reader import MODES
from tests.factories.courses import make_course
from tests.factories.quizzes import ask, make_quiz


@pytest.fixture
def attempt(member):
    forget()
    quiz = make_quiz(make_course(lessons=1, access=Item.Access.FREE), minutes=10)
    ask(quiz)
    return quizzes.start(quiz=quiz, member=member)


def ends_in(attempt, seconds):
    due_at = timezone.now() + dt.timedelta(seconds=seconds)
    Attempt.objects.filter(pk=attempt.pk).update(due_at=due_at)


def begun(reader, attempt):
    """The page of it, whose clock goes by our word alone."""
    reader.page.clock.install()
    return reader.go(attempt.get_absolute_url()).page


def test_at_the_end_it_hands_itself_in(reader, attempt, member):
    ends_in(attempt, 120)  # by the server, which only has to be sooner than this
    page = begun(reader("phone", member=member), attempt)
    page.get_by_label("right").check()
    page.clock.fast_forward("02:01")

    page.get_by_role("heading", name="1 of 1 right").wait_for()
    assert page.get_by_text("Handed in after the end").count() == 0


def test_what_is_left_is_told_by_the_minute_and_not_by_the_second(
    reader, attempt, member
):
    ends_in(attempt, 400)
    page = begun(reader(member=member), attempt)
    said = page.locator("[data-said]")
    assert said.inner_text() == ""
    page.clock.fast_forward("01:50")
    page.get_by_text("Five minutes left.").wait_for(state="attached")

    page.clock.fast_forward("00:10")
    assert said.inner_text() == "Five minutes left."


def test_an_answer_outlives_a_lost_connection(reader, attempt, member):
    page = reader(member=member).go(attempt.get_absolute_url()).page
    page.context.set_offline(True)
    page.get_by_label("right").check()
    page.get_by_text("Not saved").wait_for()

    page.context.set_offline(False)
    page.get_by_text("Saved", exact=True).wait_for()
    assert attempt.answers.get().given == ["0"]


def test_without_scripts_it_says_until_when(reader, attempt, member):
    window = reader(member=member, scripts=False)
    page = window.go(attempt.get_absolute_url()).page
    page.get_by_text("What is saved then counts").wait_for()
    page.get_by_label("right").check()
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("heading", name="1 of 1 right").wait_for()


@pytest.mark.parametrize("mode", MODES)
def test_its_pages_are_as_every_page(reader, attempt, member, mode):
    for kind, says in {
        "multiple": {"answers": "* a\n* b\nc"},
        "numeric": {"number": 7},
        "keywords": {"answers": "risk"},
    }.items():
        ask(attempt.quiz, kind, **says)
    questions.save_quiz(quiz=attempt.quiz, most_attempts=2)
    failed = quizzes.hand_in(attempt=attempt)
    again = quizzes.start(quiz=attempt.quiz, member=member)
    window = reader(mode, member=member)
    pages = [again, failed]
    found = {it.pk: window.go(it.get_absolute_url()).check_page() for it in pages}
    quizzes.hand_in(attempt=again)
    stuck = window.go(attempt.quiz.get_absolute_url()).check_page()

    assert [*found.values(), stuck] == [[], [], []]
