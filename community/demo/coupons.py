"""What the demo's members find among their coupons."""

from accounts.models import MEMBERSHIP, User
from incentives.models import Coupon, PointsTerms
from incentives.services import coupon_codes


def print_them(operator: User) -> None:
    """One by itself, one with a code, free days for all, and codes of a partner."""
    PointsTerms.objects.create(points=100, worth=100, most_percent=30)
    for_plans = {"gives": Coupon.Gives.PERCENT, "applies_to": Coupon.For.PLANS}
    Coupon.objects.create(
        **for_plans, title="A first period for less", title_zh="首期优惠", percent=10,
        audience=Coupon.Audience.NEW, codes=Coupon.Codes.NONE,
    )  # fmt: skip
    spring = Coupon.objects.create(
        **for_plans, title="Spring", title_zh="春季优惠", percent=20, at_most=10000
    )
    coupon_codes.name_shared(coupon=spring, code="SPRING")
    Coupon.objects.create(
        title="Three days with us", title_zh="免费体验三天", gives=Coupon.Gives.DAYS,
        days=3, opens=MEMBERSHIP, codes=Coupon.Codes.NONE,
    )  # fmt: skip
    tea = Coupon.objects.create(
        title="A pot of tea", title_zh="一壶茶", gives=Coupon.Gives.PARTNER,
        partner="Wild Garden Tea", codes=Coupon.Codes.SINGLE,
    )  # fmt: skip
    codes = [f"TEA-{number:04}" for number in range(1, 101)]
    coupon_codes.take_in(coupon=tea, codes=codes, by=operator)
