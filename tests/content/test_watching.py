"""Time with recordings: booked by our clock, whatever a member sends."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Activity, Entitlement, Verb
from accounts.privacy import erase_all, export_all
from analytics.models import MemberDay
from analytics.services.rollup import roll_up
from content.models import Item, Lesson, Recording, Watched
from content.services.watching import LONGEST_BEAT, MOST_A_DAY, beat
from recommend.datasets import interactions
from tests.factories.accounts import make_member
from tests.factories.billing import make_paying
from tests.factories.courses import make_course, make_item, make_lesson

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 25, 4, 0, tzinfo=dt.UTC)  # in Shanghai


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def make_played(slug="tea", minutes=30, access=Item.Access.MEMBERS) -> Lesson:
    section = make_course(slug, access=access).sections.create(title="One")
    return make_lesson(section, kind="audio", media="lessons/a.mp3", minutes=minutes)


@pytest.fixture
def lesson():
    return make_played()


@pytest.fixture
def film():
    talk = make_item("talk", kind="recording", access=Item.Access.MEMBERSHIP)
    Recording.objects.create(item=talk, held_on=NOON.date(), minutes=2)
    return talk.files.create(kind="video", title="Film", file="items/f.webm")


def watch(clock, member, played, seconds, every=15):
    """As an honest player does."""
    beat(member=member, played=played, begins=True)
    for _ in range(seconds // every):
        clock.shift(every)
        beat(member=member, played=played)


def booked(member):
    return Watched.objects.filter(member=member).aggregate(all=Sum("seconds"))["all"]


def told():
    return list(Activity.objects.filter(verb=Verb.WATCHED).order_by("at", "pk"))


# Honest players ---------------------------------------------------------------------


@pytest.mark.parametrize("every", [15, 7.3])
def test_what_was_watched_is_booked(clock, member, lesson, every):
    beat(member=member, played=lesson, begins=True)
    for _ in range(round(90 / every)):
        clock.shift(every)
        beat(member=member, played=lesson)

    assert booked(member) == pytest.approx(90, abs=4)


def test_pauses_and_lost_hours_book_nothing(clock, member, lesson):
    watch(clock, member, lesson, 30)
    clock.shift(20)
    beat(member=member, played=lesson, begins=True)
    clock.shift(LONGEST_BEAT.total_seconds() + 1)
    beat(member=member, played=lesson)

    assert booked(member) == 30


def test_the_player_tells_where_it_is_and_that_it_plays(client, clock, member, lesson):
    client.force_login(member)
    address = f"/lessons/{lesson.pk}/position/"
    client.post(address, {"position": "100", "begins": "1"})
    clock.shift(12)
    client.post(address, {"position": "112"})

    assert booked(member) == 12


def test_each_day_counts_for_itself(clock, member, lesson):
    watch(clock, member, lesson, 60)
    clock.shift(dt.timedelta(days=1))
    watch(clock, member, lesson, 75)

    assert list(Watched.objects.order_by("day").values_list("seconds", flat=True)) == [
        60,
        75,
    ]


# Players that lie -------------------------------------------------------------------


def test_no_number_that_is_sent_makes_it_more(client, clock, member, lesson):
    client.force_login(member)
    address = f"/lessons/{lesson.pk}/position/"
    forged = {"position": "86399", "seconds": "86400", "duration": "9", "count": "99"}
    client.post(address, forged)
    clock.shift(10)
    client.post(address, forged | {"begins": ""})
    client.post(address, forged)

    assert booked(member) <= 10


def test_hundreds_of_beats_in_a_second_book_at_most_that_second(clock, member, lesson):
    for _ in range(400):
        beat(member=member, played=lesson)
        clock.shift(1 / 400)

    assert booked(member) <= 1


def test_a_beat_sent_again_and_again_earns_no_more_than_the_time_itself(
    client, clock, member, lesson, film
):
    """Ten minutes with three browsers, every trick at once."""
    make_paying(member)
    client.force_login(member)
    addresses = [
        f"/lessons/{lesson.pk}/position/",
        f"/lessons/{make_played('coffee').pk}/position/",
        f"/files/{film.pk}/position/",
    ]
    for number in range(200):
        clock.shift(3)
        for address in (*addresses, addresses[number % 3]):
            client.post(address, {"position": str(7 * number)})

    assert 500 < booked(member) <= 600


@pytest.mark.parametrize("other", ["the same", "another"])
def test_two_players_at_once_are_one(clock, member, lesson, other):
    second = lesson if other == "the same" else make_played("coffee")
    beat(member=member, played=lesson, begins=True)
    beat(member=member, played=second, begins=True)
    for _ in range(10):
        for played in (lesson, second):
            clock.shift(5)
            beat(member=member, played=played)

    assert 95 <= booked(member) <= 100


def test_a_player_that_fell_silent_does_not_live_on_another(clock, member, lesson):
    silent = make_played("coffee")
    watch(clock, member, silent, 15)
    clock.shift(600)
    watch(clock, member, lesson, 15)
    clock.shift(10)
    assert beat(member=member, played=silent) == 0


@pytest.mark.django_db(transaction=True)
def test_beats_at_the_same_moment_book_the_time_once(clock):
    member, lesson = make_member(), make_played()
    row = Watched.objects.create(
        member=member,
        lesson=lesson,
        day=timezone.localdate(),
        beat_at=timezone.now() - dt.timedelta(seconds=20),
    )

    def send(_number):
        beat(member=member, played=lesson)
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(12)))

    row.refresh_from_db()
    assert row.seconds == 20


def test_a_recording_counts_twice_a_day_and_no_more(clock, member, film):
    watch(clock, member, film, 600)
    assert booked(member) == 2 * 120


def test_a_day_has_an_end(clock, member, lesson):
    other = make_played("long")
    Watched.objects.create(
        member=member,
        lesson=other,
        day=NOON.date(),
        seconds=MOST_A_DAY - 20,
        beat_at=NOON,
    )
    watch(clock, member, lesson, 60)
    assert booked(member) == MOST_A_DAY


def test_what_is_locked_is_never_booked(client, clock, member, lesson):
    later = timezone.localdate() + dt.timedelta(days=2)
    lesson.section.item.sections.update(opens_on=later)
    client.force_login(member)
    answer = client.post(f"/lessons/{lesson.pk}/position/", {"position": "5"})

    assert answer.status_code == 403
    assert not Watched.objects.exists()


def test_a_text_is_not_watched(client, clock, member):
    text = make_lesson(make_course(access="members").sections.create(title="One"))
    client.force_login(member)
    for _ in range(8):
        clock.shift(15)
        client.post(f"/lessons/{text.pk}/position/", {"position": "9"})

    assert not Watched.objects.exists()


def test_with_the_membership_the_booking_ends(client, clock, member, film):
    make_paying(member)
    client.force_login(member)
    address = f"/files/{film.pk}/position/"
    client.post(address, {"position": "0", "begins": "1"})
    clock.shift(10)
    assert client.post(address, {"position": "10"}).status_code == 204
    Entitlement.objects.update(ends_at=timezone.now())
    clock.shift(10)

    assert client.post(address, {"position": "20"}).status_code == 403
    assert booked(member) == 10


# The log, and what the models read ----------------------------------------------------


def test_the_log_is_told_once_a_member_day_and_recording(clock, member, lesson, film):
    watch(clock, member, lesson, 45)
    assert told() == []
    watch(clock, member, lesson, 300)
    watch(clock, member, film, 90)
    clock.shift(dt.timedelta(days=1))
    watch(clock, member, lesson, 60)

    item = lesson.section.item_id
    assert [(it.object_kind, it.object_id, it.count) for it in told()] == [
        ("lesson", lesson.pk, 1),
        ("item", film.item_id, 1),
        ("lesson", lesson.pk, 1),
    ]
    assert told()[0].data == {"item": item}


def test_a_short_recording_counts_from_its_half(clock, member):
    watch(clock, member, make_played(minutes=1), 30)
    assert len(told()) == 1


def test_the_night_counts_it_as_use_of_content(clock, member, lesson):
    watch(clock, member, lesson, 300)
    roll_up()
    assert [it.content for it in MemberDay.objects.all()] == [1]


def test_the_models_read_no_number_that_a_member_sends(client, clock, member, lesson):
    watch(clock, member, lesson, 60)
    client.force_login(member)

    def inputs():
        roll_up()
        days = MemberDay.objects.order_by("pk").values_list(
            "day", "space_id", "member_id", "interactions", "content"
        )
        return list(days), interactions(NOON + dt.timedelta(days=1)).matrix.sum()

    before = inputs()
    for position in ("0", "1", "86399", "999999"):
        client.post(f"/lessons/{lesson.pk}/position/", {"position": position})
    assert inputs() == before


SENT = re.compile("lesson_?progress|file_?position|content_watched", re.IGNORECASE)


@pytest.mark.parametrize("app", ["analytics", "recommend"])
def test_no_model_knows_of_the_tables_that_hold_what_members_send(app):
    sources = list(Path(settings.BASE_DIR, app).rglob("*.py"))
    assert len(sources) > 10
    assert [it for it in sources if SENT.search(it.read_text())] == []


# What is kept -------------------------------------------------------------------------


def test_a_member_gets_it_told_and_forgotten(clock, member, lesson):
    watch(clock, member, lesson, 60)
    (told_row,) = export_all(member)["content"]["time with recordings"]
    assert told_row["seconds"] == 60

    erase_all(member)
    assert not Watched.objects.exists()


def test_a_lesson_needs_no_minutes_to_be_watched(clock, member):
    watch(clock, member, make_played(minutes=0), 90)
    assert booked(member) == 90
