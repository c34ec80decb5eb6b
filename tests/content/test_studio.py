"""The studio: what a mentor's own courses did."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.services.activity import record_activity
from accounts.services.roles import grant_role
from content.services import courses
from content.services.studio import studio_of
from tests.factories.accounts import make_member
from tests.factories.courses import make_course
from tests.factories.discussions import make_post, make_topic
from tests.factories.writing import make_co_author

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor():
    mentor = make_member("mentor")
    grant_role(member=mentor, role=Role.MENTOR)
    mentor.refresh_from_db()
    return mentor


def lessons_of(course):
    return list(course.sections.get().lessons.all())


def test_own_courses_are_counted_and_nobody_elses(mentor, member, other_member):
    course = make_course("mine", author=mentor, lessons=1)
    make_course("foreign", lessons=1)
    courses.enrol(member=other_member, course=course)
    courses.mark_done(member=member, lesson=lessons_of(course)[0])

    (row,) = studio_of(mentor).courses
    assert (row.course, row.learners, row.completed) == (course, 2, 1)


def test_reach_counts_each_reader_of_course_or_lesson_once(
    mentor, member, other_member
):
    course = make_course("mine", author=mentor, lessons=2)
    for reader, target in [
        (member, course),
        (member, lessons_of(course)[0]),
        (other_member, lessons_of(course)[1]),
        (mentor, course),
    ]:
        record_activity(member=reader, verb="viewed", target=target)

    assert studio_of(mentor).courses[0].reach == 2


def test_questions_wait_until_somebody_answers(mentor, member):
    course = make_course("mine", author=mentor)
    waiting = make_topic(member, item=course, kind="question", title="Why?")
    answered = make_topic(member, item=course, kind="question", title="How?")
    make_post(answered, mentor)
    make_topic(member, item=course, title="Just talk")
    make_topic(member, item=make_course("foreign"), kind="question")

    assert studio_of(mentor).questions == [waiting]


def test_a_course_written_with_others_and_its_questions_are_there_too(mentor, member):
    course = make_course("ours", author=member, lessons=1)
    make_co_author(course, mentor)
    waiting = make_topic(member, item=course, kind="question", title="Why?")
    record_activity(member=member, verb="viewed", target=lessons_of(course)[0])

    studio = studio_of(mentor)
    assert [(row.course, row.reach) for row in studio.courses] == [(course, 1)]
    assert studio.questions == [waiting]


def test_the_page_costs_the_same_however_many_courses(client, mentor, member):
    client.force_login(mentor)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/studio/").status_code == 200
        return len(queries)

    def furnish(name):
        course = make_course(name, author=mentor, lessons=1)
        make_topic(member, item=course, kind="question")

    furnish("first")
    cost()
    before = cost()
    for number in range(4):
        furnish(f"course-{number}")
    assert cost() == before


def test_a_new_mentor_is_told_where_to_begin(client, mentor):
    client.force_login(mentor)
    page = client.get("/studio/").content.decode()
    assert "No course of yours yet" in page
