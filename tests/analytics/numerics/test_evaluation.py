import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.numerics.evaluation import (
    Cells,
    calibration,
    calibration_slope,
    conformal_bands,
    coverage,
)


def cells(predicted, actual, band=None, count=None):
    predicted = np.asarray(predicted, dtype=float)
    m = len(predicted)
    return Cells(
        fold=np.zeros(m, dtype=np.int64),
        band=np.zeros(m, dtype=np.int64) if band is None else np.asarray(band),
        predicted=predicted,
        actual=np.asarray(actual, dtype=float),
        count=np.ones(m, dtype=np.int64) if count is None else np.asarray(count),
    )


def noisy(n, seed):
    """Errors wider with every band, and skewed."""
    rng = np.random.default_rng(seed)
    band = rng.integers(0, 4, n)
    predicted = np.round(rng.uniform(0, 28, n) * 20) / 20
    actual = predicted + (band + 1) * (rng.gamma(2, 1, n) - 2)
    return cells(predicted, actual, band)


def test_bands_cover_what_they_promise_in_every_band():
    known, fresh = noisy(20_000, 1), noisy(20_000, 2)

    bands = conformal_bands(known, 0.9)

    for n, share in coverage(fresh, bands).values():
        assert n > 4000
        assert 0.87 <= share <= 0.93
    assert bands[3][1] > 2 * bands[0][1]


def test_a_small_band_borrows_from_all():
    many = cells([1.0] * 200, range(200))
    mixed = cells([1.0] * 203, range(203), band=[0] * 200 + [1] * 3)

    assert (
        conformal_bands(mixed)[1] == conformal_bands(cells([1.0] * 203, range(203)))[0]
    )
    assert conformal_bands(many).keys() == {0}
    assert conformal_bands(cells([], [])) == {}


def test_counts_stand_for_rows():
    one_by_one = cells([2.0, 2.0, 2.0, 3.0], [1, 1, 1, 5])
    counted = cells([2.0, 3.0], [1, 5], count=[3, 1])

    assert conformal_bands(one_by_one) == conformal_bands(counted)
    assert calibration(one_by_one, 2) == calibration(counted, 2)
    assert calibration_slope(one_by_one) == pytest.approx(calibration_slope(counted))


def test_deciles_of_a_perfect_prediction():
    rng = np.random.default_rng(5)
    predicted = rng.permutation(np.arange(1000) / 40)

    deciles = calibration(cells(predicted, predicted))

    assert [decile.n for decile in deciles] == [100] * 10
    for decile in deciles:
        assert decile.predicted == pytest.approx(decile.actual)
    assert calibration_slope(cells(predicted, predicted)) == pytest.approx(1)


def test_equal_predictions_are_one_part():
    assert len(calibration(cells([1.0] * 50, range(50)))) == 1
    assert calibration(cells([], [])) == []
    assert np.isnan(calibration_slope(cells([1.0] * 50, range(50))))


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 28), st.integers(1, 9)),
        min_size=1,
        max_size=60,
    )
)
def test_deciles_hold_everybody_in_order(rows):
    predicted, actual, count = (np.array(column) for column in zip(*rows, strict=True))

    deciles = calibration(cells(predicted, actual, count=count))

    assert sum(decile.n for decile in deciles) == count.sum()
    total = sum(decile.n * decile.actual for decile in deciles)
    assert total == pytest.approx((actual * count).sum())
    means = [decile.predicted for decile in deciles]
    assert means == sorted(means)
