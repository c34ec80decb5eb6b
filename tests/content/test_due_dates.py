"""Until when a cohort should have done what: shown, reminded of, and never enforced."""

import datetime as dt

import icalendar
import pytest
import time_machine

from accounts.models import Notification
from accounts.services import news
from accounts.services.activity import ensure_partitions
from community.lib.dates import site_day, site_zone
from content.models import Cohort, DueDate, HandedIn, Item, Lesson
from content.services import (
    assignments,
    calendars,
    cohorts,
    courses,
    due_dates,
    quizzes,
)
from tests.factories.accounts import make_member
from tests.factories.courses import make_cohort, make_course
from tests.factories.quizzes import ask, make_quiz
from tests.factories.writing import make_mentor

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 10, 12, tzinfo=site_zone())
DUE = Notification.Kind.COHORT_DUE


@pytest.fixture
def clock(db):
    ensure_partitions(NOON.date(), NOON.date() + 90 * DAY)
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def course(clock):
    return make_course(
        "tea", lessons=2, access=Item.Access.MEMBERS, author=make_mentor()
    )


def lessons_of(course):
    return list(Lesson.objects.filter(section__item=course))


def due_after(course, *days):
    said = {
        ("lesson", it.pk): after
        for it, after in zip(lessons_of(course), days, strict=False)
    }
    due_dates.set_due_dates(course=course, days=said)


def open_for(member):
    due = due_dates.open_for(member, due_dates.cohorts_of(member))
    return [(it.title, it.day, it.is_late) for it in due]


def test_the_days_are_counted_from_the_first_of_each_cohort(clock, course, member):
    due_after(course, 0, 7)
    other = make_member("other")
    first, second = make_cohort(course), make_cohort(course, starts_in=10)
    cohorts.join(cohort=first, member=member)
    cohorts.join(cohort=second, member=other)

    today = site_day()
    assert open_for(member) == [
        ("Lesson 1", today, False),
        ("Lesson 2", today + 7 * DAY, False),
    ]
    assert [day for _title, day, _late in open_for(other)] == [
        today + 10 * DAY,
        today + 17 * DAY,
    ]
    clock.move_to(NOON + DAY)
    assert open_for(member)[0] == ("Lesson 1", today, True)
    # What is late may still be done.
    courses.mark_done(member=member, lesson=lessons_of(course)[0])
    assert [title for title, *_ in open_for(member)] == ["Lesson 2"]


def test_work_sent_back_is_to_be_done_again(course, member):
    lesson = lessons_of(course)[0]
    assignment = assignments.save_assignment(lesson=lesson, task="Do it.")
    due_dates.set_due_dates(course=course, days={("assignment", assignment.pk): 3})
    cohorts.join(cohort=make_cohort(course), member=member)
    assert [title for title, *_ in open_for(member)] == ["Assignment: Lesson 1"]

    assignments.hand_in(assignment=assignment, member=member, text="Done.")
    assert open_for(member) == []
    work = HandedIn.objects.get()
    assignments.review(
        work=work, by=course.author, is_passed=False, comment="More.", marks=[]
    )
    assert len(open_for(member)) == 1


@pytest.mark.parametrize("must_pass", [True, False])
def test_a_quiz_that_must_be_passed_is_done_when_it_is(course, member, must_pass):
    quiz = make_quiz(course, must_pass=must_pass)
    ask(quiz)
    due_dates.set_due_dates(course=course, days={("quiz", quiz.pk): 3})
    cohorts.join(cohort=make_cohort(course), member=member)
    attempt = quizzes.start(quiz=quiz, member=member)
    assert len(open_for(member)) == 1
    quizzes.hand_in(attempt=attempt)

    assert len(open_for(member)) == must_pass


def test_what_is_said_anew_keeps_its_row(course):
    due_after(course, 1, 2)
    kept = DueDate.objects.get(days=2)
    due_after(course, None, 5)

    assert list(DueDate.objects.values_list("pk", "days")) == [(kept.pk, 5)]


class TestReminders:
    @pytest.fixture
    def cohort(self, course):
        due_after(course, 3, 3)
        return make_cohort(course)

    def told(self, member):
        rows = Notification.objects.filter(member=member, kind=DUE)
        return [it.sentence for it in news.lines(member, list(rows))]

    def test_come_once_the_day_before_to_who_has_not_done_it(
        self, clock, course, cohort, member
    ):
        busy = make_member("busy")
        for each in (member, busy):
            cohorts.join(cohort=cohort, member=each)
        courses.mark_done(member=busy, lesson=lessons_of(course)[0])
        due_dates.remind()
        assert not Notification.objects.filter(kind=DUE).exists()

        clock.move_to(NOON + 2 * DAY)
        for _ in range(2):
            due_dates.remind()
        clock.move_to(NOON + 3 * DAY)
        due_dates.remind()

        assert len(self.told(member)) == 2
        assert self.told(busy) == ["Due soon: Lesson 2, by March 13, 2026"]
        clock.move_to(NOON + 4 * DAY)
        assert due_dates.remind() == 0

    def test_come_anew_when_the_first_day_moves(self, clock, course, cohort, member):
        cohorts.join(cohort=cohort, member=member)
        clock.move_to(NOON + 2 * DAY)
        due_dates.remind()
        Cohort.objects.update(starts_on=site_day(NOON + 20 * DAY))
        clock.move_to(NOON + 22 * DAY)
        due_dates.remind()

        rows = Notification.objects.filter(member=member, kind=DUE)
        assert rows.count() == 4

    def test_tell_nothing_to_who_may_not_learn_any_more(
        self, clock, course, cohort, member
    ):
        cohorts.join(cohort=cohort, member=member)
        clock.move_to(NOON + 2 * DAY)
        due_dates.remind()
        Item.objects.update(access=Item.Access.SOLD)
        member.held_keys = None

        assert self.told(member) == []


def test_my_learning_and_my_calendar_say_what_is_due(client, course, member):
    due_after(course, 4)
    cohort = make_cohort(course)
    cohorts.join(cohort=cohort, member=member)
    client.force_login(member)
    page = client.get("/learning/").content.decode()
    assert cohort.room_url in page
    assert "due by the end of March 14, 2026" in page

    token = calendars.make_address(member=member)
    client.logout()
    feed = client.get(calendars.address_of(token)).content
    (entry,) = icalendar.Calendar.from_ical(feed).events
    assert entry["summary"] == "Due: Lesson 1"
    assert entry["dtstart"].dt == site_day() + 4 * DAY


def test_who_writes_the_course_says_what_is_due(client, course, member):
    address = f"/studio/items/{course.pk}/due/"
    first, second = lessons_of(course)
    client.force_login(course.author)
    assert "Lesson 2" in client.get(address).content.decode()
    bad = client.post(address, {f"lesson_{first.pk}": "-1"})
    assert bad.status_code == 422
    client.post(address, {f"lesson_{first.pk}": "0", f"lesson_{second.pk}": ""})

    assert list(DueDate.objects.values_list("lesson", "days")) == [(first.pk, 0)]
    client.force_login(member)
    assert client.get(address).status_code == 404


def test_many_due_dates_cost_no_more_statements(
    course, member, django_assert_max_num_queries
):
    cohort = make_cohort(course)
    cohorts.join(cohort=cohort, member=member)
    due_after(course, 1, 2)
    with django_assert_max_num_queries(4):
        assert len(due_dates.due_for(member, [cohort])) == 2
