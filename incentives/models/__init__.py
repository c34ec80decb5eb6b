from incentives.models.bounties import Bounty
from incentives.models.budgets import Budget, BudgetPeriod
from incentives.models.campaigns import Campaign, CampaignMember, CampaignRule
from incentives.models.grants import Grant, Reversal
from incentives.models.holdouts import Exposure, HoldOut
from incentives.models.points import Award, PointRule

__all__ = [
    "Award",
    "Bounty",
    "Budget",
    "BudgetPeriod",
    "Campaign",
    "CampaignMember",
    "CampaignRule",
    "Exposure",
    "Grant",
    "HoldOut",
    "PointRule",
    "Reversal",
]
