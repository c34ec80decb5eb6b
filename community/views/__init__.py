from community.views.appearance import appearance, language
from community.views.brand import brand_logo, brand_picture, brand_stylesheet
from community.views.errors import (
    bad_request,
    csrf_failure,
    forbidden,
    not_found,
)
from community.views.home import home
from community.views.outage import server_error
from community.views.readiness import healthz, readyz
from community.views.search_engines import SITEMAPS, robots
from community.views.setup import setup
from community.views.styleguide import styleguide

__all__ = [
    "SITEMAPS",
    "appearance",
    "bad_request",
    "brand_logo",
    "brand_picture",
    "brand_stylesheet",
    "csrf_failure",
    "forbidden",
    "healthz",
    "home",
    "language",
    "not_found",
    "readyz",
    "robots",
    "server_error",
    "setup",
    "styleguide",
]
