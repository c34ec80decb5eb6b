from incentives.models.bounties import Bounty
from incentives.models.budgets import Budget, BudgetPeriod
from incentives.models.coupons import Coupon, CouponCode, CouponListed, CouponUse
from incentives.models.grants import Grant, Reversal
from incentives.models.points import Award, PointRule
from incentives.models.redemptions import Parcel, Redemption
from incentives.models.rewards import Reward
from incentives.models.tender import PointsPaid, PointsTerms

__all__ = [
    "Award",
    "Bounty",
    "Budget",
    "BudgetPeriod",
    "Coupon",
    "CouponCode",
    "CouponListed",
    "CouponUse",
    "Grant",
    "Parcel",
    "PointRule",
    "PointsPaid",
    "PointsTerms",
    "Redemption",
    "Reversal",
    "Reward",
]
