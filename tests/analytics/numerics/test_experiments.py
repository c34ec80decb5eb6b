import math

import numpy as np
import pytest

from analytics.numerics import experiments
from analytics.numerics.experiments import Effect, arm, cuped, difference

RUNS = 1000
# 95 % of 1,000 honest runs lie in it: 1.96 * sqrt(.05 * .95 / 1000).
ALARMS = pytest.approx(0.05, abs=0.014)


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def visits(rng, members=2000):
    """Active days of 28 before and after, as people are: some often, most seldom."""
    habit = rng.beta(0.6, 1.8, members)
    before = rng.binomial(28, habit).astype(float)
    after = rng.binomial(28, habit).astype(float)
    return after, before


def trials(rng, effect=0.0, held_out=0.2, runs=RUNS):
    """Each with members of its own."""
    for _ in range(runs):
        after, before = visits(rng)
        out = rng.random(len(after)) < held_out
        after[~out] += effect
        yield arm(after[~out], before[~out]), arm(after[out], before[out])


def test_one_trial_in_twenty_finds_what_is_not_there(rng):
    found = [(difference(*it), cuped(*it)) for it in trials(rng)]

    for effects in zip(*found, strict=True):
        alarms = [not low <= 0 <= high for low, high in map(Effect.interval, effects)]
        assert np.mean(alarms) == ALARMS


@pytest.mark.parametrize("effect", [0.5, 2.0])
def test_nineteen_intervals_in_twenty_hold_the_planted_effect(rng, effect):
    found = [(difference(*it), cuped(*it)) for it in trials(rng, effect)]

    for effects in zip(*found, strict=True):
        intervals = map(Effect.interval, effects)
        covered = np.mean([low <= effect <= high for low, high in intervals])
        assert 0.93 <= covered <= 0.97
        assert np.mean([it.estimate for it in effects]) == pytest.approx(
            effect, abs=0.05
        )


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.9])
def test_what_was_known_before_narrows_the_interval_as_it_should(rng, rho):
    x = rng.normal(size=40_000)
    y = rho * x + math.sqrt(1 - rho * rho) * rng.normal(size=len(x))
    out = rng.random(len(x)) < 0.3
    groups = arm(y[~out], x[~out]), arm(y[out], x[out])

    narrowed = math.sqrt(cuped(*groups).variance / difference(*groups).variance)

    assert narrowed == pytest.approx(math.sqrt(1 - rho * rho), rel=0.05)
    assert experiments.correlation(*groups) == pytest.approx(rho, abs=0.02)


def test_looking_every_day_for_28_days_does_not_find_what_is_not_there(rng):
    """And the usual interval does: that is why it is not shown before the end."""
    runs, looks, a_look = RUNS, 28, 60
    treated = rng.normal(size=(runs, looks, a_look)).sum(axis=2).cumsum(axis=1)
    control = rng.normal(size=(runs, looks, a_look)).sum(axis=2).cumsum(axis=1)
    n = a_look * np.arange(1, looks + 1)
    estimates = (treated - control) / n
    smallest = experiments.smallest_detectable(2 * n[-1], 0.5, 1.0)

    always, usual = (
        np.mean([_alarm(row, n, smallest, kind) for row in estimates])
        for kind in ("always", "usual")
    )

    assert always <= 0.05
    assert usual > 0.15


def _alarm(estimates, n, smallest, kind):
    for estimate, members in zip(estimates, n, strict=True):
        effect = Effect(estimate, 2 / members)
        low, high = (
            effect.always_valid(smallest) if kind == "always" else effect.interval()
        )
        if not low <= 0 <= high:
            return True
    return False


def test_looking_often_costs_some_width_and_no_more(rng):
    """At the planned size about half as wide again as the usual interval."""
    smallest = experiments.smallest_detectable(2000, 0.5, 1.0)
    effect = Effect(0.0, 4 / 2000)

    usual, always = effect.interval()[1], effect.always_valid(smallest)[1]

    assert 1.3 < always / usual < 1.7


def test_the_sample_size_is_that_of_the_tables():
    """Cohen (1988), table 2.4.1: d = .5 and .2 at power .80 want 64 and 393 in each
    group by the t distribution, one less by the normal."""
    assert experiments.members_needed(0.5, 0.5, 1.0) == 2 * 63
    assert experiments.members_needed(0.2, 0.5, 1.0) == pytest.approx(2 * 392.5, abs=1)


def test_size_and_smallest_effect_are_the_same_sentence():
    members = experiments.members_needed(0.4, 0.1, 3.0, 0.6)

    smallest = experiments.smallest_detectable(members, 0.1, 3.0, 0.6)

    assert smallest == pytest.approx(0.4, rel=0.001)


def test_four_trials_in_five_find_the_smallest_detectable_effect(rng):
    samples = [difference(*it) for it in trials(rng, runs=100)]
    spread = math.sqrt(np.mean([it.variance for it in samples]) * 2000 * 0.2 * 0.8)
    smallest = experiments.smallest_detectable(2000, 0.2, spread)

    found = [difference(*it).interval() for it in trials(rng, smallest, runs=500)]

    assert np.mean([low > 0 for low, _ in found]) == pytest.approx(0.8, abs=0.06)


def test_the_ratio_of_a_published_mismatch_is_as_unlikely_as_they_say():
    """Kohavi, Tang, Xu, Trustworthy Online Controlled Experiments (2020), chapter 3:
    821,588 and 815,482 where half and half was set, p = 1.8e-6."""
    assert experiments.ratio_p(815_482, 821_588, 0.5) == pytest.approx(1.8e-6, rel=0.03)


def test_a_fair_ratio_is_let_through():
    assert experiments.ratio_p(802, 198, 0.2) > 0.5
    assert experiments.ratio_p(0, 0, 0.2) == 1


def test_dealing_the_same_members_a_thousand_times_is_honest(rng):
    after, before = visits(rng)

    found = experiments.replay_nothing(after, before, 0.2, rng)

    assert (found.runs, found.is_honest) == (1000, True)
    assert found.share == ALARMS


def test_too_many_alarms_are_not_honest():
    assert not experiments.FalseAlarms(1000, 68).is_honest
    assert experiments.FalseAlarms(1000, 67).is_honest


def test_groups_in_which_nobody_differs_have_an_effect_of_nothing():
    same = arm(np.full(60, 3.0), np.full(60, 2.0))

    assert cuped(same, same) == Effect(0, 0)
    assert cuped(same, same).always_valid(1.0) == (0, 0)
    assert experiments.correlation(same, same) == 0
