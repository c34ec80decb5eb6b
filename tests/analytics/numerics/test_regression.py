import csv
import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from analytics.numerics.regression import (
    cross_validate,
    driver_shares,
    gain_over,
    jackknife,
    least_squares,
)
from analytics.numerics.sums import Sums, by_fold, total

ANCHORS = Path(__file__).parents[2] / "anchors"


def anchor(name, *columns):
    with (ANCHORS / f"{name}.csv").open() as file:
        return [
            [Fraction(row[column]) for column in columns]
            for row in csv.DictReader(file)
        ]


def test_longley():
    """NIST Statistical Reference Datasets, certified values."""
    scale = [1, 1000, 10, 10, 1000, 1, 1000]
    rows = [
        [value * factor for value, factor in zip(row, scale, strict=True)]
        for row in anchor(
            "longley",
            *("GNP.deflator", "GNP", "Unemployed", "Armed.Forces"),
            *("Population", "Year", "Employed"),
        )
    ]
    fit = least_squares(Sums.of_rows(rows, 7))

    np.testing.assert_allclose(
        fit.parameters,
        [
            *(-3482258.63459582, 15.0618722713733, -0.0358191792925910),
            *(-2.02022980381683, -1.03322686717359, -0.0511041056535807),
            1829.15146461355,
        ],
        rtol=1e-13,
    )
    assert fit.residual_variance**0.5 == pytest.approx(304.854073561965, rel=1e-13)
    assert fit.r2 == pytest.approx(0.995479004577296, rel=1e-13)
    np.testing.assert_allclose(
        fit.standard_errors()[[0, 1, 6]],
        [890420.383607373, 84.9149257747669, 455.478499142212],
        rtol=1e-12,
    )


def test_driver_shares_of_swiss():
    """U. Groemping, J. Statistical Software 17(1) (2006)."""
    inputs = ("Agriculture", "Examination", "Education", "Catholic")
    rows = anchor("swiss", *inputs, "Infant.Mortality", "Fertility")
    sums = Sums.of_rows(rows, 6)

    shares = driver_shares(sums)

    np.testing.assert_allclose(
        shares, [0.0570912, 0.1711730, 0.2601347, 0.1055702, 0.1127659], atol=5e-8
    )
    assert shares.sum() == pytest.approx(least_squares(sums).r2)


def counts(seed=1, members=300):
    """Members' rows as whole numbers: three inputs and a target, and their group."""
    rng = np.random.default_rng(seed)
    visits = rng.integers(0, 29, members)
    clicks = rng.poisson(3 * visits + 1)
    read = rng.poisson(20, members)
    target = np.clip(np.rint(0.7 * visits + rng.normal(1, 3, members)), 0, 28)
    table = np.column_stack([clicks, visits, read, target]).astype(int)
    return table, rng.integers(0, 100, members)


def sums_of(table):
    return Sums.of_rows(table.tolist(), table.shape[1])


def grouped(table, group):
    return {int(g): sums_of(table[group == g]) for g in np.unique(group)}


def test_the_same_as_least_squares_in_memory():
    table, _ = counts()
    X, y = sm.add_constant(table[:, :3].astype(float)), table[:, 3]
    theirs = sm.OLS(y, X).fit()

    fit = least_squares(sums_of(table))

    np.testing.assert_allclose(fit.parameters, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(fit.standard_errors(), theirs.bse, rtol=1e-9)
    assert fit.r2 == pytest.approx(theirs.rsquared, rel=1e-9)

    residuals = y - X @ fit.parameters
    leverage = np.einsum("ij,jk,ik->i", X, fit.inverse, X)
    meat = (X.T * (residuals / (1 - leverage)) ** 2) @ X
    np.testing.assert_allclose(fit.robust_errors(meat), theirs.HC3_se, rtol=1e-9)


def test_without_a_constant():
    table, _ = counts()
    theirs = sm.OLS(table[:, 3], table[:, :3].astype(float)).fit()

    fit = least_squares(sums_of(table), constant=False)

    np.testing.assert_allclose(fit.coefficients, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(fit.standard_errors()[1:], theirs.bse, rtol=1e-9)
    assert fit.constant == 0
    assert fit.r2 == pytest.approx(theirs.rsquared, rel=1e-9)


def test_columns_far_from_zero_cost_no_digit():
    table, _ = counts()
    far = table + np.array([10**6, 0, 10**6, 0])

    near, fit = least_squares(sums_of(table)), least_squares(sums_of(far))

    np.testing.assert_allclose(fit.coefficients, near.coefficients, rtol=1e-13)
    assert fit.squared_error == pytest.approx(near.squared_error, rel=1e-13)


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (lambda table: table[:, 0] * 0, "constant"),
        (lambda table: table[:, 0] * 0 + 7, "constant"),
        (lambda table: 2 * table[:, 0] - table[:, 1] + 5, "collinear"),
    ],
)
def test_inputs_that_say_nothing_are_dropped_and_named(column, why):
    table, _ = counts()
    table[:, 2] = column(table)

    fit = least_squares(sums_of(table))

    assert fit.dropped == {2: why}
    assert fit.coefficients[2] == 0
    np.testing.assert_allclose(
        fit.coefficients[:2],
        least_squares(sums_of(table[:, [0, 1, 3]])).coefficients,
    )
    assert fit.rank == 3


def test_no_rows_is_an_error_and_one_row_a_constant():
    with pytest.raises(ValueError, match="no rows"):
        least_squares(Sums.empty(3))

    fit = least_squares(Sums.of_rows([[1, 2, 5]], 3))
    assert fit.parameters.tolist() == [5, 0, 0]
    assert np.isnan(fit.residual_variance)


TABLE = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 28), st.integers(0, 28)),
    min_size=4,
    max_size=30,
)


@given(TABLE, st.randoms())
def test_the_order_of_rows_does_not_matter(rows, shuffle):
    shuffled = list(rows)
    shuffle.shuffle(shuffled)

    one, other = (least_squares(Sums.of_rows(r, 3)) for r in (rows, shuffled))

    assert one.parameters.tolist() == other.parameters.tolist()
    assert one.squared_error == other.squared_error


@given(TABLE)
def test_nothing_fits_better_and_residuals_are_accounted_for(rows):
    sums = Sums.of_rows(rows, 3)
    fit = least_squares(sums)

    # Parameters are rounded to floats, hence the hair's breadth.
    at_fit = sums.squared_error(fit.constant, fit.coefficients.tolist())
    assert float(at_fit) == pytest.approx(fit.squared_error, rel=1e-9, abs=1e-9)
    for step in (0.01, -0.01):
        moved = sums.squared_error(fit.constant, (fit.coefficients + step).tolist())
        assert moved >= at_fit - Fraction(1, 10**9)
    assert -1e-12 <= fit.r2 <= 1 + 1e-12


@given(TABLE, st.lists(st.integers(0, 99), min_size=30, max_size=30))
def test_groups_add_up_to_the_whole(rows, labels):
    groups: dict[int, Sums] = {}
    for row, label in zip(rows, labels, strict=False):
        groups[label] = groups.get(label, Sums.empty(3)) + Sums.of_rows([row], 3)

    assert total(groups.values()) == Sums.of_rows(rows, 3)
    assert total(by_fold(groups, 5).values()) == Sums.of_rows(rows, 3)


def test_folds_are_judged_as_if_fitted_one_by_one():
    table, group = counts()
    fold = group % 5

    for part in cross_validate(grouped(table, group)):
        train, held = table[fold != part.fold], table[fold == part.fold]
        X = np.column_stack([np.ones(len(train)), train[:, :3]])
        beta = np.linalg.lstsq(X, train[:, 3], rcond=None)[0]
        error = held[:, 3] - beta[0] - held[:, :3] @ beta[1:]
        assert part.n == len(held)
        assert part.rmse == pytest.approx(np.sqrt((error**2).mean()), rel=1e-9)
        variation = ((held[:, 3] - held[:, 3].mean()) ** 2).sum()
        assert part.r2 == pytest.approx(1 - (error**2).sum() / variation, rel=1e-9)


def test_jackknife_of_a_mean_is_the_textbook_error():
    values = [3, 1, 4, 1, 5, 9, 2, 6]
    groups = {i: Sums.of_rows([[v]], 1) for i, v in enumerate(values)}

    mean = jackknife(groups, lambda sums: [float(sums.totals[0] / sums.n)])

    assert mean.error[0] == pytest.approx(np.std(values, ddof=1) / np.sqrt(8))
    with pytest.raises(ValueError, match="two groups"):
        jackknife({1: groups[1]}, lambda _: [0.0])


def test_jackknife_intervals_hold_when_a_member_has_several_rows():
    """Overlapping windows: a member's rows share a part the classical errors miss."""
    rng = np.random.default_rng(7)
    members, windows, slope = 200, 4, 0.5
    hits = classical = 0
    runs = 200
    for _ in range(runs):
        habit = rng.normal(0, 1, members)
        shared = rng.normal(0, 2, members)
        x = np.rint(10 * (habit[:, None] + rng.normal(0, 0.5, (members, windows))))
        noise = shared[:, None] + rng.normal(0, 1, (members, windows))
        y = np.rint(100 * (slope * x / 10 + noise))
        groups: dict[int, Sums] = {}
        for member in range(members):
            rows = np.column_stack([x[member], y[member]]).astype(int).tolist()
            sums = Sums.of_rows(rows, 2)
            groups[member % 100] = groups.get(member % 100, Sums.empty(2)) + sums
        estimate = jackknife(groups, slope_in_closed_form)
        truth = slope * 10
        hits += estimate.low[0] <= truth <= estimate.high[0]
        fit = least_squares(total(groups.values()))
        error = fit.standard_errors()[1]
        classical += abs(fit.coefficients[0] - truth) <= 1.96 * error

    assert 0.91 <= hits / runs <= 0.99  # two standard errors around .95
    assert classical / runs < 0.9


def slope_in_closed_form(sums):
    (x, y), ((xx, xy), _) = sums.totals, sums.products
    return [(sums.n * xy - x * y) / (sums.n * xx - x * x)]


def test_a_model_without_news_gains_nothing_over_last_period():
    random_walk = random.Random(3)
    rows = []
    for _ in range(2000):
        last = random_walk.randint(0, 28)
        rows.append(
            (random_walk.randint(0, 9), last, last + random_walk.choice([-2, 2]))
        )
    table, group = np.array(rows), np.arange(2000) % 100
    groups = grouped(table, group)

    gain = gain_over(groups, cross_validate(groups), baseline=[0, 1])

    assert gain.low <= 0 <= gain.high

    table, group = counts(members=2000)
    groups = grouped(table, group)
    gain = gain_over(groups, cross_validate(groups), baseline=[0, 1, 0])
    assert gain.low > 0
