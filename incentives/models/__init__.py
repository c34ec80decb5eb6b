from incentives.models.badges import Badge, BadgeHolder
from incentives.models.bounties import Bounty
from incentives.models.budgets import (
    Budget,
    BudgetPeriod,
)
from incentives.models.grants import (
    Grant,
    Reversal,
)
from incentives.models.levels import (
    Ladder,
    Level,
    LevelChange,
    Standing,
)
from incentives.models.points import Award, PointRule
from incentives.models.rankings import OutOfRankings
from incentives.models.tallies import Tallied, Tally

__all__ = [
    "Award",
    "Badge",
    "BadgeHolder",
    "Bounty",
    "Budget",
    "BudgetPeriod",
    "Grant",
    "Ladder",
    "Level",
    "LevelChange",
    "OutOfRankings",
    "PointRule",
    "Reversal",
    "Standing",
    "Tallied",
    "Tally",
]
