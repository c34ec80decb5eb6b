from incentives.admin import bounties, rules

__all__ = ["bounties", "rules"]
