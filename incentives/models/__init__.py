from incentives.models.bounties import Bounty
from incentives.models.campaigns import Campaign, CampaignMember, CampaignRule
from incentives.models.holdouts import Exposure, HoldOut
from incentives.models.points import Award, PointRule

__all__ = [
    "Award",
    "Bounty",
    "Campaign",
    "CampaignMember",
    "CampaignRule",
    "Exposure",
    "HoldOut",
    "PointRule",
]
