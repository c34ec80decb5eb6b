from incentives.admin import bounties, campaigns, holdouts, rules

__all__ = ["bounties", "campaigns", "holdouts", "rules"]
