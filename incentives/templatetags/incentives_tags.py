from django import template
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from community.templatetags.ui import money
from incentives.models import Coupon, CouponCode
from incentives.services import badges, levels
from incentives.services.points import balance

register = template.Library()
Gives, For = Coupon.Gives, Coupon.For


@register.simple_tag
def points_of(member) -> int:
    return balance(member)


@register.inclusion_tag("incentives/_honours.html")
def honours_of(person):
    """What a person has reached here, as everybody may read it."""
    language = get_language()
    return {
        "level": levels.title_of(person, language=language),
        "badges": badges.earned_by(person, language=language),
    }


@register.simple_tag
def coupon_title(coupon: Coupon) -> str:
    return coupon.title_in(get_language() or "")


@register.simple_tag
def coupon_gives(coupon: Coupon) -> str:
    """What it is worth, in a few words."""
    if coupon.gives == Gives.AMOUNT:
        return _("%(money)s off") % {"money": money(coupon.amount, coupon.currency)}
    if coupon.gives == Gives.PERCENT:
        return _("%(percent)d%% off") % {"percent": coupon.percent}
    if coupon.gives == Gives.DAYS:
        days = coupon.days or 0
        return ngettext("%(n)d free day", "%(n)d free days", days) % {"n": days}
    return coupon.partner if coupon.is_partners else _("For nothing")


@register.simple_tag
def coupon_for(coupon: Coupon) -> str:
    """What it can be used for."""
    if not coupon.is_off_the_price:
        return ""
    parts = [_for_what(coupon)]
    if coupon.minimum:
        price = money(coupon.minimum, coupon.currency)
        parts.append(_("from a price of %(price)s on") % {"price": price})
    if coupon.at_most:
        most = money(coupon.at_most, coupon.currency)
        parts.append(_("%(money)s at most") % {"money": most})
    return " · ".join(parts)


def _for_what(coupon: Coupon) -> str:
    if coupon.applies_to == For.OFFERS:
        titles = coupon.offers.values_list("title", flat=True)[:5]
        return _("For %(titles)s") % {"titles": ", ".join(titles)}
    if coupon.applies_to == For.PLANS:
        return _("For plans of the membership")
    if coupon.applies_to == For.KIND:
        return _("For certain things")
    return _("For all that is sold")


@register.simple_tag
def coupon_code(code: CouponCode) -> str:
    """In groups, so that it can be read out; a partner's as they write it."""
    if code.is_partners or code.coupon.codes != Coupon.Codes.SINGLE:
        return code.code
    return "-".join(code.code[at : at + 4] for at in range(0, len(code.code), 4))
