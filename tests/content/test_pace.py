"""When lessons open: by day, by days since one began, in turn; and what goes before."""

import datetime as dt

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction

from accounts.models import AuditRecord
from accounts.services.activity import ensure_partitions
from community.lib.dates import site_zone
from content.errors import NeedsItself
from content.models import Lesson, SearchDocument, Section
from content.services import pace, search_index
from content.services import prerequisites as needed
from content.services.courses import enrol, mark_done, syllabus_for
from tests.factories.accounts import make_member
from tests.factories.courses import make_course, make_lesson
from tests.factories.writing import make_mentor

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 10, 12, tzinfo=site_zone())
DAY = dt.timedelta(days=1)


@pytest.fixture
def clock(db):
    ensure_partitions(NOON.date(), NOON.date() + 30 * DAY)
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def course(clock):
    """Two sections of two lessons, open to every member."""
    course = make_course("tea", access="members", author=make_mentor())
    for place, title in enumerate(["First", "Second"]):
        section = course.sections.create(title=title, position=place)
        for n in range(2):
            make_lesson(section, position=n, title=f"{title} {n}", body="leaves")
    return course


def second(course, **paces):
    section = course.sections.get(title="Second")
    Section.objects.filter(pk=section.pk).update(**paces)
    return section


def open_lessons(course, reader):
    return [it.title for it in syllabus_for(course, reader).steps if not it.lock]


FIRST = ["First 0", "First 1"]
ALL = [*FIRST, "Second 0", "Second 1"]


def test_by_day_it_opens_with_the_day_of_the_house(clock, course, member):
    second(course, opens_on=dt.date(2026, 3, 12))
    assert open_lessons(course, member) == FIRST
    clock.move_to(dt.datetime(2026, 3, 11, 23, 59, tzinfo=site_zone()))
    assert open_lessons(course, member) == FIRST
    clock.move_to(dt.datetime(2026, 3, 12, 0, 0, tzinfo=site_zone()))
    assert open_lessons(course, member) == ALL


def test_by_days_since_each_began(clock, course, member, other_member):
    second(course, opens_after=3)
    enrol(member=member, course=course)
    clock.shift(DAY)
    enrol(member=other_member, course=course)
    clock.move_to(dt.datetime(2026, 3, 13, 0, 0, tzinfo=site_zone()))

    assert open_lessons(course, member) == ALL
    assert open_lessons(course, other_member) == FIRST
    assert syllabus_for(course, make_member("new")).steps[2].lock == pace.Lock(
        days_after_beginning=3
    )


def test_in_turn_it_opens_with_the_last_lesson_before(course, member):
    second(course, is_in_turn=True)
    for lesson in Lesson.objects.filter(section__title="First").order_by("position"):
        assert open_lessons(course, member) == FIRST
        mark_done(member=member, lesson=lesson)
    assert open_lessons(course, member) == ALL


def test_several_have_to_come_true_together(clock, course, member):
    second(course, is_in_turn=True, opens_on=dt.date(2026, 3, 12))
    for lesson in Lesson.objects.filter(section__title="First"):
        mark_done(member=member, lesson=lesson)
    assert open_lessons(course, member) == FIRST
    clock.shift(2 * DAY)
    assert open_lessons(course, member) == ALL


def test_a_locked_lesson_shows_and_takes_nothing(client, course, member):
    second(course, opens_after=3)
    lesson = Lesson.objects.get(title="Second 0")
    Lesson.objects.filter(pk=lesson.pk).update(body_html="<p>secret leaves</p>")
    client.force_login(member)

    shown = client.get(lesson.get_absolute_url())

    assert shown.status_code == 403
    assert "secret leaves" not in shown.content.decode()
    assert "opens 3 days after you begin" in shown.content.decode()
    assert client.post(f"/lessons/{lesson.pk}/done/").status_code == 403
    assert client.post(f"/lessons/{lesson.pk}/position/").status_code == 403


def test_done_before_a_locked_lesson_leads_to_the_course(client, course, member):
    second(course, opens_after=3)
    client.force_login(member)
    lesson = Lesson.objects.get(title="First 1")

    answer = client.post(f"/lessons/{lesson.pk}/done/")

    assert answer.url == course.get_absolute_url()
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert "opens on March 13, 2026" in page
    assert syllabus_for(course, member).next_step.title == "First 0"


def test_previews_authors_and_staff_wait_for_nothing(client, course, member, operator):
    second(course, opens_after=3)
    preview, closed = Lesson.objects.filter(section__title="Second")
    Lesson.objects.filter(pk=preview.pk).update(is_preview=True)
    for who, status in ((member, 403), (course.author, 200), (operator, 200)):
        client.force_login(who)
        assert client.get(preview.get_absolute_url()).status_code == 200
        assert client.get(closed.get_absolute_url()).status_code == status


def test_staff_open_the_whole_to_one_learner(client, course, member, operator):
    second(course, opens_after=3)
    taken = enrol(member=member, course=course)
    client.force_login(operator)
    asked = {"action": "unlock", "_selected_action": [taken.pk], "asked": "1"}
    page = client.post("/admin/content/enrolment/", {**asked, "reason": ""})
    key = page.context["form_key"] if "form_key" in (page.context or {}) else ""
    client.post(
        "/admin/content/enrolment/", {**asked, "reason": "Was ill", "form_key": key}
    )

    taken.refresh_from_db()
    assert taken.unlocked_by == operator
    assert open_lessons(course, member) == ALL
    page = client.post(
        "/admin/content/enrolment/", {**asked, "reason": "again"}, follow=True
    )
    told = [str(it) for it in page.context["messages"]]
    assert told[-1] == f"{taken.member} · {taken.item}: Every section was open already."
    assert LogEntry.objects.count() == 1
    assert AuditRecord.objects.filter(act="unlocked a course").count() == 1


def test_what_opens_by_and_by_is_found_by_its_title_only(course, member):
    second(course, is_in_turn=True)
    search_index.sweep()
    texts = dict(
        SearchDocument.objects.filter(kind="lesson").values_list("title", "text")
    )
    assert texts["First 0"] == "leaves"
    assert texts["Second 0"] == ""

    second(course, is_in_turn=False, opens_on=dt.date(2026, 1, 1))
    search_index.sweep()
    assert SearchDocument.objects.get(title="Second 0").text == "leaves"


def test_the_page_costs_the_same_with_locks(
    client, course, member, django_assert_max_num_queries
):
    client.force_login(member)
    lesson = Lesson.objects.get(title="First 0")
    client.get(lesson.get_absolute_url())

    def cost():
        with django_assert_max_num_queries(50) as captured:
            assert client.get(lesson.get_absolute_url()).status_code == 200
        return len(captured)

    free = cost()
    second(course, is_in_turn=True, opens_after=2)
    assert cost() == free


# In the studio


def test_an_author_says_when_a_section_opens(client, course):
    section = second(course)
    client.force_login(course.author)
    path = f"/studio/sections/{section.pk}/pace/"
    assert client.post(path, {"opens_after": "0"}).status_code == 422
    assert client.post(path, {"opens_on": "soon"}).status_code == 422

    client.post(
        path, {"opens_on": "2026-05-01", "opens_after": "7", "is_in_turn": "on"}
    )

    section.refresh_from_db()
    assert section.opens_on == dt.date(2026, 5, 1)
    assert (section.opens_after, section.is_in_turn) == (7, True)
    page = client.get(f"/studio/items/{course.pk}/").content.decode()
    assert "opens on May 1, 2026" in page


# What is to be finished first


@pytest.fixture
def basics(clock):
    return make_course("basics", lessons=1, access="members", title="Basics")


def test_a_course_is_begun_when_what_it_needs_is_finished(
    client, course, basics, member
):
    needed.set_prerequisites(course=course, needs=[basics])
    lesson = Lesson.objects.get(title="First 0")
    client.force_login(member)

    assert client.post("/courses/tea/enrol/").status_code == 403
    assert client.get(lesson.get_absolute_url()).status_code == 403
    assert client.post(f"/lessons/{lesson.pk}/done/").status_code == 403
    page = client.get("/courses/tea/").content.decode()
    assert "Finish this first" in page
    assert basics.get_absolute_url() in page

    mark_done(member=member, lesson=Lesson.objects.get(section__item=basics))
    assert client.get(lesson.get_absolute_url()).status_code == 200
    assert client.post("/courses/tea/enrol/").status_code == 302


def test_who_has_begun_goes_on(client, course, basics, member):
    enrol(member=member, course=course)
    needed.set_prerequisites(course=course, needs=[basics])
    client.force_login(member)
    lesson = Lesson.objects.get(title="First 0")
    assert client.get(lesson.get_absolute_url()).status_code == 200


def test_no_course_needs_itself_however_far(course, basics):
    third = make_course("third")
    needed.set_prerequisites(course=course, needs=[basics])
    needed.set_prerequisites(course=basics, needs=[third])
    for wrong in (course, basics, third):
        with pytest.raises(NeedsItself):
            needed.set_prerequisites(course=third, needs=[wrong])
    with pytest.raises(IntegrityError), transaction.atomic():
        course.prerequisites.create(needs=course)
    needed.set_prerequisites(course=course, needs=[])
    assert not course.prerequisites.exists()


def test_an_author_chooses_what_goes_before(client, course, basics):
    client.force_login(course.author)
    path = f"/studio/items/{course.pk}/settings/"
    form = client.get(path).context["form"]
    data = {
        name: form[name].value() or ""
        for name in form.fields
        if name not in {"needs", "cover", "no_cover"}
    }
    data = {name: value for name, value in data.items() if value not in ("", False)}
    data |= {"tags": "tea", "needs": [basics.pk]}

    assert client.post(path, data).status_code == 302
    assert [it.needs for it in course.prerequisites.all()] == [basics]

    needed.set_prerequisites(course=course, needs=[])
    needed.set_prerequisites(course=basics, needs=[course])
    answer = client.post(path, data)
    assert answer.status_code == 422
    assert "needs this course" in answer.content.decode()
