from incentives.admin import bounties, budgets, coupons, points

__all__ = ["bounties", "budgets", "coupons", "points"]
