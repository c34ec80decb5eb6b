"""What every request passes through that no app owns."""

from collections.abc import Callable

from csp.constants import HEADER, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


def content_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say what a page may load and run: only what comes from here, nothing inline.

    The desk's pages may evaluate attributes and style inline, because their library
    does; scripts still come from here alone. Both policies are put together once:
    django-csp's own middleware does it twice for every page. Only an answer that
    says in `policy` which directives it needs otherwise has one of its own.
    """
    strict = build_policy()
    for_desk = build_policy(
        update={
            "script-src": [SELF, UNSAFE_EVAL],
            "style-src": [SELF, UNSAFE_INLINE],
        }
    )
    desk = reverse("admin:index")

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if own := getattr(response, "policy", None):
            response[HEADER] = build_policy(replace=own)
            return response
        response[HEADER] = for_desk if request.path.startswith(desk) else strict
        return response

    return middleware


def no_null_characters(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Postgres keeps no NUL in a text: an address with one is wrong, not our failure.

    Forms refuse it by themselves, with a word beside the field.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path:
            raise BadRequest
        return get_response(request)

    return middleware


DRAFT_TAKEN = "draft_taken"
UNTIL_NEXT_PAGE = 600  # seconds


def drafts_are_receipted(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Tell the page that comes next which text was taken.

    Until then js/drafts.js keeps it: an error page of the browser or of a proxy, and
    the way through signing in again, look to it like any page without errors.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_taken = request.method == "POST" and 300 <= response.status_code < 400
        key = request.POST.get("draft_key", "")[:40] if is_taken else ""
        if key and request.user.is_authenticated:
            _receipt(response, key)
        return response

    return middleware


def _receipt(response: HttpResponse, key: str) -> None:
    response.set_cookie(
        DRAFT_TAKEN,
        key,
        max_age=UNTIL_NEXT_PAGE,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
