from incentives.admin import bounties, budgets, rules

__all__ = ["bounties", "budgets", "rules"]
