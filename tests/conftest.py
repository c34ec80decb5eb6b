"""The standing people: every page that shows private things meets them."""

import os
from contextlib import ExitStack

import pytest
from hypothesis import settings

from accounts.services import community
from community.lib.pages import Kept
from tests.caching import begin_test
from tests.factories.accounts import make_member

servers = ExitStack()

settings.register_profile("default", max_examples=60, deadline=None)
settings.register_profile("nightly", max_examples=10_000, deadline=None)
# On a slow machine nothing may be asked again in the middle of a counted page.
community.FRESH_SECONDS = 3600
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure(config):
    """Start the embedded servers once, and bring the translations up to date: under
    xdist the controller, not each worker."""
    if hasattr(config, "workerinput"):
        return
    from django.conf import settings

    from community import embedded, translations

    for catalogue in translations.catalogues():
        if catalogue.is_stale():
            catalogue.compile()
    chosen = embedded.from_environment()
    servers.enter_context(embedded.running(settings.VAR_DIR, durable=False, **chosen))


def pytest_unconfigure(config):
    servers.close()


@pytest.fixture(autouse=True)
def _empty_memory():
    """What one test left in the cache or in the process, the next must not find."""
    begin_test()
    community.forget()
    Kept.forget()


@pytest.fixture
def member(db):
    return make_member("member")


@pytest.fixture
def other_member(db):
    return make_member("other")


@pytest.fixture
def operator(db):
    return make_member("operator", is_staff=True, is_superuser=True)
