import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Verb
from accounts.privacy import erase_all
from accounts.services import held
from accounts.services.activity import record_activity
from accounts.services.news import latest, lines
from incentives.models import Ladder, Level, LevelChange, Standing
from incentives.services import levels, tallies
from incentives.services.awarding import award_for
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


class Lesson:
    activity_kind = "lesson"

    def __init__(self, pk):
        self.pk = pk


def finish(member, *lessons):
    for pk in lessons:
        done = record_activity(member=member, verb=Verb.LESSON_DONE, target=Lesson(pk))
        award_for(done)


def told(member):
    return [line.sentence for line in lines(member, list(latest(member)))]


@pytest.fixture
def counted():
    """A ladder that counts lessons of the last thirty days."""
    ladder = Ladder.objects.create(measure=Verb.LESSON_DONE, days=30)
    Level.objects.create(ladder=ladder, number=1, threshold=2, title="Two")
    Level.objects.create(ladder=ladder, number=2, threshold=4, title="Four")
    return ladder


def settle(now=None):
    tallies.count_arrived(now)
    return levels.settle(now)


def test_a_level_is_reached_by_points_and_told_once(member):
    finish(member, 1, 2, 3, 4)
    for _ in range(3):
        levels.settle()
    member.refresh_from_db()

    assert member.level == 1
    assert LevelChange.objects.get().became == 1
    assert told(member) == ["You have reached the level “Regular”"]


def test_spending_points_costs_no_level(member):
    finish(member, 1, 2, 3, 4)
    held.hold_points(key="x", member=member, points=20)
    levels.settle()
    member.refresh_from_db()

    assert member.level == 1


def test_a_ladder_counts_any_deed_of_the_log(member, counted):
    finish(member, 1, 2, 2, 3)  # the same lesson twice is one
    settle()
    member.refresh_from_db()

    assert (member.level, Standing.objects.get().value) == (1, 3)


def test_a_level_stays_a_month_after_less_is_counted_and_every_step_is_told(
    member, counted
):
    finish(member, 1, 2)
    settle()
    later = timezone.now() + 40 * DAY

    settle(later)
    member.refresh_from_db()
    assert member.level == 1
    assert len(told(member)) == 2

    settle(later + 29 * DAY)
    member.refresh_from_db()
    assert member.level == 1

    settle(later + 31 * DAY)
    member.refresh_from_db()
    assert member.level == 0
    assert [row.kind for row in latest(member)] == [
        "level_changed",
        "level_stays",
        "level_reached",
    ]


def test_who_catches_up_in_that_month_keeps_the_level_without_a_word(member, counted):
    finish(member, 1, 2)
    settle()
    later = timezone.now() + 40 * DAY
    for pk in (3, 4):
        record_activity(
            member=member, verb=Verb.LESSON_DONE, target=Lesson(pk), at=later + DAY
        )
    settle(later)
    settle(later + DAY)
    settle(later + 35 * DAY)

    assert Standing.objects.get().level == 1
    assert LevelChange.objects.count() == 1


def test_a_new_ladder_counts_from_its_day_on(member):
    finish(member, 1, 2, 3, 4)
    levels.settle()
    later = timezone.now() + DAY
    strict = Ladder.objects.create(since=later)
    Level.objects.create(ladder=strict, number=1, threshold=1000, title="Far")

    assert levels.settle() == {"levels changed": 0}
    assert levels.settle(later + DAY) == {"levels changed": 0}  # told first
    assert levels.settle(later + 40 * DAY) == {"levels changed": 1}


def test_late_rows_and_a_second_run_end_in_the_same_tallies(member, counted):
    early = timezone.now() - 5 * DAY
    finish(member, 1)
    tallies.count_arrived()
    record_activity(member=member, verb=Verb.LESSON_DONE, target=Lesson(2), at=early)
    tallies.count_arrived()
    tallies.count_arrived()

    found = member.tallies.filter(verb=Verb.LESSON_DONE).order_by("day")
    assert [(it.day, it.number) for it in found] == [
        (timezone.localdate(early), 1),
        (timezone.localdate(), 1),
    ]


def test_what_was_taken_back_does_not_count(member, other_member):
    answer = Lesson(7)
    for verb in (Verb.ANSWER_ACCEPTED, Verb.ANSWER_UNACCEPTED):
        record_activity(member=member, verb=verb, target=answer, asker=0, by=0)
    record_activity(  # one's own question
        member=other_member,
        verb=Verb.ANSWER_ACCEPTED,
        target=answer,
        asker=other_member.pk,
        by=0,
    )
    tallies.count_arrived()

    assert not member.tallies.filter(verb=Verb.ANSWER_ACCEPTED).exists()
    assert not other_member.tallies.filter(verb=Verb.ANSWER_ACCEPTED).exists()


def test_the_page_says_what_is_missing(client, member):
    finish(member, 1, 2, 3, 4, 5)
    levels.settle()
    client.force_login(member)
    page = client.get("/points/levels/").content.decode()

    assert "Regular" in page
    assert "To “Contributor”: 75 more" in page


def test_the_page_costs_as_many_queries_with_many_levels(
    client, member, django_assert_max_num_queries
):
    client.force_login(member)
    ladder = levels.ladder_at(timezone.now())
    for number in range(10, 30):
        Level.objects.create(
            ladder=ladder, number=number, threshold=10_000 + number, title=str(number)
        )
    with django_assert_max_num_queries(8):
        client.get("/points/levels/")


def test_erasing_a_member_leaves_no_level(member):
    finish(member, 1, 2, 3, 4)
    levels.settle()
    erase_all(member)

    assert not Standing.objects.exists()
    assert not LevelChange.objects.exists()


def test_nobody_who_is_gone_moves(db):
    member = make_member("gone", erased_at=timezone.now())
    ladder = levels.ladder_at(timezone.now())

    assert not levels.look_at(member.pk, ladder, timezone.now())


def test_the_bell_brings_the_level_at_once(member, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for pk in range(1, 5):
            record_activity(member=member, verb=Verb.LESSON_DONE, target=Lesson(pk))
    member.refresh_from_db()

    assert member.level == 1
