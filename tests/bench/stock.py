"""Who gets the last piece of a reward, when several want it at once.

    make bench-stock       or: python -m tests.bench.stock [--tries 1000] [--json]

Each try is a reward of which one is left. One member must have it and have paid, the
others must have kept their points. Then it comes back while as many want it: the
points come back once, and whoever has it then is one. The exit status is 1 when a try
went otherwise.
"""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tests.bench.pages import own_database  # sets Django up

# isort: split

from accounts.errors import SoldOut
from accounts.models import User
from accounts.services import ledger
from incentives.models import Redemption, Reward
from incentives.services import redemptions
from incentives.services.points import balance
from tests.bench.races import MEMBERS, at_once, run, told
from tests.factories.accounts import make_member
from tests.factories.paid_questions import give_points
from tests.factories.rewards import make_goods, redeem

ALIKE = "one winner each"
PRICE = 1


def wants(reward: Reward, member: User):
    def want() -> None:
        with suppress(SoldOut):
            redeem(member, reward)

    return want


def do_all(pool: ThreadPoolExecutor, *acts) -> None:
    for done in [pool.submit(act) for act in acts]:
        done.result()


def one_try(pool: ThreadPoolExecutor, people: list[User]) -> str:
    reward = make_goods(points=PRICE, stock=1)
    before = sum(balance(member) for member in people)
    do_all(pool, *(wants(reward, member) for member in people))
    if said := _wrong(reward, people, before):
        return f"last piece: {said}"
    first = reward.redemptions.get()
    do_all(
        pool,
        lambda: redemptions.call_off(redemption=first),
        *(wants(reward, member) for member in people if member != first.member),
    )
    said = _wrong(reward, people, before)
    return f"freed piece: {said}" if said else ALIKE


def _wrong(reward: Reward, people: list[User], before: int) -> str:
    """Taken and left are one, and each that is taken is paid for."""
    taken = reward.redemptions.exclude(state__in=Redemption.GIVEN_BACK).count()
    reward.refresh_from_db()
    paid = before - sum(balance(member) for member in people)
    if taken + (reward.stock or 0) != 1:
        return f"{taken} winners, {reward.stock} left"
    return "" if paid == taken * PRICE else f"{paid} paid for {taken}"


def bench(tries: int) -> dict:
    with own_database():
        people = [make_member(f"m{number}") for number in range(MEMBERS)]
        for member in people:
            give_points(member, 2 * tries)
        begin = time.perf_counter()
        with at_once() as pool:
            outcomes = Counter(one_try(pool, people) for _ in range(tries))
        if ledger.check():
            outcomes["the ledger is not in order"] += 1
        seconds = time.perf_counter() - begin
    return told(outcomes, alike=ALIKE, seconds=seconds)


if __name__ == "__main__":
    sys.exit(run(bench, __doc__))
