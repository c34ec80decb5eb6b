from incentives.models.bounties import Bounty
from incentives.models.budgets import Budget, BudgetPeriod
from incentives.models.grants import Grant, Reversal
from incentives.models.points import Award, PointRule

__all__ = [
    "Award",
    "Bounty",
    "Budget",
    "BudgetPeriod",
    "Grant",
    "PointRule",
    "Reversal",
]
