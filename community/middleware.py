"""What every request passes through that no app owns."""

from collections.abc import Callable

from csp.constants import HEADER, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.utils import build_policy
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
