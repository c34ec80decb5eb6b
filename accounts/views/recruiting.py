from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.services import recruiting


@require_safe
def link(request, code):
    """Count the visit, remember it, and lead on; never to another site."""
    found = recruiting.follow(code)
    if found is None:
        messages.info(request, _("This link has ended. Here is where it led to once."))
        return redirect("home")
    to = request.GET.get("to", "")
    is_ours = url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    response = redirect(to if is_ours else found.path)
    if _is_somebody_coming(request):
        recruiting.count_visit(found)
        response.set_cookie(
            recruiting.COOKIE,
            recruiting.with_touch(request, code),
            max_age=recruiting.REMEMBERED,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


def _is_somebody_coming(request):
    """Neither a machine nor a browser that fetches a part of another page, where no
    one has followed a link. Old browsers do not say what they fetch for."""
    if recruiting.is_machine(request.headers.get("User-Agent", "")):
        return False
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


@login_required
@require_safe
def referrals(request):
    """A member's own link, with its QR code, and whom it has brought."""
    to = request.GET.get("to", "")
    is_ours = url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    path = reverse("accounts:link", args=[recruiting.own_link(request.user).code])
    context = {
        "address": request.build_absolute_uri(f"{path}?to={to}" if is_ours else path),
        "referrals": recruiting.brought_by(request.user),
        "days": recruiting.STAYED_AFTER.days,
    }
    return render(request, "accounts/recruiting/referrals.html", context)
