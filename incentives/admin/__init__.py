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
    suspicions,
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
    "suspicions",
]
