"""Who gets the last use of a coupon.

    make bench-coupons     or: python -m tests.bench.coupons [--tries 1000] [--json]

Each try is a coupon with one use left. Several members go to pay with it at the same
moment; then the winner's order is given up, while the others want it again. The exit
status is 1 when a round has not exactly one winner, or the count is not right.
"""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.bench.pages import own_database  # sets Django up

# isort: split

from accounts.errors import ReductionGone
from accounts.models import Offer, Order, User
from accounts.reductions import Wish
from accounts.services import orders
from incentives.models import Coupon
from tests.bench.races import MEMBERS, at_once, run, told
from tests.factories.accounts import make_member
from tests.factories.billing import make_offer
from tests.factories.coupons import make_coupon

ALIKE = "one winner each"


def wants(offer: Offer, member: User, wish: Wish):
    def act() -> Order | None:
        try:
            return orders.place_order(member=member, offer=offer, wish=wish)
        except ReductionGone:
            return None

    return act


def do_all(pool: ThreadPoolExecutor, *acts) -> list[Order]:
    """The orders that were made."""
    made = [done.result() for done in [pool.submit(act) for act in acts]]
    return [order for order in made if order]


def one_try(pool: ThreadPoolExecutor, offer: Offer, people: list[User], n: int) -> str:
    coupon = make_coupon(code=f"RACE{n}", most_uses=1)
    wish = Wish(f"race{n}")
    won = do_all(pool, *(wants(offer, member, wish) for member in people))
    if len(won) != 1:
        return f"last use: {len(won)} winners"
    orders.expire(won[0])
    again = do_all(pool, *(wants(offer, member, wish) for member in people))
    if len(again) != 1:
        return f"freed use: {len(again)} winners"
    standing = coupon.uses.filter(state="reserved").count()
    taken = Coupon.objects.get(pk=coupon.pk).taken
    orders.expire(again[0])
    return ALIKE if (standing, taken) == (1, 1) else f"{standing} uses, {taken} counted"


def bench(tries: int) -> dict:
    with own_database():
        offer = make_offer()
        people = [make_member(f"m{number}") for number in range(MEMBERS)]
        begin = time.perf_counter()
        with at_once() as pool:
            outcomes = Counter(
                one_try(pool, offer, people, number) for number in range(tries)
            )
        seconds = time.perf_counter() - begin
    return told(outcomes, alike=ALIKE, seconds=seconds)


if __name__ == "__main__":
    sys.exit(run(bench, __doc__))
