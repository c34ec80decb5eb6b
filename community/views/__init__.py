from community.views.appearance import appearance, language
from community.views.errors import (
    bad_request,
    csrf_failure,
    forbidden,
    not_found,
)
from community.views.home import healthz, home
from community.views.styleguide import styleguide

__all__ = [
    "appearance",
    "bad_request",
    "csrf_failure",
    "forbidden",
    "healthz",
    "home",
    "language",
    "not_found",
    "styleguide",
]
