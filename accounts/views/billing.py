from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts import access, gateways, reductions, tasks
from accounts.decorators import active_account_required
from accounts.errors import (
    AlreadyOwned,
    BadSignature,
    GatewayDown,
    HoldsTooMany,
    NotNow,
    PriceChanged,
    ReductionGone,
    SoldOut,
    TooManyTries,
)
from accounts.forms.billing import RefundRequestForm, WishForm
from accounts.gateways.test import decide, notice_about, sign
from accounts.models import MEMBERSHIP, Order
from accounts.papers import as_pdf, facts
from accounts.reductions import KEPT_CODE, NO_WISH, Wish
from accounts.services import (
    entitlements,
    offers,
    orders,
    payments,
    refund_requests,
    subscriptions,
)
from accounts.views.limits import TOO_MANY_TRIES, count_look
from accounts.views.own_limits import tells_own_limits

MOST_NOTICE_BYTES = 64 * 1024


@require_safe
def plans(request):
    context = {"plans": offers.plans(), "next": _next(request)}
    if request.user.is_authenticated:
        context["subscription"] = subscriptions.running(request.user)
    if MEMBERSHIP in entitlements.held(request.user):
        context["is_paying"] = True
        context["membership_ends"] = entitlements.membership_ends(request.user)
    return render(request, "accounts/billing/plans.html", context)


@active_account_required
def checkout(request, slug):
    """What is bought, for how much and how; the next step leads to the gateway."""
    offer = access.get_offer_to_buy(request.user, slug)
    is_gift = "gift" in request.GET
    if request.method == "POST":
        return _to_gateway(request, offer, is_gift)
    wish = _wish_to_see(request)
    context = {
        "takes_codes": reductions.current().takes_codes,
        "wish": wish,
        "offer": offer,
        "is_gift": is_gift,
        "next": _next(request),
        "gateways": gateways.offered(offer.currency),
        "may_try": not is_gift and subscriptions.may_try(request.user, offer),
    }
    try:
        context["quote"] = orders.quote(request.user, offer, is_gift=is_gift, wish=wish)
    except AlreadyOwned:
        context["owned"] = True
    except NotNow:
        context["subscription"] = subscriptions.running(request.user)
    return render(request, "accounts/billing/checkout.html", context)


def _wish_to_see(request):
    """The code and points of the address; else the code that a link has brought."""
    form = WishForm(request.GET)
    wish = form.wish if form.is_valid() else NO_WISH
    if "code" not in request.GET:
        wish = Wish(request.session.get(KEPT_CODE, ""), wish.points)
    try:
        if wish.code:
            count_look(request)
    except TooManyTries:
        messages.error(request, TOO_MANY_TRIES)
        return Wish(points=wish.points)
    return wish


def _next(request):
    """The page to go on with after paying, if it is one of ours."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours and len(path) <= 200 else ""


@tells_own_limits
def _to_gateway(request, offer, is_gift):
    form = WishForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    try:
        return redirect(_buy(request, offer, is_gift, form))
    except AlreadyOwned:
        messages.info(request, _("You have this already."))
        return redirect("accounts:orders")
    except NotNow:
        return redirect("accounts:membership")
    except HoldsTooMany:
        messages.error(
            request, _("Pay first for what is kept for you, or wait until it is not.")
        )
        return redirect("accounts:orders")
    except (ReductionGone, PriceChanged) as refusal:
        messages.error(request, refusal.args[0])
        return redirect(request.get_full_path())
    except TooManyTries:
        messages.error(request, TOO_MANY_TRIES)
    except SoldOut:
        messages.error(request, _("The last one has just been sold."))
    except GatewayDown:
        messages.error(
            request,
            _("The payment service does not answer. Nothing was charged; try again."),
        )
    except KeyError:
        return HttpResponseBadRequest()
    return redirect(offer)


def _buy(request, offer, is_gift, form):
    """The order, and where the buyer goes on from it."""
    if form.wish.code:
        count_look(request)
    order = orders.place_order(
        member=request.user,
        offer=offer,
        return_to=_next(request),
        is_gift=is_gift,
        wish=form.wish,
        expected=form.cleaned_data["expected"],
    )
    request.session.pop(KEPT_CODE, None)
    if order.amount:
        return _begin_payment(request, order)
    payments.complete_free(order)
    return order


def _begin_payment(request, order):
    """Where the buyer goes on: at the gateway, or on our page with what to do."""
    payment, start = payments.start_payment(
        order=order,
        gateway_name=request.POST.get("gateway", ""),
        on_phone="Mobi" in request.headers.get("User-Agent", ""),
        client_ip=get_adapter(request).get_client_ip(request),
    )
    if start.address:
        return start.address
    request.session[f"scan-{payment.pk}"] = start.scan
    return reverse("accounts:payment", args=[order.number, payment.pk])


@active_account_required
@require_POST
def trial_start(request, slug):
    offer = access.get_offer_to_buy(request.user, slug)
    try:
        subscriptions.start_trial(member=request.user, offer=offer)
    except NotNow:
        messages.error(request, _("A trial is only for those who are new to it."))
        return redirect(offer)
    messages.success(request, _("Your trial has begun."))
    return redirect(_next(request) or "accounts:membership")


@login_required
def order(request, number):
    """Where the gateway sends the buyer back to, and the receipt ever after."""
    order = access.get_order_to_see(request.user, number)
    if order.state == Order.State.OPEN:
        order = _ask(order)
    waits = order.state in {Order.State.OPEN, Order.State.EXPIRED}
    context = {
        "order": order,
        "receipts": order.receipts.all(),
        "site_url": settings.SITE_URL,
        "may_ask_back": refund_requests.may_ask(order),
        "checkout": _checkout_of(order) if waits else "",
    }
    return render(request, "accounts/billing/order.html", context)


def _checkout_of(order):
    """Where it is paid, with the code and the points that it was made with."""
    wish = reductions.current().wish_of(order)
    asked = {"code": wish.code, "points": wish.points or ""}
    asked["gift"] = "1" if order.kind == Order.Kind.GIFT else ""
    given = {name: value for name, value in asked.items() if value}
    return f"{order.offer.get_absolute_url()}?{urlencode(given)}".rstrip("?")


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
def payment(request, number, pk):
    """A payment that is made elsewhere: a code to scan, an account to transfer to."""
    payment = access.get_payment_to_make(request.user, number, pk)
    if payment.settled_at or payment.order.state != Order.State.OPEN:
        return redirect(payment.order)
    context = {
        "payment": payment,
        "gateway": gateways.by_name(payment.gateway),
        "scan": request.session.get(f"scan-{payment.pk}", ""),
    }
    return render(request, "accounts/billing/payment.html", context)


@login_required
def my_orders(request):
    context = {"orders": access.orders_of(request.user)}
    return render(request, "accounts/billing/orders.html", context)


@login_required
def refund_ask(request, number):
    """Asking for the money back; an operator decides."""
    order = access.get_order_to_see(request.user, number)
    if not refund_requests.may_ask(order):
        return redirect(order)
    form = RefundRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        refund_requests.ask(order=order, words=form.cleaned_data["words"])
        messages.success(request, _("Asked. You will get an answer by e-mail."))
        return redirect(order)
    context = {"order": order, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/billing/refund_ask.html", context, status=status)


@login_required
@require_safe
def receipt(request, number):
    receipt = access.get_receipt_to_see(request.user, number)
    context = {"receipt": receipt, "facts": facts(receipt)}
    return render(request, "accounts/billing/receipt.html", context)


@login_required
@require_safe
def receipt_pdf(request, number):
    receipt = access.get_receipt_to_see(request.user, number)
    response = HttpResponse(as_pdf(receipt), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{receipt}.pdf"'
    return response


@csrf_exempt  # the signature proves the sender
@require_POST
def payment_notice(request, gateway):
    if len(request.body) > MOST_NOTICE_BYTES:
        return HttpResponseBadRequest()
    try:
        text, content_type = payments.receive_notice(
            gateway_name=gateway, body=request.body, headers=request.headers
        )
    except KeyError:
        return HttpResponseNotFound()
    except BadSignature:
        return HttpResponseBadRequest()
    except GatewayDown:
        return HttpResponse(status=503)  # it will be sent again
    return HttpResponse(text, content_type=content_type)


@active_account_required
def test_charge(request, reference):
    """The test gateway's own page."""
    charge = access.get_test_charge(request.user, reference)
    if request.method != "POST":
        return render(request, "accounts/billing/test_charge.html", {"charge": charge})
    choice = request.POST.get("choice")
    if choice not in {"accept", "decline"}:
        return redirect("accounts:orders")
    method = "bad" if request.POST.get("later") == "decline" else "good"
    charge = decide(charge.reference, accept=choice == "accept", method=method)
    notice = notice_about(charge)
    for _again in range(2):
        tasks.receive_test_notice.delay_on_commit(notice, sign(notice.encode()))
    if request.POST.get("return") == "no":
        return redirect(reverse("home"))
    return redirect(charge.return_path)
