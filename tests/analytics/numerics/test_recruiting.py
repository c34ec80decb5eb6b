import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.numerics.recruiting import shrunk_rates

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
    low, high = np.minimum(own, found.mean), np.maximum(own, found.mean)
    assert np.all(found.rate >= low - 1e-9)
    assert np.all(found.rate <= high + 1e-9)
    assert np.all((found.low >= 0) & (found.low <= found.high) & (found.high <= 1))


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
