import datetime as dt
import random

import numpy as np
import pytest
from django.utils import timezone

from incentives.numerics.shares import gini, inequality
from incentives.services import fairness
from tests.factories.accounts import make_member, make_space
from tests.incentives.test_rankings import earn

DAY = dt.timedelta(days=1)


def test_the_index_is_that_of_the_definition():
    values = [random.Random(7).paretovariate(1.5) for _ in range(60)]
    every = np.abs(np.subtract.outer(values, values)).mean()

    assert gini(values) == pytest.approx(every / (2 * np.mean(values)))


def test_its_interval_covers_the_truth_as_often_as_it_says():
    """Exponential amounts have a Gini index of one half."""
    rng = np.random.default_rng(20_130_201)
    found = [inequality(rng.exponential(size=400).tolist()) for _ in range(1000)]

    assert 0.93 <= np.mean([it.low <= 0.5 <= it.high for it in found]) <= 0.97


@pytest.mark.parametrize("values", [[5] * 29, [0] * 100, []])
def test_of_too_little_nothing_is_said(values):
    assert inequality(values) is None


def test_all_the_same_is_zero():
    found = inequality([3] * 40)

    assert found.gini == pytest.approx(0)
    assert found.low == 0


@pytest.mark.django_db
def test_newcomers_are_told_of_beside_their_number():
    now = timezone.now()
    for number in range(10):
        joined = now - (5 if number < 5 else 400) * DAY
        person = make_member(f"m{number}", date_joined=joined)
        earn(person, 30 if number < 5 else 10)

    found = fairness.look()

    assert [(it.members, it.points, it.of_points) for it in found.by_time] == [
        (5, 150, 0.75),
        (5, 50, 0.25),
    ]
    assert found.spread is None  # ten are too few for an index


@pytest.mark.django_db
def test_a_small_group_is_not_told_of():
    space = make_space()
    for number in range(6):
        earn(make_member(f"m{number}"), 10, space=None if number else space)

    assert [it.members for it in fairness.look().by_space] == [5]


@pytest.mark.django_db
def test_the_desk_shows_it(client, operator):
    client.force_login(operator)
    page = client.get("/admin/incentives/award/fairness/")

    assert page.status_code == 200
    assert "too little to say" in page.content.decode()
