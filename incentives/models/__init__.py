from incentives.models.bounties import Bounty
from incentives.models.budgets import Budget, BudgetPeriod
from incentives.models.grants import Grant, Reversal
from incentives.models.points import Award, PointRule
from incentives.models.redemptions import Parcel, Redemption
from incentives.models.rewards import Reward

__all__ = [
    "Award",
    "Bounty",
    "Budget",
    "BudgetPeriod",
    "Grant",
    "Parcel",
    "PointRule",
    "Redemption",
    "Reversal",
    "Reward",
]
