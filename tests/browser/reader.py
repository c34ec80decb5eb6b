"""One browser window that remembers everything that went wrong in it."""

import gzip
from pathlib import Path

import html5lib
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Request

MODES = {
    "desktop": {"viewport": {"width": 1280, "height": 860}, "locale": "en-GB"},
    "phone, dark": {
        "viewport": {"width": 360, "height": 740},
        "color_scheme": "dark",
        "locale": "en-GB",
    },
    "Chinese": {"viewport": {"width": 1280, "height": 860}, "locale": "zh-CN"},
}
# For what must be doable on a phone from end to end.
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "en-GB",
}
OWN_BYTES_AT_MOST = 60 * 1024
AXE = Axe()


class Reader:
    def __init__(self, page, *, base_url, scripts=True):
        self.page = page
        self.base_url = base_url
        self.scripts = scripts
        self.problems: list[str] = []
        self.assets: dict[str, Request] = {}
        self.weights: dict[str, int] = {}
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("requestfinished", self._note_asset)

    def sign_in(self, member):
        """As if through the sign-in page, which has tests of its own."""
        client = Client()
        client.force_login(member)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        name = settings.SESSION_COOKIE_NAME
        self.page.context.add_cookies(
            [{"name": name, "value": cookie, "url": self.base_url}]
        )

    def go(self, path, *, status=200):
        self.problems, self.assets = [], {}
        answer = self.page.goto(path)
        if answer.status != status:
            self.problems.append(f"status {answer.status}")
        if status >= 400:
            # Chromium itself reports the status it was told to expect.
            self.problems = [p for p in self.problems if "Failed to load" not in p]
        self.problems += not_valid(answer.text())
        return self

    def check_page(self):
        """Everything every page must be; the list of what it is not."""
        return [
            *self.problems,
            *self._scrolls_sideways(),
            *self._weighs_too_much(),
            # axe is a script too: without them it would never answer.
            *(not_accessible(self.page) if self.scripts else []),
        ]

    def screenshot(self, folder):
        name = self.page.url.split("/", 3)[3].strip("/").replace("/", "-") or "start"
        self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def _note_console(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text}")

    def _note_asset(self, request):
        if request.resource_type in ("stylesheet", "script"):
            self.assets[request.url] = request

    def _scrolls_sideways(self):
        root = "document.documentElement"
        over = self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
        return [f"{over} px wider than the window"] if over > 0 else []

    def _weighs_too_much(self):
        for url, request in self.assets.items():
            # Asked for again, a file is answered by 304 and without its body.
            if url not in self.weights:
                self.weights[url] = len(gzip.compress(request.response().body()))
        size = sum(self.weights[url] for url in self.assets)
        return [f"{size} bytes of CSS and JS"] if size > OWN_BYTES_AT_MOST else []


def not_valid(html):
    parser = html5lib.HTMLParser()
    parser.parse(html)
    return [f"HTML {line}: {error}" for (line, _), error, _ in parser.errors]


def not_accessible(page):
    found = AXE.run(page).response["violations"]
    return [
        f"axe {one['id']} at {node['target']}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
    ]
