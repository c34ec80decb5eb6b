from incentives.models.bounties import Bounty
from incentives.models.points import Award, PointRule

__all__ = ["Award", "Bounty", "PointRule"]
