from incentives.admin import bounties, coupons, points

__all__ = ["bounties", "coupons", "points"]
