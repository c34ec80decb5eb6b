"""Courses, their lessons and the library: the services, and what the pages answer."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MEMBERSHIP, Activity, Entitlement, Space, Verb
from content.models import Enrolment, Item, Lesson, LessonProgress
from content.services import courses, media, search_index
from content.services.library import entries
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_offer, make_paying, start
from tests.factories.courses import make_course, make_lesson

pytestmark = pytest.mark.django_db


def lessons_of(course):
    return list(Lesson.objects.filter(section__item=course))


def times(member, verb):
    return Activity.objects.filter(member=member, verb=verb).count()


# Learning -----------------------------------------------------------------------


def test_enrolling_twice_is_one_enrolment_and_one_line(member):
    course = make_course(lessons=1)
    first = courses.enrol(member=member, course=course)
    again = courses.enrol(member=member, course=course)

    assert again == first
    assert times(member, Verb.ENROLLED) == 1


def test_a_lesson_done_twice_counts_once(member):
    lesson = lessons_of(make_course(lessons=2))[0]
    courses.mark_done(member=member, lesson=lesson)
    done_at = LessonProgress.objects.get().done_at
    courses.mark_done(member=member, lesson=lesson)

    assert LessonProgress.objects.get().done_at == done_at
    assert times(member, Verb.LESSON_DONE) == 1


def test_a_course_is_done_with_its_last_lesson_in_any_order(member):
    course = make_course(lessons=3)
    first, *others = lessons_of(course)
    for lesson in reversed(others):
        courses.mark_done(member=member, lesson=lesson)
    assert Enrolment.objects.get().done_at is None

    courses.mark_done(member=member, lesson=first)

    assert Enrolment.objects.get().done_at
    assert times(member, Verb.COURSE_DONE) == 1


def test_another_members_progress_does_not_finish_my_course(member, other_member):
    mine, theirs = lessons_of(make_course(lessons=2))
    courses.mark_done(member=other_member, lesson=theirs)
    courses.mark_done(member=member, lesson=mine)

    assert Enrolment.objects.get(member=member).done_at is None


@pytest.mark.django_db(transaction=True)
def test_two_connections_at_once_record_the_last_lesson_once():
    member, course = make_member(), make_course(lessons=2)
    lessons = lessons_of(course)

    def finish(number):
        courses.mark_done(member=member, lesson=lessons[number % 2])
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(finish, range(6)))

    assert Enrolment.objects.get().done_at
    assert times(member, Verb.ENROLLED) == 1
    assert times(member, Verb.LESSON_DONE) == 2
    assert times(member, Verb.COURSE_DONE) == 1


@pytest.mark.parametrize(
    ("said", "kept"), [(-5, 0), (90, 90), (10**6, courses.LONGEST)]
)
def test_a_position_stays_within_a_day(member, said, kept):
    lesson = lessons_of(make_course(lessons=1))[0]
    courses.keep_position(member=member, lesson=lesson, seconds=said)

    assert LessonProgress.objects.get().seconds == kept


@pytest.mark.parametrize("said", ["", "-1", "1.5", "²", "9999999", "soon"])
def test_what_is_no_position_is_refused(client, member, said):
    lesson = lessons_of(make_course(lessons=1))[0]
    client.force_login(member)
    answer = client.post(f"/lessons/{lesson.pk}/position/", {"position": said})

    assert answer.status_code == 422
    assert not LessonProgress.objects.exists()


def test_the_course_goes_on_where_the_member_left_it(client, member):
    course = make_course(lessons=2)
    first, second = lessons_of(course)
    client.force_login(member)
    courses.mark_done(member=member, lesson=first)

    answer = client.post(f"/courses/{course.slug}/enrol/")

    assert answer.url == second.get_absolute_url()


# The library --------------------------------------------------------------------


def titles(client, query=""):
    found = client.get(f"/library/{query}").context["entries"]
    return {entry.item.title for entry in found}


def test_filters_show_what_is_free_and_what_is_mine(client, member):
    free = make_course("free", access=Item.Access.FREE)
    make_course("open", access=Item.Access.MEMBERS)
    make_course("sold", access=Item.Access.SOLD)
    courses.enrol(member=member, course=free)

    assert titles(client) == {"Free", "Open", "Sold"}
    assert titles(client, "?show=free") == {"Free", "Open"}
    assert titles(client, "?show=mine") == set()
    client.force_login(member)
    assert titles(client, "?show=mine") == {"Free"}
    assert titles(client, "?show=nonsense") == {"Free", "Open", "Sold"}


def test_a_search_wants_every_word_in_title_summary_or_tags(client):
    ink = make_course("ink", title="Ink and paper", summary="For a slow evening")
    make_course("paper", title="Paper only")
    ink.tags.add("Craft", "墨")
    search_index.sweep()

    assert titles(client, "?q=paper") == {"Ink and paper", "Paper only"}
    assert titles(client, "?q=PAPER+evening") == {"Ink and paper"}
    assert titles(client, "?q=墨") == titles(client, "?q=craft") == {"Ink and paper"}
    assert titles(client, "?q=paper+glue") == set()


def test_a_tag_leads_to_what_carries_it(client):
    ink = make_course("ink")
    ink.tags.add("craft")
    make_course("paper")
    page = client.get("/library/")

    assert [tag.name for tag in page.context["tags"]] == ["craft"]
    assert titles(client, "?tag=craft") == {"Ink"}
    assert titles(client, "?tag=unknown") == set()


def test_pages_of_the_library_hold_all_once_and_keep_what_was_asked(client):
    for number in range(26):
        make_course(f"slow-{number}", access=Item.Access.FREE)
    search_index.sweep()
    first, second = (titles(client, f"?q=slow&page={page}") for page in (1, 2))

    assert (len(first), len(second), len(first & second)) == (24, 2, 0)
    assert "q=slow" in client.get("/library/?q=slow").content.decode()
    assert titles(client, "?q=slow&page=99") == second
    assert titles(client, "?q=slow&page=x") == first


def test_unpublished_and_private_courses_are_not_listed(client, member):
    make_course("draft", published_at=None)
    make_course("later", published_at=timezone.now() + dt.timedelta(days=1))
    make_course("inside", space=make_space("private", access=Space.Access.JOINED))
    client.force_login(member)

    assert titles(client) == set()


def test_each_entry_says_how_one_gets_in(client, member):
    make_course("gift", access=Item.Access.FREE)
    make_course("club", access=Item.Access.MEMBERSHIP)
    shop = make_course("shop", access=Item.Access.SOLD)
    make_course("rest", access=Item.Access.SOLD)
    make_course("home", access=Item.Access.MEMBERS)
    make_offer("month")
    make_offer("shop-offer", what=shop.key, price=4900, days=None)

    def labels():
        page = client.get("/library/").content.decode()
        cards = page.split('<li class="card card--link"')[1:]
        return {
            card.split("</a>")[0].rsplit(">")[-1]: card.split('class="badge')[1]
            .split(">")[1]
            .split("<")[0]
            for card in cards
        }

    asked = labels()
    assert asked["Gift"] == "Free"
    assert asked["Club"] == "With the membership"
    assert "49" in asked["Shop"]
    assert asked["Rest"] == "Not on sale"
    assert asked["Home"] == "Free for members"

    make_paying(member)
    client.force_login(member)
    assert labels()["Club"] == labels()["Home"] == "Included"
    assert "49" in labels()["Shop"]


def test_a_course_has_its_own_offer_before_the_memberships(member):
    both = make_course("both", access=Item.Access.SOLD, included_in_membership=True)
    make_offer("month", position=0)
    own = make_offer("own", what=both.key, position=9)

    assert entries([both], member)[0].offer == own


# Locked lessons -----------------------------------------------------------------


def test_a_locked_lesson_shows_the_ways_in_and_nothing_of_its_text(client):
    course = make_course(access=Item.Access.MEMBERSHIP)
    section = course.sections.create(title="One")
    lesson = make_lesson(section, body_html="<p>The secret.</p>")
    offer = make_offer()

    answer = client.get(lesson.get_absolute_url())

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "The secret." not in page
    assert f"{offer.get_absolute_url()}?next=/lessons/{lesson.pk}/" in page


def test_who_was_a_member_is_told_when_it_ended_and_asked_to_renew(client, member):
    lesson = lessons_of(make_course(lessons=1, access=Item.Access.MEMBERSHIP))[0]
    make_offer()
    now = timezone.now()
    Entitlement.objects.create(
        member=member,
        what=MEMBERSHIP,
        starts_at=now - dt.timedelta(days=60),
        ends_at=now - dt.timedelta(days=30),
    )
    client.force_login(member)

    page = client.get(lesson.get_absolute_url()).content.decode()

    assert "Your membership ended on" in page
    assert "Renew the membership" in page


def test_a_preview_is_open_to_everyone_and_the_next_lesson_is_not(client):
    course = make_course(lessons=2, access=Item.Access.MEMBERSHIP)
    first, second = lessons_of(course)
    first.is_preview = True
    first.save()

    assert client.get(first.get_absolute_url()).status_code == 200
    assert client.get(second.get_absolute_url()).status_code == 403


# Recordings ---------------------------------------------------------------------


@pytest.fixture
def recording(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    section = make_course("talks", access=Item.Access.MEMBERS).sections.create()
    talk = ContentFile(bytes(range(100)), name="talk.mp3")
    return make_lesson(section, kind="audio", media=talk)


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("bytes=0-9", range(10)),
        ("bytes=90-", range(90, 100)),
        ("bytes=-5", range(95, 100)),
        ("bytes=50-1000", range(50, 100)),
    ],
)
def test_seeking_sends_only_the_part_asked_for(client, member, recording, asked, sent):
    client.force_login(member)
    answer = client.get(media.media_link(recording, member), headers={"range": asked})

    assert answer.status_code == 206
    assert b"".join(answer) == bytes(sent)
    assert answer["Content-Range"] == f"bytes {sent[0]}-{sent[-1]}/100"


@pytest.mark.parametrize("is_same", [True, False])
def test_going_on_needs_the_same_file(client, member, recording, is_same):
    client.force_login(member)
    link = media.media_link(recording, member)
    whole = client.get(link)
    assert len(b"".join(whole)) == 100
    known = whole["ETag"] if is_same else '"another"'
    answer = client.get(link, headers={"range": "bytes=0-9", "if-range": known})

    assert answer.status_code == (206 if is_same else 200)
    assert len(b"".join(answer)) == (10 if is_same else 100)


def test_files_of_a_course_are_for_who_may_open_it(client, member):
    course = make_course(lessons=1, access=Item.Access.MEMBERSHIP)
    Lesson.objects.update(is_preview=True)
    course.files.create(kind="attachment", title="Workbook", file="items/w.pdf")
    pages = [course.get_absolute_url(), lessons_of(course)[0].get_absolute_url()]
    client.force_login(member)
    assert not any("Workbook" in client.get(it).content.decode() for it in pages)

    make_paying(member)
    for page in pages:
        assert "Workbook" in client.get(page).content.decode()


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=9-3", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(client, member, recording, asked):
    client.force_login(member)
    answer = client.get(media.media_link(recording, member), headers={"range": asked})

    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */100"


@pytest.mark.parametrize(
    "asked", ["", "lines=1-2", "bytes=a-b", f"bytes={'9' * 5000}-"]
)
def test_what_is_no_range_gets_the_whole_file(client, member, recording, asked):
    client.force_login(member)
    answer = client.get(media.media_link(recording, member), headers={"range": asked})

    assert answer.status_code == 200
    assert len(b"".join(answer)) == 100


def test_a_link_is_for_one_member_only(client, member, other_member, recording):
    client.force_login(other_member)
    answer = client.get(media.media_link(recording, member))

    assert answer.status_code == 403
    assert "This link has ended" in answer.content.decode()


def test_a_link_ends_after_some_hours(client, member, recording, monkeypatch):
    link = media.media_link(recording, member)
    client.force_login(member)
    later = signing.time.time() + media.LIFETIME + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)

    assert client.get(link).status_code == 403


def test_a_recording_that_is_gone_is_missing_not_an_error(client, member, recording):
    client.force_login(member)
    default_storage.delete(recording.media.name)
    assert client.get(media.media_link(recording, member)).status_code == 404


def status(client, link):
    answer = client.get(link)
    b"".join(answer)  # else its file would stay open
    return answer.status_code


def test_a_link_ends_with_the_membership(client, member, recording):
    item = recording.section.item
    file = item.files.create(
        kind="video", title="x", file=ContentFile(b"film", name="f.webm")
    )
    Item.objects.update(access=Item.Access.MEMBERSHIP)
    make_paying(member)
    client.force_login(member)
    links = [media.media_link(it, member) for it in (recording, file)]
    assert [status(client, it) for it in links] == [200, 200]

    Entitlement.objects.update(ends_at=timezone.now())
    assert [status(client, it) for it in links] == [403, 403]


def test_a_link_to_a_lesson_that_is_locked_leads_nowhere(client, member, recording):
    client.force_login(member)
    link = media.media_link(recording, member)
    later = timezone.localdate() + dt.timedelta(days=3)
    recording.section.item.sections.update(opens_on=later)

    assert client.get(link).status_code == 403


def test_a_request_for_media_asks_little_of_the_database(
    client, member, recording, django_assert_max_num_queries
):
    Item.objects.update(access=Item.Access.MEMBERSHIP)
    make_paying(member)
    client.force_login(member)
    link = media.media_link(recording, member)
    with django_assert_max_num_queries(6):
        assert status(client, link) == 200


# Growth -------------------------------------------------------------------------


def grow(number, member):
    """One more of everything that these pages list."""
    course = make_course(f"more-{number}", lessons=3, access=Item.Access.MEMBERSHIP)
    course.author = make_member(f"author-{number}")
    course.save()
    course.tags.add(f"tag-{number}")
    offer = make_offer(f"offer-{number}")
    start(member, offer)
    courses.mark_done(member=member, lesson=lessons_of(course)[0])


PAGES = (
    *("/", "/library/", "/library/?show=mine", "/plans/", "/me/orders/", "/points/"),
    *("/courses/steady/", "lesson"),
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_as_much_of_the_database_however_much_there_is(
    client, member, path, django_capture_on_commit_callbacks
):
    steady = make_course("steady", lessons=2, access=Item.Access.MEMBERS)
    if path == "lesson":
        path = lessons_of(steady)[0].get_absolute_url()
    client.force_login(member)

    def queries():
        client.get(path)  # fills the caches, notes today's visit
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return [query["sql"] for query in caught]

    with django_capture_on_commit_callbacks(execute=True):
        grow(0, member)
    few = queries()
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(1, 7):
            grow(number, member)
        make_lesson(steady.sections.get(), position=9)
    many = queries()

    assert len(many) <= len(few), many
