"""What a reward is, beyond its points: one function for each kind.

Goods are packed later, by people. Called in the transaction that spends the points.
"""

from collections.abc import Callable

from dateutil.relativedelta import relativedelta

from accounts.models import Entitlement
from accounts.services import entitlements, subscriptions
from community.lib.dates import later
from incentives.models import Redemption, Reward
from incentives.services import coupon_codes

Kind = Reward.Kind


def deliver(redemption: Redemption) -> None:
    WAYS[Kind(redemption.reward.kind)](redemption)


def _open(redemption: Redemption) -> None:
    """After what is held of it already, as if it had been bought."""
    member, what = redemption.member, redemption.reward.opens
    days = redemption.reward.days
    starts_at = entitlements.next_start(member, what)
    entitlements.grant(
        member=member,
        what=what,
        source=Entitlement.Source.REWARD,
        starts_at=starts_at,
        ends_at=later(starts_at, relativedelta(days=days)) if days else None,
        reason=redemption.reward.title,
    )
    if days:
        subscriptions.follow_entitlements(member, what)
    else:
        subscriptions.stop_for(member, what)


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
