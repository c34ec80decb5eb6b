import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.numerics.recruiting import beliefs_about, shrunk_rates

counts = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 200)).map(
        lambda it: (min(it), max(it))
    ),
    min_size=1,
    max_size=12,
)


@given(counts=counts)
def test_a_rate_lies_between_its_own_and_the_mean(counts):
    kept, whole = np.array(counts).T
    found = shrunk_rates(kept, whole)
    if whole.sum() == 0:
        return
    own = np.divide(kept, whole, out=np.full(len(whole), found.mean), where=whole > 0)
    # What is not known of the mean is known a little better for each channel.
    low, high = np.minimum(own, found.mean), np.maximum(own, found.mean)
    assert np.all(found.rate >= low - 0.05)
    assert np.all(found.rate <= high + 0.05)
    assert np.all((found.low >= 0) & (found.low <= found.rate))
    assert np.all((found.rate <= found.high) & (found.high <= 1))


RATS = """
0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20
1/20 1/19 1/19 1/18 1/18 2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19
5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 4/20 4/20 4/20 4/20 4/20 4/20 4/20
10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52
15/47 15/46 9/24 4/14
"""


def test_the_published_posterior_of_the_rat_tumours():
    """Gelman et al., Bayesian Data Analysis, 3rd ed., table 5.1 and section 5.3: the
    beta's parameters have the posterior means 2.4 and 14.3."""
    kept, whole = np.array([pair.split("/") for pair in RATS.split()], float).T

    beliefs = beliefs_about(kept, whole)

    alpha = beliefs.probability @ (beliefs.weight * beliefs.mean)
    beta = beliefs.probability @ (beliefs.weight * (1 - beliefs.mean))
    assert (round(alpha, 1), round(beta, 1)) == (2.4, 14.3)


@pytest.mark.parametrize("sizes", [(8, 8, 6, 12), (200, 150, 100, 50), (20,) * 40])
@pytest.mark.parametrize(("mean", "weight"), [(0.5, 10), (0.3, 40), (0.7, 1e6)])
def test_nineteen_in_twenty_intervals_hold_the_truth(sizes, mean, weight):
    rng = np.random.default_rng(3)
    holds = []
    for _ in range(60):
        truth = rng.beta(mean * weight, (1 - mean) * weight, len(sizes))
        found = shrunk_rates(rng.binomial(sizes, truth), np.array(sizes))
        holds.append((found.low <= truth) & (truth <= found.high))

    # 0.917 in the worst of these over 500 draws, 0.945 and more in the others.
    assert np.mean(holds) > 0.9


def test_two_of_two_says_less_than_eighty_of_a_hundred():
    kept = np.array([2, 80, 10, 40])
    whole = np.array([2, 100, 100, 100])

    found = shrunk_rates(kept, whole)

    assert 0.45 < found.rate[0] < 0.9
    assert found.high[0] - found.low[0] > 2 * (found.high[1] - found.low[1])


def test_channels_that_do_not_differ_get_the_same_rate():
    found = shrunk_rates(np.array([5, 50, 500]), np.array([10, 100, 1000]))

    np.testing.assert_allclose(found.rate, 0.5)


def test_the_order_of_channels_does_not_matter():
    kept, whole = np.array([1, 30, 7]), np.array([9, 40, 70])
    turned = shrunk_rates(kept[::-1], whole[::-1]).rate[::-1]

    np.testing.assert_allclose(shrunk_rates(kept, whole).rate, turned)


def test_the_prior_recovers_how_much_channels_differ():
    """Simulated with a known beta: weight 20, mean .3."""
    rng = np.random.default_rng(1)
    whole = rng.integers(50, 400, size=3000)
    kept = rng.binomial(whole, rng.beta(6, 14, size=3000))

    found = shrunk_rates(kept, whole)

    assert found.mean == pytest.approx(0.3, abs=0.01)
    assert found.prior == pytest.approx(20, rel=0.15)


@pytest.mark.parametrize(("kept", "whole"), [([2], [1]), ([-1], [1]), ([1, 1], [1])])
def test_impossible_counts_are_refused(kept, whole):
    with pytest.raises(ValueError, match=r"need|shapes"):
        shrunk_rates(np.array(kept), np.array(whole))


def test_nobody_at_all_says_nothing():
    found = shrunk_rates(np.array([0, 0]), np.array([0, 0]))

    assert found.low.tolist() == [0, 0]
    assert found.high.tolist() == [1, 1]
