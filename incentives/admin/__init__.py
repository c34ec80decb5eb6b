from incentives.admin import bounties, campaigns, holdouts, points

__all__ = ["bounties", "campaigns", "holdouts", "points"]
