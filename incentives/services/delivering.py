"""What a reward is, beyond its points: one function for each kind.

Goods are packed later, by people. Called in the transaction that spends the points.
"""

from collections.abc import Callable

from dateutil.relativedelta import relativedelta

from accounts.models import Entitlement
from accounts.services import subscriptions
from incentives.models import Redemption, Reward
from incentives.services import coupon_codes

Kind = Reward.Kind


def deliver(redemption: Redemption) -> None:
    WAYS[Kind(redemption.reward.kind)](redemption)


def _open(redemption: Redemption) -> None:
    """As if it had been bought."""
    reward = redemption.reward
    subscriptions.open_next(
        member=redemption.member,
        what=reward.opens,
        source=Entitlement.Source.REWARD,
        term=relativedelta(days=reward.days) if reward.days else None,
        reason=reward.title,
    )


def _hand_coupon(redemption: Redemption) -> None:
    coupon = redemption.reward.coupon
    if coupon is None:  # the database does not let it be
        raise ValueError("a reward of a coupon names it")
    coupon_codes.give(coupon=coupon, member=redemption.member, key=redemption.key)


def _leave(redemption: Redemption) -> None:
    """Goods wait on a picking list; a donation is where its points went."""


WAYS: dict[Kind, Callable[[Redemption], None]] = {
    Kind.DAYS: _open,
    Kind.KEY: _open,
    Kind.COUPON: _hand_coupon,
    Kind.GOODS: _leave,
    Kind.DONATION: _leave,
}
