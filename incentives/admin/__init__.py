from incentives.admin import bounties, points

__all__ = ["bounties", "points"]
