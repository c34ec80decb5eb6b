from incentives.admin import (
    badges,
    bounties,
    budgets,
    coupons,
    levels,
    redemptions,
    rewards,
    rules,
)

__all__ = [
    "badges",
    "bounties",
    "budgets",
    "coupons",
    "levels",
    "redemptions",
    "rewards",
    "rules",
]
