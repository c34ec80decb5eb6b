import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _


class MemberLocaleMiddleware:
    """Shows a signed-in member the site in their own language and time zone.

    The member replaces Django's lazy stand-in: every page needs them here, and a
    hundred looks through the stand-in are a tenth of a page.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        member = request.user = get_user(request)
        if not member.is_authenticated:
            return self.get_response(request)
        if member.language:
            translation.activate(member.language)
            request.LANGUAGE_CODE = member.language
        if member.time_zone:
            timezone.activate(ZoneInfo(member.time_zone))
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


# Why, the way to appeal, their data and its end; and how they show that it is they.
LEFT_TO_THE_REMOVED = (
    *("/me/sanctions/", "/me/privacy/", "/accounts/logout/"),
    *("/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/"),
    "/accounts/2fa/webauthn/reauthenticate/",
)


def the_removed_are_visitors(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Whoever is no member any more is a visitor on every page but the few that are
    left to them. Where a visitor is asked to sign in, they are told why instead."""
    door, desk_door = reverse("account_login"), reverse("admin:login")

    def middleware(request: HttpRequest) -> HttpResponse:
        member = request.user
        if not getattr(member, "removed_at", None):
            return get_response(request)
        if request.path.startswith(LEFT_TO_THE_REMOVED):
            return get_response(request)
        if request.path.startswith(door):
            return redirect("accounts:sanctions")
        request.user = AnonymousUser()
        response = get_response(request)
        request.user = member  # what goes out is still theirs alone, see above
        if response.get("Location", "").startswith((door, desk_door)):
            return redirect("accounts:sanctions")
        return response

    return middleware


MOST_OF_A_VISITOR = 1024 * 1024  # bytes: the longest form, without files


def visitors_upload_nothing(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse what is large before it is read: else it lies on our disk by the time the
    page says that nobody is signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_large = not length.isdecimal() or int(length) > MOST_OF_A_VISITOR
        if is_large and not request.user.is_authenticated:
            return HttpResponse(
                _("That is too large. Please sign in first."), status=413
            )
        return get_response(request)

    return middleware


# Money, facts and the desk: not even the browser's own store keeps these pages.
KEPT_NOWHERE = ("/me/", "/accounts/", "/checkout/", "/orders/", "/receipts/", "/admin/")


def pages_are_private(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Tell caches on the way that what a member sees is theirs."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            is_sensitive = request.path.startswith(KEPT_NOWHERE)
            kept = "no-store" if is_sensitive else "no-cache"
            response["Cache-Control"] = f"private, {kept}"
        return response

    return middleware


STAFF_STAY_SIGNED_IN = dt.timedelta(hours=12)


def desk_needs_second_factor(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The desk signs in where everybody does, and where it is set so, only by two
    factors. Elsewhere, who lacks the factor is a member like others: what the staff
    may read stands on members' pages, too. And staff are signed in for a working day,
    not for weeks."""
    desk = reverse("admin:index")
    door = reverse("admin:login")

    def middleware(request: HttpRequest) -> HttpResponse:
        is_staff = getattr(request.user, "is_staff", False)
        needs_factor = settings.STAFF_NEEDS_MFA and is_staff
        if request.user.is_authenticated and needs_factor:
            request.user.lacks_second_factor = not is_mfa_enabled(request.user)
        session = request.session
        if is_staff and session.get_expiry_age() > STAFF_STAY_SIGNED_IN.total_seconds():
            session.set_expiry(timezone.now() + STAFF_STAY_SIGNED_IN)
        if not request.path.startswith(desk):
            return get_response(request)
        if not request.user.is_authenticated:
            wanted = desk if request.path == door else request.get_full_path()
            return redirect_to_login(wanted)
        if is_staff and request.user.is_suspended:
            raise PermissionDenied
        if request.user.lacks_second_factor:
            messages.info(
                request,
                _("The desk needs a second factor. Set one up here, then come back."),
            )
            return redirect("mfa_index")
        return get_response(request)

    return middleware
