import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from analytics.numerics.popularity import (
    overdispersion,
    rates_of_members,
    shrunk_poisson,
)

# Failures of ten pumps, and thousands of hours that they ran.
FAILED = np.array([5, 1, 5, 14, 3, 19, 1, 1, 4, 22])
HOURS = np.array([94.3, 15.7, 62.9, 126, 5.24, 31.4, 1.05, 1.05, 2.1, 10.5])
POSTERIOR = [0.0598, 0.1015, 0.0892, 0.1157, 0.6011, 0.609, 0.897, 0.896, 1.588, 1.995]


def test_the_published_rates_of_the_pumps():
    """Gaver and O'Muircheartaigh (1987), with the posterior means of George, Makov and
    Smith, Scandinavian Journal of Statistics 20 (1993) 147-156, whose prior differs."""
    found = shrunk_poisson(FAILED, HOURS)

    np.testing.assert_allclose(found.rate, POSTERIOR, rtol=0.1)


@pytest.mark.parametrize("shape", [1.5, 10, 1000])
@pytest.mark.parametrize("number", [8, 40])
def test_nineteen_in_twenty_intervals_hold_the_truth(shape, number):
    rng = np.random.default_rng(5)
    holds = []
    for _ in range(60):
        truth = rng.gamma(shape, 0.02 / shape, number)
        chances = rng.integers(50, 3000, number)
        found = shrunk_poisson(rng.poisson(truth * chances), chances)
        holds.append((found.low <= truth) & (truth <= found.high))

    assert np.mean(holds) > 0.92


subjects = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 5000)), min_size=1, max_size=12
)


@given(subjects)
def test_rates_are_possible_and_lie_in_their_intervals(found):
    events, chances = np.array(found).T

    rates = shrunk_poisson(events, chances)

    assert np.all(rates.low >= 0)
    assert np.all((rates.low <= rates.rate) & (rates.rate <= rates.high))


@given(subjects)
def test_the_unit_of_a_chance_does_not_matter(found):
    events, chances = np.array(found).T

    days = shrunk_poisson(events, chances).rate

    hours = shrunk_poisson(events, 24 * chances).rate
    np.testing.assert_allclose(24 * hours, days, rtol=1e-6)


def test_what_was_hardly_there_says_less_than_what_was_always_there():
    found = shrunk_poisson(
        np.array([2, 200, 30, 110]), np.array([10, 1000, 1000, 1000])
    )

    assert found.high[0] - found.low[0] > 2 * (found.high[1] - found.low[1])
    assert found.rate[0] < 0.2


def test_what_was_never_there_is_like_any_other():
    found = shrunk_poisson(np.array([0, 50, 60, 40]), np.array([0, 1000, 1000, 1000]))

    assert found.rate[0] == pytest.approx(found.mean, rel=0.05)
    assert found.high[0] - found.low[0] > found.high[1] - found.low[1]


@pytest.mark.parametrize(
    ("events", "chances"), [([1], [0]), ([-1], [1]), ([1], [1, 2]), ([0], [0])]
)
def test_what_cannot_be_is_refused(events, chances):
    with pytest.raises(ValueError, match=r"need|shapes|chance"):
        shrunk_poisson(np.array(events), np.array(chances))


def test_one_eager_member_is_not_ten_members():
    """By hand: of ten members one opened 10 things: mean 1, variance 10."""
    assert overdispersion(10, 100, 10) == pytest.approx(10)


def test_members_who_are_alike_count_in_full():
    assert overdispersion(10, 10, 10) == 1
    assert overdispersion(0, 0, 10) == 1
    assert overdispersion(0, 0, 0) == 1


def test_intervals_hold_though_members_differ():
    """Openings of 60 members, some of whom open five times as much as others."""
    rng = np.random.default_rng(2)
    truth, chances = np.array([0.02, 0.05, 0.1, 0.03]), np.full(60, 20)
    holds = []
    for _ in range(150):
        eager = rng.gamma(1, 1, size=60)
        opened = rng.poisson(truth[:, None] * chances * eager)
        by_member = sparse.csr_matrix(opened.T)
        found = rates_of_members(by_member, np.full(4, chances.sum()))
        holds.append((found.low <= truth) & (truth <= found.high))

    assert np.mean(holds) > 0.9
