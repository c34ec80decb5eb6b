import numpy as np
import pytest

from analytics.numerics.matching import (
    Pairs,
    balance,
    difference,
    effect,
    log_odds,
    match,
    mean,
)

HISTORIES = 120  # of 120 intervals that hold 95 %, one in a thousand holds under 88 %


def history(rng, true, *, members=500, hidden=0.0, events=1, faithful=0.0):
    """Members whose habit makes them come and makes them active afterwards.

    `true` active days more go with coming. With `hidden`, something that was not
    measured before does the same as habit; with `faithful`, mostly the same
    come to every event, for no reason that matters afterwards.
    """
    habit, level = rng.normal(size=members), rng.normal(size=members)
    unseen = rng.normal(size=members)
    lasting = rng.normal(size=members)  # a member's own, after every event
    taste = rng.normal(size=members)
    rows = []
    for event in range(events):
        odds = -1.4 + 0.9 * habit + 0.5 * level + hidden * unseen + faithful * taste
        came = rng.random(members) < 1 / (1 + np.exp(-odds))
        shared = 6 + 2 * habit + level + hidden * unseen + lasting
        after = shared + true * came + rng.normal(size=members)
        before = shared + rng.normal(size=members)
        rows.append((np.full(members, event), np.arange(members), came, after, before))
    strata, who, came, after, before = (
        np.concatenate(part) for part in zip(*rows, strict=True)
    )
    covariates = np.tile(np.column_stack([habit, level]), (events, 1))
    return strata, who, came, after, before, covariates


def matched(strata, came, covariates):
    return match(strata, came, log_odds(came, covariates))


def holds(found, value):
    return found.low <= value <= found.high


@pytest.mark.parametrize("true", [0.0, 0.5])
def test_the_interval_holds_the_truth_where_the_plain_difference_does_not(true):
    rng = np.random.default_rng(1)
    ours, plain, placebo = [], [], []
    for _ in range(HISTORIES):
        strata, who, came, after, before, covariates = history(rng, true)
        pairs = matched(strata, came, covariates)
        ours.append(holds(effect(pairs, after, covariates, who), true))
        placebo.append(holds(effect(pairs, before, covariates, who), 0))
        plain.append(holds(difference(after[came], after[~came]), true))

    assert 0.88 <= np.mean(ours) <= 0.995
    assert np.mean(placebo) >= 0.88
    assert np.mean(plain) < 0.05


def test_members_who_stand_in_many_pairs_do_not_make_it_too_sure():
    rng = np.random.default_rng(2)
    ours, as_if_strangers = [], []
    for _ in range(HISTORIES):
        strata, who, came, after, _before, covariates = history(
            rng, 0.5, members=120, events=8, faithful=4
        )
        pairs = matched(strata, came, covariates)
        ours.append(holds(effect(pairs, after, covariates, who), 0.5))
        strangers = np.arange(len(who))
        as_if_strangers.append(holds(effect(pairs, after, covariates, strangers), 0.5))

    assert np.mean(ours) >= 0.88
    assert np.mean(as_if_strangers) < np.mean(ours) - 0.1


def test_the_placebo_finds_what_was_not_measured():
    """What the members were before cannot come from the event: where it differs, so may
    what they are after."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(30):
        strata, who, came, _after, before, covariates = history(
            rng, 0.0, members=1500, hidden=0.8
        )
        pairs = matched(strata, came, covariates)
        found.append(holds(effect(pairs, before, covariates, who), 0))

    assert np.mean(found) < 0.1


def test_matching_makes_the_groups_alike():
    strata, _who, came, _after, _before, covariates = history(
        np.random.default_rng(4), 0, members=2000
    )
    pairs = matched(strata, came, covariates)

    before, after = balance(covariates, came, pairs)

    assert before[0] > 0.7
    assert np.all(np.abs(after) < 0.1)


def test_each_is_matched_once_within_the_stratum_and_the_calliper():
    strata = np.array([0, 0, 0, 0, 1, 1])
    came = np.array([True, True, False, False, True, False])
    odds = np.array([1.0, 1.01, 1.02, 9.0, 1.0, 1.0])

    pairs = match(strata, came, odds)

    # Row 1 was likelier than row 0 and has the one near; who is left has none.
    assert pairs.came.tolist() == [1, 4]
    assert pairs.other.tolist() == [2, 5]


def test_nobody_like_them_is_no_pair():
    pairs = match(np.zeros(2, int), np.array([True, False]), np.array([0.0, 5.0]))

    assert len(pairs) == 0


def test_a_covariate_that_is_the_same_for_all_changes_nothing():
    strata, who, came, after, _before, covariates = history(
        np.random.default_rng(6), 0.5
    )
    wider = np.column_stack([covariates, np.ones(len(who))])
    pairs = matched(strata, came, covariates)

    ours, same = (effect(pairs, after, it, who) for it in (covariates, wider))

    assert matched(strata, came, wider).other.tolist() == pairs.other.tolist()
    assert (same.value, same.low) == pytest.approx((ours.value, ours.low))
    assert balance(wider, came, pairs)[1][2] == 0


def test_what_cannot_be_told_is_refused():
    two = np.array([1.0, 2.0])
    with pytest.raises(ValueError, match="some who came"):
        log_odds(np.array([True, True]), np.zeros((2, 1)))
    with pytest.raises(ValueError, match="more pairs"):
        effect(Pairs(np.array([0]), np.array([1])), two, two[:, None], np.arange(2))
    with pytest.raises(ValueError, match="two of each"):
        difference(two[:1], two)
    with pytest.raises(ValueError, match="two values"):
        mean(two[:1])


def test_the_intervals_of_means_are_those_of_the_textbook():
    """Student, Biometrika 6 (1908) 1-25: hours of sleep gained by ten patients. The
    numbers are those that R's t.test prints for its data set `sleep`."""
    one = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    two = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])

    apart, paired = difference(one, two), mean(one - two)

    assert (apart.low, apart.high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-6)
    assert (paired.low, paired.high) == pytest.approx(
        (-2.4598858, -0.7001142), abs=1e-6
    )
