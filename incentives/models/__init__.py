from incentives.models.badges import Badge, BadgeHolder
from incentives.models.bounties import Bounty
from incentives.models.levels import Ladder, Level, LevelChange, Standing
from incentives.models.points import Award, PointRule
from incentives.models.rankings import OutOfRankings
from incentives.models.tallies import Tallied, Tally

__all__ = [
    "Award",
    "Badge",
    "BadgeHolder",
    "Bounty",
    "Ladder",
    "Level",
    "LevelChange",
    "OutOfRankings",
    "PointRule",
    "Standing",
    "Tallied",
    "Tally",
]
