"""Who has won: counting ballots, without knowing whose they are.

A ballot names its choices by their numbers from 1, the best first; a tally says how
often each ballot was cast.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Ballot = tuple[int, ...]
Tally = Mapping[Ballot, int]


def votes_for(tally: Tally, choices: int) -> list[int]:
    """How many ballots name each choice, at whatever place."""
    votes = [0] * choices
    for ballot, times in tally.items():
        for choice in ballot:
            votes[choice - 1] += times
    return votes


def points_for(tally: Tally, choices: int) -> list[int]:
    """Borda's points: of five choices the first gets four, the second three; one that
    a ballot leaves out gets none from it.

    J.-C. de Borda, "Mémoire sur les élections au scrutin", 1781.
    """
    points = [0] * choices
    for ballot, times in tally.items():
        for place, choice in enumerate(ballot, start=1):
            points[choice - 1] += times * (choices - place)
    return points


@dataclass(frozen=True)
class Round:
    """Votes of each choice still in; 0 for who is out. `spent` ballots name nobody
    who is still in."""

    votes: tuple[int, ...]
    spent: int
    out: tuple[int, ...]


@dataclass(frozen=True)
class Runoff:
    rounds: tuple[Round, ...]
    winners: tuple[int, ...]  # several where nothing sets them apart


def instant_runoff(tally: Tally, choices: int) -> Runoff:
    """Each ballot counts for the best of its choices that is still in; the one with the
    fewest goes out, until one has more than half.

    Of equal ones the one with fewer of Borda's points goes. Equal in both, all of them
    go, and where that is everybody they win together: nothing but the ballots decides,
    not the order of the list. Cost O(choices² · ballots).

    Also known as the alternative vote: W. R. Ware, 1871.
    """
    points = points_for(tally, choices)
    left = set(range(1, choices + 1))
    rounds: list[Round] = []
    if not any(tally.values()):
        return Runoff((), ())
    while True:
        votes, spent = _first_of(tally, left, choices)
        leader = max(left, key=lambda it: votes[it - 1])
        if 2 * votes[leader - 1] > sum(votes):
            rounds.append(Round(tuple(votes), spent, ()))
            return Runoff(tuple(rounds), (leader,))
        out = _weakest(left, votes, points)
        if out == left:
            rounds.append(Round(tuple(votes), spent, ()))
            return Runoff(tuple(rounds), tuple(sorted(left)))
        rounds.append(Round(tuple(votes), spent, tuple(sorted(out))))
        left -= out


def _first_of(tally: Tally, left: set[int], choices: int) -> tuple[list[int], int]:
    votes, spent = [0] * choices, 0
    for ballot, times in tally.items():
        first = next((choice for choice in ballot if choice in left), None)
        if first is None:
            spent += times
        else:
            votes[first - 1] += times
    return votes, spent


def _weakest(left: set[int], votes: list[int], points: list[int]) -> set[int]:
    def strength(choice: int) -> tuple[int, int]:
        return votes[choice - 1], points[choice - 1]

    least = min(strength(choice) for choice in left)
    return {choice for choice in left if strength(choice) == least}
