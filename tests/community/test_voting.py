"""Counting ballots."""

from hypothesis import given
from hypothesis import strategies as st

from community.lib.voting import instant_runoff, points_for, votes_for

# https://en.wikipedia.org/wiki/Instant-runoff_voting, the capital of Tennessee:
# Memphis, Nashville, Chattanooga, Knoxville.
TENNESSEE = {
    (1, 2, 3, 4): 42,
    (2, 3, 4, 1): 26,
    (3, 4, 2, 1): 15,
    (4, 3, 2, 1): 17,
}
CHOICES = 4
tallies = st.dictionaries(
    st.permutations(range(1, CHOICES + 1)).flatmap(
        lambda it: st.integers(1, CHOICES).map(lambda most: tuple(it[:most]))
    ),
    st.integers(1, 9),
    max_size=8,
)


def test_published_runoff():
    runoff = instant_runoff(TENNESSEE, CHOICES)

    assert runoff.winners == (4,)
    assert [it.votes for it in runoff.rounds] == [
        (42, 26, 15, 17),
        (42, 26, 0, 32),
        (42, 0, 0, 58),
    ]
    assert [it.out for it in runoff.rounds] == [(3,), (2,), ()]


def test_published_points():
    """https://en.wikipedia.org/wiki/Borda_count, the same election."""
    assert points_for(TENNESSEE, CHOICES) == [126, 194, 173, 107]


def test_ballots_that_name_nobody_any_more_are_told():
    runoff = instant_runoff({(1,): 4, (2,): 3, (3,): 2}, 3)

    assert [it.spent for it in runoff.rounds] == [0, 2]
    assert runoff.winners == (1,)


def test_what_nothing_sets_apart_wins_together():
    assert instant_runoff({(1, 2): 1, (2, 1): 1}, 3).winners == (1, 2)


def test_nobody_wins_without_ballots():
    assert instant_runoff({}, 3).winners == ()


@given(tallies)
def test_a_runoff_ends_and_keeps_every_ballot(tally):
    runoff = instant_runoff(tally, CHOICES)

    cast = sum(tally.values())
    assert all(sum(it.votes) + it.spent == cast for it in runoff.rounds)
    assert bool(runoff.winners) == bool(cast)


@given(tallies)
def test_who_has_more_than_half_of_the_first_places_wins(tally):
    first = votes_for({}, CHOICES)
    for ballot, times in tally.items():
        first[ballot[0] - 1] += times
    majority = [n for n, it in enumerate(first, 1) if 2 * it > sum(first)]

    if majority:
        assert list(instant_runoff(tally, CHOICES).winners) == majority


@given(tallies, st.permutations(range(1, CHOICES + 1)))
def test_the_order_of_the_list_decides_nothing(tally, order):
    renamed = {tuple(order[it - 1] for it in ballot): n for ballot, n in tally.items()}

    winners = {order[it - 1] for it in instant_runoff(tally, CHOICES).winners}

    assert set(instant_runoff(renamed, CHOICES).winners) == winners
