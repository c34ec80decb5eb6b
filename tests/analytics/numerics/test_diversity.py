import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import entropy as scipys_entropy

from analytics.numerics import diversity
from analytics.numerics.diversity import (
    chao_shen,
    effective_number,
    effective_number_of_members,
    effective_number_of_things,
    gini,
    gini_of_members,
    jaccard_distances,
    mean_of,
    quadratic_entropy,
)

counts = st.lists(st.integers(0, 500), min_size=1, max_size=12).filter(any)


def rng():
    return np.random.default_rng(7)


# Effective numbers ------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7])
def test_equal_fields_count_as_many_as_they_are(n):
    assert effective_number(np.full(n, 3)) == pytest.approx(n)


def test_a_half_and_two_quarters_count_as_two_times_root_two():
    assert effective_number(np.array([2, 1, 1])) == pytest.approx(2 * 2**0.5)


@given(counts)
def test_an_effective_number_lies_between_one_and_the_fields_there_are(found):
    value = effective_number(np.array(found))

    assert 1 - 1e-9 <= value <= np.count_nonzero(found) + 1e-9
    assert value == pytest.approx(np.exp(scipys_entropy(found)))
    assert value == pytest.approx(effective_number(np.array(found[::-1])))
    assert value == pytest.approx(effective_number(3 * np.array(found)))


def test_two_catalogues_without_a_field_in_common_double_the_number():
    """Hill's doubling property, for which Jost calls it the true diversity."""
    one = np.array([5, 3, 2])

    twice = effective_number(np.concatenate([one, one]))

    assert twice == pytest.approx(2 * effective_number(one))


def test_what_was_seen_once_speaks_of_what_was_not_seen():
    """By hand: counts 2, 1, 1; half of it seen once, so the coverage is .5."""
    shares = np.array([0.25, 0.125, 0.125])
    by_hand = -(shares * np.log(shares) / (1 - (1 - shares) ** 4)).sum()

    assert chao_shen(np.array([2, 1, 1])) == pytest.approx(by_hand)


def test_where_everything_was_seen_once_it_is_still_a_number():
    assert np.isfinite(chao_shen(np.array([1, 1, 1, 1])))
    assert chao_shen(np.array([1])) == 0


def test_the_corrected_entropy_is_nearer_to_the_truth_than_the_plain_one():
    draws = rng()
    truth = draws.dirichlet(np.full(40, 0.7))
    samples = draws.multinomial(40, truth, size=400)

    off = np.abs(chao_shen(samples).mean() - scipys_entropy(truth))

    plain = np.abs(diversity.entropy(samples).mean() - scipys_entropy(truth))
    assert off < plain / 3


@pytest.mark.parametrize("impossible", [[0, 0], [-1, 2]])
def test_impossible_counts_are_refused(impossible):
    with pytest.raises(ValueError, match="need counts"):
        chao_shen(np.array(impossible))


@pytest.mark.parametrize("n", [30, 200])
def test_intervals_over_things_hold_the_truth(n):
    draws = rng()
    truth = np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])
    right = effective_number(truth)
    found = [
        effective_number_of_things(it, draws)
        for it in draws.multinomial(n, truth, size=200)
    ]

    assert np.mean([it.low <= right <= it.high for it in found]) > 0.9


def test_a_field_that_nothing_came_in_may_still_come():
    found = effective_number_of_things(np.array([25, 0, 0]), rng())

    assert found.value == 1
    assert found.high > 1.1


def test_intervals_over_members_hold_the_truth_though_members_are_alike_in_themselves():
    """Every member opens ten things of mostly one field: 40 members, not 400 draws."""
    draws = rng()
    truth = np.array([0.5, 0.3, 0.2])
    holds = []
    for _ in range(150):
        tastes = draws.dirichlet(2 * truth, size=40)
        opened = np.array([draws.multinomial(10, taste) for taste in tastes])
        found = effective_number_of_members(sparse.csr_matrix(opened), draws)
        holds.append(found.low <= effective_number(truth) <= found.high)

    assert np.mean(holds) > 0.88


def test_what_all_members_pass_over_may_still_be_opened():
    samples = sparse.csr_matrix(np.array([[3, 0]] * 20))

    found = effective_number_of_members(samples, rng())

    assert found.value == 1
    assert found.high > 1.1


def test_a_mean_has_students_interval():
    """By hand: 1, 2, 3 have the mean 2, standard error 1/√3, and t(2) is 4.303."""
    found = mean_of(np.array([1, 2, 3]))

    assert (found.value, found.high) == pytest.approx(
        (2, 2 + 4.3027 / 3**0.5), abs=1e-4
    )
    with pytest.raises(ValueError, match="two"):
        mean_of(np.array([1]))


# Distances --------------------------------------------------------------------------

sets = st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=2, max_size=12)


def matrix(found):
    rows = [[tag in one for tag in range(6)] for one in found]
    return sparse.csr_matrix(np.array(rows, dtype=np.int64))


def test_distances_of_tags_by_hand():
    found = jaccard_distances(matrix([{0, 1}, {1, 2}, {3}]))

    np.testing.assert_allclose(found, [[0, 2 / 3, 1], [2 / 3, 0, 1], [1, 1, 0]])


def test_a_thing_without_tags_is_refused():
    with pytest.raises(ValueError, match="without tags"):
        jaccard_distances(matrix([set(), {1}]))


@given(sets, st.integers(1, 9))
def test_quadratic_entropy_is_the_mean_over_pairs(found, heavier):
    weights = np.ones(len(found))
    weights[0] = heavier
    slow = sum(
        weights[i] * weights[j] * (1 - len(one & other) / len(one | other))
        for i, one in enumerate(found)
        for j, other in enumerate(found)
    )

    value = quadratic_entropy(matrix(found), weights, rng()).value

    assert value == pytest.approx(slow / weights.sum() ** 2)
    assert 0 <= value <= 1 - 1 / len(found) or heavier > 1


@given(counts)
def test_where_all_differ_fully_it_is_simpsons_index(found):
    """Rao 1982: with every distance 1 it is 1 - Σp², which Gini and Simpson knew."""
    found = np.array(found)
    own = sparse.identity(len(found), dtype=np.int64, format="csr")

    value = quadratic_entropy(own, found, rng()).value

    assert value == pytest.approx(1 - ((found / found.sum()) ** 2).sum())


def test_drawn_things_tell_of_all(monkeypatch):
    many = matrix([{n % 6, n % 5} for n in range(300)])
    exact = quadratic_entropy(many, np.ones(300), rng())
    monkeypatch.setattr(diversity, "MOST_ITEMS", 100)

    drawn = quadratic_entropy(many, np.ones(300), rng())

    assert exact.low == exact.high
    assert drawn.low < exact.value < drawn.high


# Unevenness -------------------------------------------------------------------------


def test_ginis_coefficient_by_hand():
    assert gini(np.array([1, 2, 3, 4])) == pytest.approx(0.25)
    assert gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)
    assert gini(np.array([5, 5, 5])) == pytest.approx(0)
    assert gini(np.array([0, 0])) == 0


@given(counts, st.integers(1, 50))
def test_ginis_coefficient_knows_no_unit_and_no_order(found, unit):
    found = np.array(found)
    slow = np.abs(found[:, None] - found[None, :]).mean() / (2 * found.mean())

    assert gini(found) == pytest.approx(slow)
    assert gini(unit * found[::-1]) == pytest.approx(slow)


def test_openings_are_counted_by_the_days_there_were():
    """The new thing was opened as often a day as the old ones."""
    opened = sparse.csr_matrix(np.array([[3, 3, 1]] * 20))

    found = gini_of_members(opened, np.array([90.0, 90.0, 30.0]), rng())

    assert found.value == pytest.approx(0)
    assert 0 <= found.low <= found.high <= 1
