from incentives.models.bounties import Bounty
from incentives.models.points import Award, PointRule
from incentives.models.redemptions import Parcel, Redemption
from incentives.models.rewards import Reward

__all__ = ["Award", "Bounty", "Parcel", "PointRule", "Redemption", "Reward"]
