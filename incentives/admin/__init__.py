from incentives.admin import bounties, points, redemptions, rewards

__all__ = ["bounties", "points", "redemptions", "rewards"]
