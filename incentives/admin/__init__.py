from incentives.admin import (
    badges,
    bounties,
    budgets,
    coupons,
    levels,
    rules,
)

__all__ = [
    "badges",
    "bounties",
    "budgets",
    "coupons",
    "levels",
    "rules",
]
