import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.numerics.regression import least_squares
from analytics.numerics.scan import UNIT, Scan, whole_sum
from analytics.numerics.sums import Sums

BANDS = (0, 1, 4, 10)


def table(n=400, seed=4):
    rng = np.random.default_rng(seed)
    visits = rng.integers(0, 29, n)
    inputs = np.column_stack([rng.poisson(40, n), visits, rng.poisson(9, n)])
    target = np.clip(np.rint(0.7 * visits + rng.normal(1, 3, n)), 0, 28).astype(int)
    return rng.integers(0, 5, n), inputs, target


def scanned(fold, inputs, target, blocks=1, order=None):
    rows = np.column_stack([inputs, target]).tolist()
    sums = Sums.of_rows(rows, 4)
    fit = least_squares(sums)
    scale = [float(sums.products[j][j] / sums.n) ** 0.5 for j in range(3)]
    parameters = {number: fit.parameters + number / 10 for number in range(5)}
    scan = Scan(parameters, dict.fromkeys(range(5), 6.5), BANDS, fit, scale)
    order = np.arange(len(target)) if order is None else order
    for rows in np.array_split(order, blocks):
        scan.add(fold[rows], inputs[rows], target[rows], inputs[rows, 1])
    return scan.judged(), parameters, fit


def test_errors_and_products_as_computed_at_once():
    fold, inputs, target = table()
    judged, parameters, fit = scanned(fold, inputs, target)

    X = np.column_stack([np.ones(len(target)), inputs])
    for number, weights in parameters.items():
        here = fold == number
        error = np.abs(target[here] - X[here] @ weights)
        assert judged.mae[number] == pytest.approx(error.mean(), rel=1e-7)
        last = np.abs(target[here] - inputs[here, 1]).mean()
        assert judged.persistence_mae[number] == pytest.approx(last)
        assert judged.mean_mae[number] == np.abs(target[here] - 6.5).mean()
    error = target - X @ fit.parameters
    leverage = np.einsum("ij,jk,ik->i", X, fit.inverse, X)
    middle = (X.T * (error / (1 - leverage)) ** 2) @ X
    np.testing.assert_allclose(judged.middle, middle, rtol=1e-6)


def test_every_row_is_in_one_cell():
    fold, inputs, target = table()
    judged, parameters, _ = scanned(fold, inputs, target, blocks=7)
    cells = judged.cells

    assert cells.count.sum() == len(target)
    assert (cells.actual * cells.count).sum() == target.sum()
    band = np.searchsorted(BANDS, inputs[:, 1], side="right") - 1
    for number in range(4):
        assert cells.count[cells.band == number].sum() == (band == number).sum()
    one = cells.predicted[(cells.fold == 0)]
    assert one.min() >= (parameters[0][0] - 0.03)


@given(st.integers(1, 60), st.randoms(use_true_random=False))
def test_neither_blocks_nor_order_change_a_digit(blocks, dice):
    fold, inputs, target = table(n=120)
    order = list(range(120))
    dice.shuffle(order)

    one, _, _ = scanned(fold, inputs, target)
    other, _, _ = scanned(fold, inputs, target, blocks, np.array(order))

    assert one.mae == other.mae
    assert one.mean_mae == other.mean_mae
    assert one.middle.tolist() == other.middle.tolist()
    for name in ("fold", "band", "predicted", "actual", "count"):
        left, right = getattr(one.cells, name), getattr(other.cells, name)
        assert left.tolist() == right.tolist()


@given(st.lists(st.floats(-1e9, 1e9), max_size=50))
def test_whole_sums_are_exact(values):
    units = sum(int(np.rint(value / UNIT)) for value in values)

    assert whole_sum(np.array(values, dtype=float)) == units


def test_nothing_scanned_is_nothing_judged():
    scan = Scan({0: np.zeros(4)}, {0: 0.0}, BANDS)
    judged = scan.judged()

    assert judged.mae == {}
    assert judged.cells.count.sum() == 0
