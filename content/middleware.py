"""What a request of content's passes through before anything is known of its sender."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

NEWS = re.compile(r"/events/([1-9][0-9]{0,15})/live/news/")


def rooms_answer_at_once(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Hundreds ask a live room every few seconds: who has a ticket is answered here,
    before the session and the member are fetched."""

    def middleware(request: HttpRequest) -> HttpResponse:
        found = NEWS.fullmatch(request.path_info)
        if not found or request.method != "GET":
            return get_response(request)
        from content import live_news  # models are there only now

        answer = live_news.answer_at_once(request, int(found[1]))
        return answer or get_response(request)

    return middleware
