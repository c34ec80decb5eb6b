import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

RETRY_AFTER = 30  # seconds


def server_error(request):
    """Django's last resort; it knows a lost database from a fault of ours.

    Both templates are rendered without a request: nothing here may ask the
    database or the session.
    """
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponse(
            render_to_string("503.html"),
            status=503,
            headers={"Retry-After": str(RETRY_AFTER)},
        )
    return HttpResponseServerError(render_to_string("500.html"))
