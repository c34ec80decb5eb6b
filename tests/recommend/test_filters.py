import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommend.numerics import filters
from recommend.numerics.evaluation import interval, quality


def two_circles(members=20, items=6):
    """Half of the members use the first items, half the last; each misses one."""
    rows = np.zeros((2 * members, 2 * items))
    for n in range(members):
        rows[n, :items] = 1
        rows[n, n % items] = 0
        rows[members + n, items:] = 1
        rows[members + n, items + n % items] = 0
    return sparse.csr_matrix(rows)


def all_top(matrix, k, **options):
    fitted = filters.fit(matrix, **options)
    return np.vstack([top for _, top in filters.top_items(fitted, matrix, k)])


def test_everybody_is_recommended_the_one_item_of_their_circle_they_miss():
    matrix = two_circles()

    top = all_top(matrix, 1).ravel()

    missing = [n % 6 for n in range(20)] + [6 + n % 6 for n in range(20)]
    np.testing.assert_array_equal(top, missing)


def slow_scores(matrix, weight, rank):
    """GF-CF as the paper writes it, with dense matrices and a full SVD."""
    matrix = matrix.toarray()
    of_member = np.sqrt(np.maximum(matrix.sum(axis=1), 1e-12))
    of_item = np.sqrt(np.where(matrix.sum(axis=0) > 0, matrix.sum(axis=0), 1))
    normal = matrix / of_member[:, None] / of_item[None, :]
    _, _, directions = np.linalg.svd(normal, full_matrices=False)
    basis = directions[:rank].T
    smooth = (matrix / of_item) @ basis @ basis.T * of_item
    return matrix @ normal.T @ normal + weight * smooth


def test_the_fast_scores_are_those_of_the_readable_ones():
    rng = np.random.default_rng(3)
    matrix = sparse.csr_matrix(rng.poisson(0.4, size=(40, 15)).astype(float) + 0)
    matrix = matrix[np.asarray(matrix.sum(axis=1)).ravel() > 0]

    fitted = filters.fit(matrix, rank=14, spectral_weight=0.3)

    expected = slow_scores(matrix, 0.3, 14)
    np.testing.assert_allclose(fitted.scores(matrix), expected, rtol=2e-3, atol=2e-4)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_any_matrix_gives_lists_without_repeats_and_without_the_known(seed):
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 30, size=2)
    matrix = sparse.csr_matrix((rng.random(shape) < 0.2) * rng.random(shape))

    top = all_top(matrix, 5)

    for n, row in enumerate(top):
        shown = row[row >= 0].tolist()
        assert len(shown) == len(set(shown))
        assert not set(shown) & set(matrix[n].indices)


def test_blocks_do_not_change_the_lists(monkeypatch):
    rng = np.random.default_rng(5)
    matrix = sparse.csr_matrix(rng.random((70, 20)) < 0.2, dtype=float)
    whole = all_top(matrix, 5)
    monkeypatch.setattr(filters, "BLOCK", 7)

    np.testing.assert_array_equal(all_top(matrix, 5), whole)


def test_neighbours_are_the_items_of_the_same_circle():
    near, how = filters.neighbours(filters.fit(two_circles()), 3)

    assert (near[:6] < 6).all()
    assert (near[6:] >= 6).all()
    assert (np.diff(how, axis=1) <= 0).all()


def test_a_reason_is_something_the_member_knows_and_near():
    matrix = two_circles()
    fitted = filters.fit(matrix)
    top = np.vstack([block for _, block in filters.top_items(fitted, matrix, 1)])

    why = filters.reasons(matrix, top, *filters.neighbours(fitted, 5))

    for n in range(matrix.shape[0]):
        assert why[n, 0] in matrix[n].indices


def test_popularity_counts_weights_and_leaves_out_the_unused():
    matrix = sparse.csr_matrix([[1, 0, 0, 3], [1, 0, 0.5, 0]])

    np.testing.assert_array_equal(filters.popularity(matrix), [3, 0, 2])


def test_nothing_and_nonsense():
    empty = sparse.csr_matrix((3, 4))
    assert (all_top(empty, 2) == -1).all()
    with pytest.raises(ValueError, match="negative"):
        filters.fit(sparse.csr_matrix([[-1.0]]))


def test_quality_by_hand():
    recommended = np.array([[2, 0, 1], [0, 1, 2], [1, 2, 0]])
    later = sparse.csr_matrix([[1, 0, 0], [1, 1, 0], [0, 0, 0]])

    found = quality(recommended, later)

    np.testing.assert_allclose(found.recall, [1, 1])
    np.testing.assert_allclose(found.ndcg, [1 / np.log2(3), 1])
    assert found.coverage == 1


def test_the_bootstrap_interval_covers():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        low, _, high = interval(rng.normal(size=80), draws=300)
        covered += low <= 0 <= high
    assert 0.88 <= covered / 200 <= 0.99
