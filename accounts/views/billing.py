from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts import access, gateways, tasks
from accounts.decorators import active_member_required
from accounts.errors import AlreadyOwned, BadSignature, GatewayDown
from accounts.gateways.test import decide, sign
from accounts.models import MEMBERSHIP, Order
from accounts.services import entitlements, offers, orders, payments

MOST_NOTICE_BYTES = 64 * 1024


@require_safe
def plans(request):
    context = {"plans": offers.plans(), "next": _next(request)}
    if MEMBERSHIP in entitlements.held(request.user):
        context["is_paying"] = True
        context["membership_ends"] = entitlements.membership_ends(request.user)
    return render(request, "accounts/billing/plans.html", context)


@active_member_required
def checkout(request, slug):
    """What is bought, for how much and how; the next step leads to the gateway."""
    offer = access.get_offer_to_buy(slug)
    if request.method == "POST":
        return _to_gateway(request, offer)
    context = {
        "offer": offer,
        "next": _next(request),
        "gateways": gateways.offered(),
        "owned": orders.owns_for_ever(request.user, offer),
        "membership_ends": offer.what in entitlements.held(request.user)
        and offer.what == MEMBERSHIP
        and entitlements.membership_ends(request.user),
    }
    return render(request, "accounts/billing/checkout.html", context)


def _next(request):
    """The page to go on with after paying, if it is one of ours."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours and len(path) <= 200 else ""


def _to_gateway(request, offer):
    try:
        order = orders.place_order(
            member=request.user, offer=offer, return_to=_next(request)
        )
        address = payments.start_payment(
            order=order, gateway_name=request.POST.get("gateway", "")
        )
    except AlreadyOwned:
        messages.info(request, _("You have this already."))
        return redirect("accounts:orders")
    except KeyError:
        return HttpResponseBadRequest()
    except GatewayDown:
        messages.error(
            request,
            _("The payment service does not answer. Nothing was charged; try again."),
        )
        return redirect(offer)
    return redirect(address)


@login_required
def order(request, number):
    """Where the gateway sends the buyer back to, and the receipt ever after."""
    order = access.get_order_to_see(request.user, number)
    if order.state == Order.State.OPEN:
        order = _ask(order)
    return render(request, "accounts/billing/order.html", {"order": order})


def _ask(order):
    """The buyer may be faster than the notice: ask, rather than let them wait."""
    latest = order.payments.first()
    if latest is None or latest.settled_at:
        order.latest_payment = latest
        return order
    try:
        order.latest_payment = payments.ask_about(latest)
    except (GatewayDown, KeyError):
        order.latest_payment = latest
    order.refresh_from_db(fields=["state", "paid_at"])
    return order


@login_required
def my_orders(request):
    context = {"orders": access.orders_of(request.user)}
    return render(request, "accounts/billing/orders.html", context)


@csrf_exempt  # the signature proves the sender
@require_POST
def payment_notice(request, gateway):
    body = request.body
    if len(body) > MOST_NOTICE_BYTES:
        return HttpResponseBadRequest()
    try:
        payments.receive_notice(
            gateway_name=gateway,
            body=body,
            signature=request.headers.get("X-Signature", ""),
        )
    except KeyError:
        return HttpResponseNotFound()
    except BadSignature:
        return HttpResponseBadRequest()
    return HttpResponse("ok", content_type="text/plain")


@active_member_required
def test_charge(request, reference):
    """The test gateway's own page."""
    charge = access.get_test_charge(request.user, reference)
    if request.method != "POST":
        return render(request, "accounts/billing/test_charge.html", {"charge": charge})
    choice = request.POST.get("choice")
    if choice not in {"accept", "decline"}:
        return redirect("accounts:orders")
    charge, notice = decide(charge.reference, accept=choice == "accept")
    for _again in range(2):
        tasks.receive_test_notice.delay_on_commit(notice, sign(notice.encode()))
    if request.POST.get("return") == "no":
        return redirect(reverse("home"))
    return redirect(charge.return_path)
