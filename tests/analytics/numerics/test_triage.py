import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import precision_score

from analytics.numerics.triage import (
    BUCKETS,
    features_of,
    fit,
    judge,
    lowest_threshold,
)

WORDS = ["buy", "now", "cheap", "pills", "加", "微信", "note", "lesson", "笔记", "why"]


def planted(number, rng):
    """Texts of which those with an offer in them are refused, nine times in ten."""
    offers = rng.random(number) < 0.3
    texts = [
        [*rng.choice(WORDS[6:], 6), *(rng.choice(WORDS[:6], 4) if bad else ())]
        for bad in offers
    ]
    return texts, offers ^ (rng.random(number) < 0.05)


def test_it_finds_what_was_planted_in_texts_it_had_not_seen():
    texts, refused = planted(600, np.random.default_rng(1))
    features = features_of(texts)
    model = fit(features[:400], refused[:400], precision=0.8, seed=1)

    judged = judge(model, features[400:], refused[400:])

    assert judged.texts == 200
    assert judged.right / judged.marked > 0.7
    assert judged.right / judged.refused > 0.7


def test_of_noise_it_learns_no_threshold_that_precise():
    rng = np.random.default_rng(2)
    texts = [list(rng.choice(WORDS, 6)) for _ in range(300)]
    refused = rng.random(300) < 0.2
    assert fit(features_of(texts), refused, precision=0.9, seed=1) is None


def test_rows_have_unit_length_and_no_words_make_zeros():
    features = features_of([["a", "b", "a"], [], ["笔记"]])
    assert features.shape == (3, BUCKETS)
    lengths = np.sqrt(features.multiply(features).sum(axis=1)).A1
    np.testing.assert_allclose(lengths, [1, 0, 1])


def test_too_few_of_one_outcome_are_refused():
    refused = np.array([True] * 4 + [False] * 20)
    with pytest.raises(ValueError, match="too few"):
        fit(features_of([["a"]] * 24), refused, precision=0.8, seed=1)


scores = arrays.arrays(float, 30, elements=st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]))


@given(scores, arrays.arrays(bool, 30), st.floats(0.1, 1))
def test_the_threshold_is_the_lowest_that_is_precise_enough(scores, refused, asked):
    found = lowest_threshold(scores, refused, asked, fewest=3)
    precise = [
        it
        for it in np.unique(scores)
        if (scores >= it).sum() >= 3 and precision_score(refused, scores >= it) >= asked
    ]
    assert found == (min(precise) if precise else None)
