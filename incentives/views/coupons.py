from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from accounts.errors import AlreadyOwned, ReductionGone, TooManyTries, UnknownCode
from accounts.reductions import KEPT_CODE
from accounts.views.limits import TOO_MANY_TRIES, count_try
from incentives import access
from incentives.errors import NoCodeLeft
from incentives.forms.coupons import CodeForm
from incentives.services import coupon_codes, coupon_rules, coupon_shelf
from incentives.services.coupons import redeem


@login_required
@require_safe
def coupons(request):
    return _show(request, CodeForm(initial={"code": request.session.get(KEPT_CODE)}))


def _show(request, form):
    context = {
        "shelf": coupon_shelf.of(request.user),
        "form": form,
        "language": get_language(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "incentives/coupons.html", context, status=status)


@active_member_required
@require_POST
def coupon_enter(request):
    """A code is used at once where nothing is to be bought, else kept for that."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            count_try(request)
            return _use(request, form.cleaned_data["code"])
        except TooManyTries:
            form.add_error("code", TOO_MANY_TRIES)
        except UnknownCode:
            form.add_error("code", coupon_rules.UNKNOWN)
        except ReductionGone as refusal:
            form.add_error("code", refusal.args[0])
        except AlreadyOwned:
            form.add_error("code", _("You have what it opens already."))
    return _show(request, form)


def _use(request, typed):
    code = coupon_rules.find(typed, request.user)
    if code is None:
        raise UnknownCode
    if code.coupon.is_off_the_price:
        if refusal := coupon_rules.why_not_now(code.coupon, request.user):
            raise ReductionGone(refusal)
        request.session[KEPT_CODE] = typed
        messages.success(request, _("Kept: it is taken off when you buy something."))
        return redirect(_where_it_counts(code.coupon))
    redeem(member=request.user, coupon=code.coupon, code=code)
    request.session.pop(KEPT_CODE, None)
    messages.success(request, _("It is open. Enjoy it!"))
    return redirect("incentives:coupons")


def _where_it_counts(coupon):
    """The checkout itself, where it is for one thing only."""
    return coupon_rules.only_offer(coupon) or "accounts:plans"


@active_member_required
@require_POST
def coupon_take(request, pk):
    """One that needs no code: free days, or a partner's code."""
    coupon = access.get_coupon_to_take(request.user, pk)
    try:
        if coupon.is_partners:
            coupon_codes.hand_out(coupon=coupon, member=request.user)
            messages.success(request, _("Here is your code."))
        else:
            redeem(member=request.user, coupon=coupon)
            messages.success(request, _("It is open. Enjoy it!"))
    except NoCodeLeft:
        messages.error(request, _("All codes are handed out."))
    except ReductionGone as refusal:
        messages.error(request, refusal.args[0])
    except AlreadyOwned:
        messages.info(request, _("You have what it opens already."))
    return redirect("incentives:coupons")


@require_safe
def coupon_link(request, code):
    """What a link on a poster or in a mail brings; looked at when it is used, so that
    nobody can try codes here."""
    request.session[KEPT_CODE] = code[:60]
    if request.user.is_authenticated:
        return redirect("incentives:coupons")
    messages.info(request, _("Your coupon is kept until you buy something."))
    return redirect("accounts:plans")
