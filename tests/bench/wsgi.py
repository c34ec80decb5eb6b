"""The site and, beside it, a Django that only says hello: no middleware, no data."""

import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
site = get_wsgi_application()
with override_settings(MIDDLEWARE=[]):
    hello = WSGIHandler()


def application(environ, start_response):
    serve = hello if environ["PATH_INFO"] == "/hello/" else site
    return serve(environ, start_response)
