"""What a cohort is to those in it: classmates, events, a space, and its end."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import AuditRecord, Notification, SpaceMember
from accounts.privacy import erase_all, export_all
from accounts.services import blocks, news
from accounts.services.activity import ensure_partitions
from community.lib.dates import site_day, site_zone
from content.errors import CohortInUse, NotInCohort
from content.models import Asked, Event, Introduction, Item, Lesson, Nudge, Survey
from content.services import (
    calendars,
    classmates,
    cohort_ends,
    cohort_spaces,
    cohorts,
    courses,
    events,
    nudges,
    survey_report,
    surveys,
    writing,
)
from tests.factories.accounts import make_member
from tests.factories.courses import make_cohort, make_course
from tests.factories.events import make_event
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
    return make_course(
        "tea", lessons=2, access=Item.Access.MEMBERS, author=make_mentor("writer")
    )


@pytest.fixture
def mentor(clock):
    return make_mentor("guide")


@pytest.fixture
def cohort(course, mentor):
    return make_cohort(course, mentor=mentor)


def learners(cohort, number, **fields):
    made = [make_member(f"learner{n}", **fields) for n in range(number)]
    for each in made:
        cohorts.join(cohort=cohort, member=each)
    return made


def finish(member, course):
    for lesson in Lesson.objects.filter(section__item=course):
        courses.mark_done(member=member, lesson=lesson)


def inside(space):
    places = SpaceMember.objects.filter(space=space, left_at=None)
    return {(it.member, it.role) for it in places.select_related("member")}


class TestClassmates:
    def test_are_named_only_once_they_introduce_themselves(self, client, cohort):
        one, other = learners(cohort, 2)
        address = f"/cohorts/{cohort.pk}/"
        client.force_login(other)
        page = client.get(address).content.decode()
        assert one.name not in page
        assert "2 learners, who have not introduced themselves" in page

        client.force_login(one)
        client.post(f"{address}introduction/", {"text": "I grow tea."})
        client.force_login(other)
        page = client.get(address).content.decode()
        assert one.name in page
        assert "I grow tea." in page
        assert "And 1 more" in page

        client.force_login(one)
        client.post(f"{address}introduction/", {"withdraw": "1"})
        assert not Introduction.objects.exists()

    def test_what_was_written_is_there_again_when_it_is_too_long(self, client, cohort):
        (one,) = learners(cohort, 1)
        client.force_login(one)
        told = client.post(f"/cohorts/{cohort.pk}/introduction/", {"text": "ab" * 300})
        assert told.status_code == 422
        assert "abab" in told.content.decode()
        assert not Introduction.objects.exists()

    def test_who_leaves_is_not_named_any_more(self, course, cohort):
        one, other = learners(cohort, 2)
        for each in (one, other):
            classmates.introduce(cohort=cohort, member=each, text="Hello.")
        cohorts.leave(cohort=cohort, member=one)
        cohorts.join(cohort=make_cohort(course, starts_in=5), member=other)

        assert not Introduction.objects.exists()
        with pytest.raises(NotInCohort):
            classmates.introduce(cohort=cohort, member=one, text="Again.")

    def test_others_find_no_room(self, client, cohort, member):
        client.force_login(member)
        assert client.get(cohort.room_url).status_code == 404
        assert client.get(f"{cohort.room_url}cohort.ics").status_code == 404

    def test_who_may_not_learn_any_more_is_refused(self, client, course, cohort):
        (one,) = learners(cohort, 1)
        Item.objects.update(access=Item.Access.MEMBERSHIP)
        client.force_login(one)
        assert client.get(cohort.room_url).status_code == 403
        assert cohort.room_url not in client.get("/learning/").content.decode()

    def test_few_are_not_compared(self, client, course, cohort):
        members = learners(cohort, classmates.FEWEST_TO_COMPARE)
        finish(members[0], course)
        first = classmates.progress_in(cohort, members[0])
        last = classmates.progress_in(cohort, members[1])
        assert (first.done, first.behind) == (2, 4)
        assert [it.number for it in first.groups] == [4, 0, 0, 0, 1]
        assert [it.is_mine for it in last.groups] == [True, *[False] * 4]
        assert last.behind == 0
        client.force_login(members[1])
        assert "you are here" in client.get(cohort.room_url).content.decode()

        cohorts.leave(cohort=cohort, member=members[4])
        few = classmates.progress_in(cohort, members[0])
        assert (few.groups, few.behind) == ([], 0)


class TestEvents:
    def test_of_a_cohort_are_seen_by_those_in_it_only(
        self, client, cohort, mentor, member
    ):
        (one,) = learners(cohort, 1)
        host = make_mentor("host")
        event = make_event(
            "Tasting", host=host, cohort=cohort, join_url="https://example.org/in"
        )
        for person in (one, mentor, host):
            client.force_login(person)
            assert client.get(event.get_absolute_url()).status_code == 200
        client.force_login(one)
        assert "Tasting" in client.get(cohort.room_url).content.decode()
        file = client.get(f"{cohort.room_url}cohort.ics").content.decode()
        assert "Tasting" in file
        assert "example.org/in" not in file

        for person in (member, make_mentor("stranger")):
            client.force_login(person)
            assert client.get(event.get_absolute_url()).status_code == 404
            assert "Tasting" not in client.get("/events/").content.decode()
        client.logout()
        assert client.get(event.get_absolute_url()).status_code == 404

    def test_are_told_to_learners_and_mentor_once_they_are_out(self, cohort, mentor):
        (one,) = learners(cohort, 1)
        host = make_mentor("host")
        event = make_event("Tasting", host=host, cohort=cohort, publish=False)
        assert not one.notifications.exists()
        for _time in range(2):
            events.publish_event(event=event, by=host)
        for person in (one, mentor):
            assert [it.kind for it in person.notifications.all()] == ["cohort_event"]
        assert not host.notifications.exists()

    def test_are_told_when_one_that_is_out_becomes_theirs(self, cohort):
        (one,) = learners(cohort, 1)
        host = make_mentor("host")
        event = make_event("Tasting", host=host)
        for _time in range(2):
            events.change_event(event=event, by=host, cohort=cohort)
        assert [it.kind for it in one.notifications.all()] == ["cohort_event"]

    def test_keep_their_cohort(self, course, cohort):
        make_event("Tasting", cohort=cohort)
        with pytest.raises(CohortInUse):
            cohorts.remove_cohort(cohort=cohort)

    def test_keep_the_draft_of_their_course(self, mentor):
        draft = make_course("draft", author=mentor, published_at=None)
        make_event("Tasting", cohort=make_cohort(draft))
        with pytest.raises(writing.NotAllowedNow):
            writing.discard(item=draft)

    def test_are_planned_from_the_board(self, client, cohort, mentor):
        other = make_cohort(cohort.course, name="Of another")
        client.force_login(mentor)
        board = client.get(cohort.get_absolute_url()).content.decode()
        address = f"/studio/events/new/?cohort={cohort.pk}"
        assert address in board
        page = client.get(address).content.decode()
        assert f'<option value="{cohort.pk}" selected>' in page
        assert "Of another" not in page
        told = {
            "kind": "webinar",
            "title": "Tasting",
            "cohort": other.pk,
            "time_zone": "Asia/Shanghai",
            "starts_at": "2026-03-20T10:00",
            "ends_at": "2026-03-20T11:00",
            "access": "free",
            "currency": "CNY",
            "free_until_hours": "24",
            "late_refund": "none",
        }
        assert client.post("/studio/events/new/", told).status_code == 422
        client.post("/studio/events/new/", told | {"cohort": cohort.pk})
        assert Event.objects.get().cohort == cohort


class TestSpace:
    def test_is_made_with_the_cohort(self, client, course, mentor):
        client.force_login(course.author)
        told = {"name": "May", "starts_on": "2026-05-01", "ends_on": "2026-06-01"}
        client.post(
            f"/studio/items/{course.pk}/cohorts/",
            told | {"mentor": mentor.pk, "with_space": "on"},
        )
        cohort = course.cohorts.get()
        assert inside(cohort.space) == {(mentor, "mentor")}
        assert AuditRecord.objects.filter(act="cohort given a space").exists()

    def test_learners_come_and_go_with_it(self, client, course, cohort, mentor):
        early, late = make_member("early"), make_member("late")
        cohorts.join(cohort=cohort, member=early)
        for _ in range(2):
            space = cohort_spaces.open_space(cohort=cohort, by=course.author)
        cohorts.join(cohort=cohort, member=late)
        assert inside(space) == {
            (early, "member"),
            (late, "member"),
            (mentor, "mentor"),
        }

        cohorts.leave(cohort=cohort, member=early)
        second = make_cohort(course, starts_in=5)
        cohorts.join(cohort=second, member=late)
        assert inside(space) == {(mentor, "mentor")}

    def test_another_mentor_takes_the_place_of_the_first(self, course, cohort, mentor):
        space = cohort_spaces.open_space(cohort=cohort, by=course.author)
        other = make_mentor("other")
        says = {"starts_on": cohort.starts_on, "ends_on": cohort.ends_on}
        cohorts.save_cohort(cohort=cohort, by=course.author, mentor=other, **says)
        assert inside(space) == {(other, "mentor")}

    def test_who_may_not_learn_any_more_goes(self, client, course, cohort, mentor):
        space = cohort_spaces.open_space(cohort=cohort, by=course.author)
        (one,) = learners(cohort, 1)
        guest = make_member("guest")  # whom somebody invited
        SpaceMember.objects.create(space=space, member=guest)
        assert cohort_spaces.let_out_who_may_not_learn() == 0
        Item.objects.update(access=Item.Access.MEMBERSHIP)
        assert cohort_spaces.let_out_who_may_not_learn() == 1
        assert inside(space) == {(guest, "member"), (mentor, "mentor")}

        Item.objects.update(access=Item.Access.MEMBERS)
        client.force_login(one)
        assert "Come into our space" in client.get(cohort.room_url).content.decode()
        client.post(f"/cohorts/{cohort.pk}/join/")
        assert (one, "member") in inside(space)


class TestNudges:
    def test_a_quiet_learner_is_asked_once_a_week(self, client, clock, cohort, mentor):
        (one,) = learners(cohort, 1)
        clock.move_to(NOON + 8 * DAY)
        client.force_login(mentor)
        address = f"/studio/cohorts/{cohort.pk}/ask/{one.pk}/"
        assert address in client.get(cohort.get_absolute_url()).content.decode()
        for _ in range(2):
            client.post(address)
        assert Nudge.objects.count() == 1
        page = client.get(cohort.get_absolute_url()).content.decode()
        assert address not in page
        assert "asked on" in page
        rows = list(Notification.objects.filter(member=one, kind="cohort_nudge"))
        (line,) = news.lines(one, rows)
        assert line.sentence == (
            f"{mentor} asks how you are getting on in “Spring · Tea”"
        )
        assert line.address == cohort.room_url

        clock.move_to(NOON + 14 * DAY)
        assert not nudges.nudge(cohort=cohort, member=one, by=mentor)
        clock.move_to(NOON + 15 * DAY)
        assert nudges.nudge(cohort=cohort, member=one, by=mentor)

    def test_nobody_else_is_asked(self, client, course, cohort, mentor, member):
        done, gone = learners(cohort, 2)
        finish(done, course)
        cohorts.leave(cohort=cohort, member=gone)
        client.force_login(mentor)
        for person, status in ((done, 302), (gone, 404), (member, 404)):
            address = f"/studio/cohorts/{cohort.pk}/ask/{person.pk}/"
            assert client.post(address).status_code == status
        assert not Nudge.objects.exists()

    def test_who_has_blocked_the_mentor_hears_nothing(self, cohort, mentor):
        (one,) = learners(cohort, 1)
        blocks.block(blocker=one, blocked=mentor)
        nudges.nudge(cohort=cohort, member=one, by=mentor)
        assert not Notification.objects.filter(member=one).exists()

    def test_the_database_keeps_the_week(self, cohort, mentor):
        (one,) = learners(cohort, 1)
        nudges.nudge(cohort=cohort, member=one, by=mentor)
        day = site_day() + 6 * DAY
        with pytest.raises(IntegrityError), transaction.atomic():
            Nudge.objects.create(
                cohort=cohort, member=one, day=day, rests_until=day + 7 * DAY
            )


@pytest.mark.django_db(transaction=True)
def test_two_mentors_at_once_ask_once():
    cohort = make_cohort(make_course(lessons=1))
    member = make_member()
    cohorts.join(cohort=cohort, member=member)
    mentors = [make_member(f"mentor{n}") for n in range(4)]

    def ask_one(mentor):
        try:
            return nudges.nudge(cohort=cohort, member=member, by=mentor)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask_one, mentors)) == 1
    assert Nudge.objects.count() == 1


class TestTheEnd:
    @pytest.fixture
    def settled(self, course, cohort):
        Survey.objects.update(starts_on=site_day())
        members = learners(cohort, 6, date_joined=timezone.now() - 100 * DAY)
        for each in members[:5]:
            finish(each, course)
        return members

    def test_all_are_told_once_and_who_learnt_is_asked(
        self, client, clock, cohort, settled
    ):
        clock.move_to(NOON + 30 * DAY)
        assert cohort_ends.close_due() == 0  # it is the last day
        clock.move_to(NOON + 31 * DAY)
        assert cohort_ends.close_due() == 1
        assert cohort_ends.close_due() == 0

        over = Notification.objects.filter(kind="cohort_over")
        assert set(over.values_list("member", flat=True)) == {it.pk for it in settled}
        asked = set(Asked.objects.values_list("member", flat=True))
        assert asked == {it.pk for it in settled[:5]}
        (line,) = news.lines(settled[5], list(over.filter(member=settled[5])))
        assert line.sentence == "“Spring · Tea” has come to its end"
        client.force_login(settled[0])
        room = client.get(cohort.room_url).content.decode()
        assert "5 of 6 have finished the course." in room
        page = client.get(Asked.objects.get(member=settled[0]).get_absolute_url())
        assert "Spring · Tea" in page.content.decode()

    def test_what_they_say_is_told_from_five_answers_on(
        self, client, clock, cohort, settled, mentor
    ):
        clock.move_to(NOON + 31 * DAY)
        cohort_ends.close_due()
        cohort.refresh_from_db()
        *most, last = Asked.objects.order_by("pk")
        for each in most:
            surveys.answer(asked=each, values={"overall": 5}, comment="Fine.")
        assert survey_report.of_cohort(cohort) is None
        client.force_login(mentor)
        board = client.get(cohort.get_absolute_url()).content.decode()
        assert "once five have answered" in board
        assert "Fine." not in board

        surveys.answer(asked=last, values={"overall": 2}, comment="")
        board = client.get(cohort.get_absolute_url()).content.decode()
        assert "80 % are satisfied" in board
        assert "Fine." in board

    def test_where_no_survey_runs_nobody_is_asked(self, clock, cohort, settled):
        Survey.objects.filter(occasion="cohort").update(share=0)
        clock.move_to(NOON + 31 * DAY)
        cohort_ends.close_due()
        assert not Asked.objects.exists()

    def test_an_end_long_past_is_no_news(self, clock, cohort, settled):
        clock.move_to(NOON + 60 * DAY)
        assert cohort_ends.close_due() == 0

    def test_a_later_end_is_told_again(self, clock, course, cohort, settled):
        clock.move_to(NOON + 31 * DAY)
        cohort_ends.close_due()
        says = {"starts_on": cohort.starts_on, "ends_on": site_day() + DAY}
        cohorts.save_cohort(cohort=cohort, by=course.author, **says)
        clock.move_to(NOON + 33 * DAY)
        assert cohort_ends.close_due() == 1
        over = Notification.objects.filter(kind="cohort_over", member=settled[0])
        assert over.count() == 2
        assert Asked.objects.count() == 5


def test_personal_data(cohort, mentor):
    one, other = learners(cohort, 2)
    classmates.introduce(cohort=cohort, member=one, text="I grow tea.")
    for each in (one, other):
        nudges.nudge(cohort=cohort, member=each, by=mentor)
    copy = export_all(one)["content"]
    assert copy["introductions to classmates"][0]["text"] == "I grow tea."
    assert len(copy["asked how it goes in a cohort"]) == 1
    erase_all(one)
    erase_all(mentor)
    assert not Introduction.objects.exists()
    assert Nudge.objects.get().by is None
    assert calendars.events_for(other) == []
