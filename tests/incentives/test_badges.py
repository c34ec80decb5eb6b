import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Activity, Verb
from accounts.services.activity import ensure_partitions, record_activity
from incentives.models import Badge, BadgeHolder
from incentives.services import badges, tallies

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


class Lesson:
    activity_kind = "lesson"

    def __init__(self, pk):
        self.pk = pk


def do(member, verb, *days_ago):
    first = timezone.localdate() - max(days_ago) * DAY
    ensure_partitions(first, timezone.localdate())
    for number, days in enumerate(days_ago):
        at = timezone.now() - days * DAY
        record_activity(member=member, verb=verb, target=Lesson(number), at=at)


def give():
    tallies.count_arrived()
    return badges.award_badges()


@pytest.fixture
def lessons():
    return Badge.objects.get(name="Ten lessons")


@pytest.fixture
def steady():
    return Badge.objects.get(name="A steady week")


def test_a_badge_is_earned_by_doing_it_often_enough(member, lessons):
    do(member, Verb.LESSON_DONE, *range(9))
    assert give() == 0

    do(member, Verb.LESSON_DONE, 20)
    assert give() == 1
    assert BadgeHolder.objects.get().badge == lessons


def test_a_badge_is_given_and_told_once(member):
    do(member, Verb.LESSON_DONE, *range(12))
    for _ in range(3):
        give()

    assert BadgeHolder.objects.count() == 1
    assert [it.kind for it in member.notifications.all()] == ["badge_earned"]
    assert Activity.objects.filter(verb=Verb.EARNED_BADGE).count() == 1


@pytest.mark.parametrize(
    ("days", "earned"),
    [
        (range(6), 1),  # without rest
        ((0, 1, 2, 4, 5, 6), 1),  # one day of rest
        ((0, 1, 2, 5, 6, 7), 0),  # two
        ((0, 1, 2, 3, 4), 0),  # one too few
        ((30, 31, 32, 33, 34, 35), 1),  # long ago counts, too
    ],
)
def test_days_in_a_row_have_their_rest_days(member, steady, days, earned):
    do(member, Verb.CHECKED_IN, *days)

    assert give() == earned


def test_a_later_night_still_sees_a_row_that_ends_today(member, steady):
    do(member, Verb.CHECKED_IN, 5, 4, 3, 2, 1)
    assert give() == 0

    do(member, Verb.CHECKED_IN, 0)
    assert give() == 1


def test_the_shelf_shows_how_far_one_has_come(client, member):
    do(member, Verb.LESSON_DONE, 0, 1, 2)
    give()
    client.force_login(member)
    page = client.get("/points/badges/").content.decode()

    assert "3 of 10" in page


def test_others_see_what_was_earned(client, member, other_member):
    do(member, Verb.LESSON_DONE, *range(10))
    give()
    client.force_login(other_member)

    assert "Ten lessons" in client.get(member.get_absolute_url()).content.decode()


def test_days_in_a_row_are_those_one_was_here(member):
    do(member, Verb.VISITED, 1, 2, 4)
    tallies.count_arrived()
    streak = badges.days_in_a_row(member, timezone.localdate())

    assert (streak.current, streak.longest) == (3, 3)
