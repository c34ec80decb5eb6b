from incentives.admin import (
    bounties,
    budgets,
    coupons,
    points,
    redemptions,
    rewards,
)

__all__ = ["bounties", "budgets", "coupons", "points", "redemptions", "rewards"]
