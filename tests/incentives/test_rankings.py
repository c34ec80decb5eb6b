import datetime as dt
import itertools
import uuid

import pytest
from django.utils import timezone

from community.lib.dates import site_day
from incentives.models import Award, PointRule
from incentives.services import rankings
from tests.factories.accounts import make_member, make_space

pytestmark = pytest.mark.django_db


NUMBERS = itertools.count(1)


def earn(member, points, at=None, space=None):
    number = next(NUMBERS)
    at = at or timezone.now() - dt.timedelta(minutes=1)
    return Award.objects.create(
        rule=PointRule.objects.first(),
        member=member,
        activity_id=number,
        object_kind="lesson",
        object_id=number,
        space=space,
        points=points,
        family=uuid.uuid4(),
        awarded_at=at,
        counts_from=at,
    )


@pytest.fixture
def crowd():
    people = [make_member(f"m{number}") for number in range(20)]
    for number, person in enumerate(people):
        earn(person, 100 - number)
    return people


def seen(member, period="year", space=None):
    return rankings.ranking_for(member, period=period, space=space)


def test_far_from_the_top_one_sees_ones_neighbours(crowd):
    found = seen(crowd[15])

    assert [row.member for row in found.top] == crowd[:10]
    assert [row.member for row in found.near] == crowd[12:19]
    assert (found.place, found.of) == (16, 20)


def test_at_the_top_there_is_no_second_list(crowd):
    assert seen(crowd[3]).near == []


def test_equal_points_share_a_place(member, other_member):
    earn(member, 5)
    earn(other_member, 5)

    assert {row.place for row in seen(member).top} == {1}


def test_who_leaves_is_seen_by_nobody_at_once(crowd):
    seen(crowd[1])
    rankings.leave(member=crowd[0])

    assert crowd[0] not in [row.member for row in seen(crowd[1]).top]
    found = seen(crowd[0])
    assert (found.place, found.mine, found.has_left) == (None, 100, True)

    rankings.come_back(member=crowd[0])
    assert seen(crowd[0]).place == 1


def test_a_space_counts_what_was_earned_in_it(member, other_member):
    space = make_space()
    earn(member, 5, space=space)
    earn(other_member, 50)

    assert [row.member for row in seen(member, space=space).top] == [member]


def test_points_taken_back_and_members_removed_do_not_count(member, other_member):
    undone = earn(member, 5)
    undone.undone_at = timezone.now()
    undone.save()
    earn(other_member, 5)
    other_member.removed_at = timezone.now()
    other_member.save()

    assert seen(member).top == []


def test_a_period_is_compared_with_as_much_of_the_one_before():
    now = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
    window = rankings.window_of("month", now)

    assert site_day(window.before) == dt.date(2026, 2, 1)
    assert window.before_until == window.since  # February is over sooner


def test_the_page_hides_spaces_one_may_not_see(client, member):
    hidden = make_space(access="invitation")
    client.force_login(member)

    assert client.get(f"/points/ranking/?space={hidden.pk}").status_code == 422
