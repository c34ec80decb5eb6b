from incentives.admin import bounties, budgets, points

__all__ = ["bounties", "budgets", "points"]
