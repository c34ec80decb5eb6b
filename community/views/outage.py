import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

RETRY_AFTER = 30  # seconds


def server_error(request):
    """Django's last resort; it knows a lost database from a fault of ours.

    Both templates are rendered without a request: nothing here may ask the
    database or the session.
    """
    if _came_of_a_lost_database(sys.exc_info()[1]):
        return HttpResponse(
            render_to_string("503.html"),
            status=503,
            headers={"Retry-After": str(RETRY_AFTER)},
        )
    return HttpResponseServerError(render_to_string("500.html"))


def _came_of_a_lost_database(error):
    """On the way out it may have become something else: a rollback that failed, too."""
    while error:
        if isinstance(error, OperationalError | InterfaceError) or _is_torn_off(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_torn_off(error):
    """An answer that broke off: Postgres gave no code, and libpq had no name for it."""
    return type(error) is DatabaseError and (
        getattr(error.__cause__, "pgcode", "none of it") is None
    )
