from incentives.models.badges import Badge, BadgeHolder
from incentives.models.bounties import Bounty
from incentives.models.budgets import (
    Budget,
    BudgetPeriod,
)
from incentives.models.campaigns import (
    Campaign,
    CampaignMember,
    CampaignRule,
)
from incentives.models.coupons import (
    Coupon,
    CouponCode,
    CouponListed,
    CouponUse,
)
from incentives.models.grants import (
    Grant,
    Reversal,
)
from incentives.models.holdouts import (
    Exposure,
    HoldOut,
)
from incentives.models.levels import (
    Ladder,
    Level,
    LevelChange,
    Standing,
)
from incentives.models.points import Award, PointRule
from incentives.models.rankings import (
    OutOfRankings,
)
from incentives.models.redemptions import (
    Parcel,
    Redemption,
)
from incentives.models.rewards import (
    Reward,
)
from incentives.models.suspicions import Suspicion
from incentives.models.tallies import (
    Tallied,
    Tally,
)
from incentives.models.tender import (
    PointsPaid,
    PointsTerms,
)

__all__ = [
    "Award",
    "Badge",
    "BadgeHolder",
    "Bounty",
    "Budget",
    "BudgetPeriod",
    "Campaign",
    "CampaignMember",
    "CampaignRule",
    "Coupon",
    "CouponCode",
    "CouponListed",
    "CouponUse",
    "Exposure",
    "Grant",
    "HoldOut",
    "Ladder",
    "Level",
    "LevelChange",
    "OutOfRankings",
    "Parcel",
    "PointRule",
    "PointsPaid",
    "PointsTerms",
    "Redemption",
    "Reversal",
    "Reward",
    "Standing",
    "Suspicion",
    "Tallied",
    "Tally",
]
