import numpy as np
import pytest

from analytics.numerics.pooling import shrunk_means

SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def test_the_published_posterior_of_the_eight_schools():
    """Gelman et al., Bayesian Data Analysis, 3rd ed., table 5.3, made from 200 draws:
    the ends of school A are -2 and 31, of school E -9 and 18, and A's median is 10."""
    found = shrunk_means(SCHOOLS, ERRORS)

    assert found.mean[0] == pytest.approx(11.4, abs=0.5)
    np.testing.assert_allclose(found.low[[0, 4]], [-2, -9], atol=1.5)
    np.testing.assert_allclose(found.high[[0, 4]], [31, 18], atol=2.5)
    assert np.ptp(found.mean) < np.ptp(SCHOOLS) / 3


def test_groups_far_apart_and_well_known_stay_where_they_are():
    values = np.array([0.0, 10, 20, 30])

    found = shrunk_means(values, np.full(4, 0.1))

    np.testing.assert_allclose(found.mean, values, atol=0.01)
    np.testing.assert_allclose(found.high - found.low, 2 * 1.96 * 0.1, atol=0.01)


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
def test_nineteen_in_twenty_intervals_hold_the_truth(spread):
    rng = np.random.default_rng(5)
    errors = np.array([0.3, 0.6, 1.0, 1.5, 0.8])
    holds = []
    for _ in range(150):
        truth = rng.normal(1, spread, 5)
        found = shrunk_means(rng.normal(truth, errors), errors)
        holds.append((found.low <= truth) & (truth <= found.high))

    assert np.mean(holds) > 0.92


@pytest.mark.parametrize("errors", [[1.0, 1.0], [1.0, 0.0, 1.0]])
def test_it_refuses_what_tells_nothing_of_the_spread(errors):
    with pytest.raises(ValueError, match="three groups"):
        shrunk_means(np.zeros(len(errors)), np.array(errors))
