from incentives.models import Coupon, PointsTerms
from incentives.services import coupon_codes


def make_coupon(code="SPRING", **fields) -> Coupon:
    """Ten yuan off whatever is bought, by one code for all."""
    fields.setdefault("title", "Spring")
    fields.setdefault("gives", "amount")
    if fields["gives"] == "amount":
        fields.setdefault("amount", 1000)
    coupon = Coupon.objects.create(**fields)
    if coupon.codes == Coupon.Codes.SHARED:
        coupon_codes.name_shared(coupon=coupon, code=code)
    return coupon


def make_automatic(**fields) -> Coupon:
    return make_coupon(codes="none", **fields)


def make_terms(**fields) -> PointsTerms:
    """A hundred points for a yuan, up to half of the price."""
    return PointsTerms.objects.create(**{"points": 100, "worth": 100} | fields)
