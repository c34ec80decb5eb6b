"""What every request passes through that no app owns."""

from collections.abc import Callable

from csp.constants import HEADER, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.utils import build_policy
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


def content_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say what a page may load and run: only what comes from here, nothing inline.

    The desk's pages may evaluate attributes and style inline, because their library
    does; scripts still come from here alone. Both policies are put together once:
    django-csp's own middleware does it twice for every page.
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
