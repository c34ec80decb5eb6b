from incentives.admin import bounties, budgets, campaigns, holdouts, rules

__all__ = ["bounties", "budgets", "campaigns", "holdouts", "rules"]
