"""A real Chromium against a live server: what members see is what is tested.

Without a Chromium these tests are skipped, saying so; under CI they fail.
"""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.reader import MODES, PHONE, Reader

# Playwright's loop runs in this thread; the ORM here is not used from within it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def chromium():
    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), ""
    )
    if not path:
        message = "No Chromium found: install it or set CHROMIUM to its path."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium, live_server):
    """Opens a browser window: `reader("phone", member=ada, scripts=False)`."""
    contexts = []

    def open_window(mode="desktop", *, member=None, scripts=True):
        context = chromium.new_context(
            base_url=live_server.url,
            java_script_enabled=scripts,
            **{**MODES, "phone": PHONE}[mode],
        )
        contexts.append(context)
        window = Reader(context.new_page(), base_url=live_server.url, scripts=scripts)
        if member:
            window.sign_in(member)
        return window

    yield open_window
    for context in contexts:
        context.close()
