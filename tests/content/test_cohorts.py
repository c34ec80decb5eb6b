"""Runs of a course: joined once, begun together, guided by a mentor."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import time_machine
from django.core import mail as outbox
from django.db import IntegrityError, connection, transaction

from accounts.models import Activity, Verb
from accounts.privacy import erase_all, export_all
from accounts.services.activity import ensure_partitions
from community.lib.dates import site_day, site_zone, start_of
from content.errors import CohortFull, CohortInUse, CohortOver
from content.models import (
    Cohort,
    Enrolment,
    HandedIn,
    Item,
    Lesson,
    SearchDocument,
    Withdrawal,
)
from content.services import (
    assignments,
    cohorts,
    courses,
    prerequisites,
    search_index,
)
from tests.factories.accounts import make_member
from tests.factories.courses import make_cohort, make_course, make_lesson
from tests.factories.writing import make_mentor

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 10, 12, tzinfo=site_zone())


@pytest.fixture
def clock(db):
    ensure_partitions(NOON.date(), NOON.date() + 90 * DAY)
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def course(clock):
    """A lesson at once, and one four days after one begins."""
    course = make_course("tea", access=Item.Access.MEMBERS, author=make_mentor())
    for place, days in enumerate([None, 4]):
        section = course.sections.create(title="x", position=place, opens_after=days)
        make_lesson(section, title=f"Lesson {place + 1}")
    return course


def open_lessons(course, reader):
    steps = courses.syllabus_for(course, reader).steps
    return [it.title for it in steps if not it.lock]


def test_all_begin_with_the_first_day(clock, course, member):
    cohort = make_cohort(course, starts_in=3)
    cohorts.join(cohort=cohort, member=member)
    assert open_lessons(course, member) == []

    clock.move_to(NOON + 3 * DAY)
    assert open_lessons(course, member) == ["Lesson 1"]
    clock.move_to(NOON + 7 * DAY)
    assert open_lessons(course, member) == ["Lesson 1", "Lesson 2"]


def test_when_the_first_day_moves_it_moves_for_all(clock, course, member):
    cohort = make_cohort(course, starts_in=3)
    cohorts.join(cohort=cohort, member=member)
    later = site_day() + 10 * DAY
    says = {"name": "Later", "starts_on": later, "ends_on": later + 30 * DAY}
    cohorts.save_cohort(cohort=cohort, by=course.author, **says)

    assert Enrolment.objects.get().started_at == start_of(later)


def test_who_has_begun_keeps_what_is_open(clock, course, member):
    courses.enrol(member=member, course=course)
    clock.move_to(NOON + 5 * DAY)
    cohort = make_cohort(course, starts_in=10)
    cohorts.join(cohort=cohort, member=member)

    assert open_lessons(course, member) == ["Lesson 1", "Lesson 2"]


def test_who_leaves_goes_on_alone_from_now(clock, course, member):
    cohort = make_cohort(course, starts_in=3)
    cohorts.join(cohort=cohort, member=member)
    for _ in range(2):
        cohorts.leave(cohort=cohort, member=member)

    assert open_lessons(course, member) == ["Lesson 1"]
    assert Enrolment.objects.get().cohort is None


def test_a_later_cohort_takes_the_place_of_one_that_has_not_begun(course, member):
    first, second = make_cohort(course, starts_in=3), make_cohort(course, starts_in=9)
    cohorts.join(cohort=first, member=member)
    cohorts.join(cohort=second, member=member)

    enrolment = Enrolment.objects.get()
    assert enrolment.cohort == second
    assert enrolment.started_at == start_of(second.starts_on)


def test_neither_full_nor_over(clock, course, member):
    small = make_cohort(course, seats=1)
    cohorts.join(cohort=small, member=member)
    cohorts.join(cohort=small, member=member)  # twice is once
    with pytest.raises(CohortFull):
        cohorts.join(cohort=small, member=make_member("other"))
    with pytest.raises(CohortOver):
        cohorts.join(cohort=make_cohort(course, starts_in=-40), member=member)
    with pytest.raises(CohortInUse):
        cohorts.remove_cohort(cohort=small)


@pytest.mark.django_db(transaction=True)
def test_the_last_place_has_one_winner():
    cohort = make_cohort(make_course(lessons=1), seats=1)
    members = [make_member(f"member{n}") for n in range(4)]

    def try_one(member):
        try:
            cohorts.join(cohort=cohort, member=member)
        except CohortFull:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_one, members)) == 1
    assert cohort.learners.count() == 1


def test_no_enrolment_is_in_a_cohort_of_another_course(course, member):
    other = make_cohort(make_course("coffee", lessons=1))
    courses.enrol(member=member, course=course)
    # At once, not only when the transaction ends.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS enrolment_in_cohort_of_course IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.update(cohort=other)


class TestWithACohortOnly:
    @pytest.fixture
    def course(self, course):
        course.in_cohorts_only = True
        course.save()
        return course

    def test_nothing_opens_and_nothing_begins_without_one(self, client, course, member):
        client.force_login(member)
        lesson = Lesson.objects.filter(section__item=course).first()
        page = client.get(lesson.get_absolute_url())
        assert page.status_code == 403
        assert "begun with a cohort" in page.content.decode()
        assert client.post("/courses/tea/enrol/").status_code == 403
        # A preview is read, and begins nothing either.
        Lesson.objects.update(is_preview=True)
        page = client.get(lesson.get_absolute_url())
        assert page.status_code == 200
        assert "done-form" not in page.content.decode()
        assert client.post(f"{lesson.get_absolute_url()}done/").status_code == 403
        assert not Enrolment.objects.exists()

    def test_in_one_it_is_learnt(self, client, course, member):
        cohort = make_cohort(course)
        client.force_login(member)
        client.post(f"/cohorts/{cohort.pk}/join/")
        assert open_lessons(course, member) == ["Lesson 1"]
        assert client.post("/courses/tea/enrol/").status_code == 302

    def test_who_leaves_before_it_begins_has_not_begun(self, course, member):
        cohort = make_cohort(course, starts_in=3)
        cohorts.join(cohort=cohort, member=member)
        cohorts.leave(cohort=cohort, member=member)
        assert not Enrolment.objects.exists()


def test_a_preview_does_not_get_around_what_goes_before(client, course, member):
    first = make_course("first", lessons=1)
    course.prerequisites.create(needs=first)
    Lesson.objects.filter(section__item=course).update(is_preview=True)
    lesson = Lesson.objects.filter(section__item=course).first()
    client.force_login(member)

    assert client.get(lesson.get_absolute_url()).status_code == 200
    assert client.post(f"{lesson.get_absolute_url()}done/").status_code == 403
    assert courses.syllabus_for(course, member).needs


def test_the_mentor_sees_who_is_quiet(
    client, clock, course, member, django_assert_num_queries
):
    mentor = make_member("guide", roles=["mentor"])
    cohort = make_cohort(course, mentor=mentor)
    busy = make_member("busy")
    for learner in (busy, member):
        cohorts.join(cohort=cohort, member=learner)
    clock.move_to(NOON + 9 * DAY)
    courses.mark_done(member=busy, lesson=Lesson.objects.first())

    with django_assert_num_queries(7):
        board = cohorts.board_of(cohort)
    lines = [(it.member, it.done, it.is_quiet) for it in board.learners]
    assert lines == [(member, 0, True), (busy, 1, False)]
    client.force_login(mentor)
    page = client.get(cohort.get_absolute_url()).content.decode()
    assert page.count("badge--warning") == 1
    assert cohort.name in client.get("/studio/").content.decode()


def test_the_mentor_looks_at_the_work_of_the_cohort_only(
    clock, course, member, client, django_capture_on_commit_callbacks
):
    mentor = make_member("guide", email="guide@example.org", roles=["mentor"])
    lesson = Lesson.objects.first()
    assignment = assignments.save_assignment(lesson=lesson, task="Do it.")
    cohorts.join(cohort=make_cohort(course, mentor=mentor), member=member)
    with django_capture_on_commit_callbacks(execute=True):
        mine, others = (
            assignments.hand_in(assignment=assignment, member=it, text="Done.")
            for it in (member, make_member("alone"))
        )

    to_guide, to_author = outbox.outbox
    assert to_guide.to == ["guide@example.org"]
    assert to_author.to == [course.author.email]
    client.force_login(mentor)
    assert list(assignments.work_for(mentor)) == [mine]
    assert client.get(f"/studio/work/{mine.pk}/").status_code == 200
    assert client.get(f"/studio/work/{others.pk}/").status_code == 404
    assert HandedIn.objects.count() == 2


def test_the_mentor_of_a_paid_course_reads_it(client, clock, course):
    Item.objects.update(access=Item.Access.MEMBERSHIP)
    mentor = make_member("guide", roles=["mentor"])
    lesson = Lesson.objects.first()
    client.force_login(mentor)
    assert client.get(lesson.get_absolute_url()).status_code == 403
    make_cohort(course, mentor=mentor)
    assert client.get(lesson.get_absolute_url()).status_code == 200
    assert client.get(f"/studio/items/{course.pk}/").status_code == 404
    clock.move_to(NOON + 62 * DAY)  # the cohort is over for more than a month
    assert client.get(lesson.get_absolute_url()).status_code == 403


def test_from_the_studio_to_the_course(client, course, member):
    client.force_login(course.author)
    address = f"/studio/items/{course.pk}/cohorts/"
    told = {"name": "Autumn", "starts_on": "2026-04-01", "ends_on": "2026-03-01"}
    refused = client.post(address, told | {"mentor": course.author.pk})
    assert refused.status_code == 422
    assert "It cannot end before it starts." in refused.content.decode()
    refused = client.post(
        address, told | {"mentor": course.author.pk, "starts_on": "0001-01-01"}
    )
    assert refused.status_code == 422
    assert "between the years 2000 and 2200" in refused.content.decode()
    told |= {"ends_on": "2026-05-01", "mentor": course.author.pk, "seats": 2}
    made = client.post(address, told)
    cohort = Cohort.objects.get()
    assert made.url == cohort.get_absolute_url()
    assert "Autumn" in client.get(address).content.decode()

    client.force_login(member)
    page = client.get("/courses/tea/").content.decode()
    assert "2 places left" in page
    joined = client.post(f"/cohorts/{cohort.pk}/join/")
    assert joined.url == cohort.room_url
    page = client.get("/courses/tea/").content.decode()
    assert "You are in it" in page
    assert cohort.room_url in page
    client.post(f"/cohorts/{cohort.pk}/leave/")
    assert not cohort.learners.exists()

    client.force_login(course.author)
    client.post(f"/studio/cohorts/{cohort.pk}/change/", told | {"name": "Fall"})
    assert Cohort.objects.get().name == "Fall"
    client.post(f"/studio/cohorts/{cohort.pk}/remove/", {"sure": "1"})
    assert not Cohort.objects.exists()


def test_each_learner_hears_once_that_it_begins(
    course, member, django_capture_on_commit_callbacks
):
    cohorts.join(cohort=make_cohort(course), member=member)
    cohorts.join(cohort=make_cohort(course, starts_in=1), member=make_member("other"))
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            cohorts.tell_who_begins()

    (mail,) = outbox.outbox
    assert mail.to == [member.email]
    assert "/courses/tea/" in mail.body


def test_personal_data(course, member):
    mentor = make_member("guide")
    cohort = make_cohort(course, mentor=mentor)
    cohorts.join(cohort=cohort, member=member)
    assert export_all(member)["content"]["courses"][0]["cohort__name"] == "Spring"
    erase_all(member)
    erase_all(mentor)
    cohort.refresh_from_db()
    assert cohort.mentor is None
    assert not cohort.learners.exists()


def test_a_visitor_is_led_into_a_free_course_but_not_into_one_with_cohorts_only(
    client, course
):
    Item.objects.update(access=Item.Access.FREE)
    first = Lesson.objects.first()
    begin = f'href="{first.get_absolute_url()}">Begin'
    assert begin in client.get("/courses/tea/").content.decode()
    Item.objects.update(in_cohorts_only=True)
    page = client.get("/courses/tea/").content.decode()
    assert begin not in page
    assert "begun with a cohort" in page


@pytest.mark.parametrize("closed_by", ["cohorts", "prerequisites"])
def test_search_quotes_nothing_that_asks_for_something_first(course, closed_by):
    Lesson.objects.update(body="Oolong leaves.")
    found = SearchDocument.objects.filter(kind="lesson", text__contains="Oolong")
    search_index.sweep()
    assert found.count() == 1  # the second opens by and by
    if closed_by == "cohorts":
        course.in_cohorts_only = True
        course.save()
    else:
        needed = make_course("first", lessons=1)
        prerequisites.set_prerequisites(course=course, needs=[needed])
    search_index.sweep()
    assert not found.exists()


def test_who_joins_and_leaves_before_it_begins_is_in_the_log_once(clock, member):
    course = make_course("begun", lessons=1, in_cohorts_only=True)
    cohort = make_cohort(course, starts_in=3, seats=1)
    for _ in range(2):
        cohorts.join(cohort=cohort, member=member)
        cohorts.leave(cohort=cohort, member=member)
        assert not Enrolment.objects.exists()
    cohorts.join(cohort=cohort, member=member)

    assert Activity.objects.filter(verb=Verb.ENROLLED, member=member).count() == 1
    held = export_all(member)["content"]["courses left before they began"]
    assert len(held) == 1
    erase_all(member)
    assert not Withdrawal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_place_that_is_left_goes_to_one_of_those_who_want_it():
    course = make_course(lessons=1, in_cohorts_only=True)
    cohort = make_cohort(course, starts_in=3, seats=1)
    first = make_member("first")
    cohorts.join(cohort=cohort, member=first)
    members = [make_member(f"member{n}") for n in range(3)]

    def leave():
        try:
            cohorts.leave(cohort=cohort, member=first)
        finally:
            connection.close()

    def try_until_in(member):
        try:
            for _ in range(20):
                with suppress(CohortFull):
                    cohorts.join(cohort=cohort, member=member)
                    return True
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        left = pool.submit(leave)
        joined = list(pool.map(try_until_in, members))
        left.result()
    assert sum(joined) == cohort.learners.count() <= 1
