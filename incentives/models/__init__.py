from incentives.models.bounties import Bounty
from incentives.models.coupons import Coupon, CouponCode, CouponListed, CouponUse
from incentives.models.points import Award, PointRule
from incentives.models.tender import PointsPaid, PointsTerms

__all__ = [
    "Award",
    "Bounty",
    "Coupon",
    "CouponCode",
    "CouponListed",
    "CouponUse",
    "PointRule",
    "PointsPaid",
    "PointsTerms",
]
