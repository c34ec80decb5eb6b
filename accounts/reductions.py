"""What takes something off the price of an order, and hears what becomes of it.

Incentives has coupons and points; accounts has orders and knows of neither. Incentives
brings a Reducer, orders ask it. It is called with the order locked, in the transaction
that makes, pays, expires or refunds it. Locks are taken in one order everywhere: order,
payment, member, coupons, points, offer, subscription.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Offer, Order, Subscription, User

# Where a visitor's session keeps the code of a link until the checkout.
KEPT_CODE = "coupon code"


@dataclass(frozen=True)
class Wish:
    """What the buyer asks for: a code they have, points they want to give."""

    code: str = ""
    points: int = 0


NO_WISH = Wish()


@dataclass(frozen=True)
class Reduction:
    """One line off the price, in minor units. `ref` numbers what it comes from, `count`
    says how many points."""

    kind: str
    ref: int
    title: str
    amount: int
    count: int = 0


@dataclass(frozen=True)
class Purchase:
    """What is about to be bought, and by whom. `rest` is the price less the credit;
    what `order`, made before and still open, holds counts as free."""

    member: User
    offer: Offer
    kind: str
    rest: int
    subscription: Subscription | None = None
    order: Order | None = None
    wish: Wish = NO_WISH


@dataclass(frozen=True)
class Offered:
    """The lines that apply, in their order; `refusal` says why the code does not.

    So many points could be used (0: none), out of those the buyer has.
    """

    lines: tuple[Reduction, ...] = ()
    refusal: Any = ""  # text, translated when shown
    note: Any = ""
    most_points: int = 0
    points: int = 0
    points_worth: int = 0

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


NOTHING = Offered()


@dataclass
class Reducer:
    """Takes nothing off; who takes something off says so in a subclass."""

    takes_codes: bool = field(default=False)

    def offered(self, purchase: Purchase) -> Offered:
        """What applies now; it holds nothing yet."""
        return NOTHING

    def prepare(
        self, purchase: Purchase, stale: Sequence[Order], lines: Sequence[Reduction]
    ) -> None:
        """Lock what `stale` orders are about to put back and a new one to take."""

    def take(
        self, order: Order, purchase: Purchase, lines: Sequence[Reduction]
    ) -> None:
        """Hold the lines for a new order. Raises ReductionGone."""

    def take_again(self, order: Order) -> None:
        """Money has come for an order given up. Raises ReductionGone."""

    def wish_of(self, order: Order) -> Wish:
        """What its buyer asked for, so that the checkout shows it again."""
        return NO_WISH

    def paid(self, order: Order) -> None:
        """What was held is used."""

    def let_go(self, order: Order) -> None:
        """It was not paid in time: what was held is free again."""

    def given_back(self, order: Order, *, back: int, paid: int) -> None:
        """`back` of what was `paid` has been given back by now; all of it, when they
        are the same. What the buyer's bank took back is not told: it brings nothing."""


_reducers: list[Reducer] = [Reducer()]


def register(reducer: Reducer) -> None:
    _reducers[:] = [reducer]


def current() -> Reducer:
    return _reducers[0]
