from incentives.admin import (
    badges,
    bounties,
    budgets,
    campaigns,
    coupons,
    holdouts,
    levels,
    redemptions,
    rewards,
    rules,
)

__all__ = [
    "badges",
    "bounties",
    "budgets",
    "campaigns",
    "coupons",
    "holdouts",
    "levels",
    "redemptions",
    "rewards",
    "rules",
]
