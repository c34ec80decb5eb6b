"""Caching of what pages are made of.

Keys say everything the content depends on, a revision or the very facts shown, so
there is nothing to invalidate: what has changed has another key.
"""

from collections.abc import Callable
from functools import cache as remember
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone, translation

HOUR = 3600


def cache_key(name: str, *facts: Any) -> str:
    """A key for something rendered: its facts, the reader's language and clock."""
    told = (
        facts,
        translation.get_language(),
        timezone.get_current_timezone_name(),
        release(),
    )
    return f"{name}:{blake2b(repr(told).encode(), digest_size=16).hexdigest()}"


def page_for_visitors(
    request: Any, facts: Any, render: Callable[[], HttpResponse]
) -> HttpResponse:
    """A whole page, shared by all visitors who are not signed in.

    `facts` is all that the page shows and that can change. Nothing of a session
    may be in it, so a visitor with a message waiting gets a page of their own.
    """
    if request.user.is_authenticated or "messages" in request.COOKIES:
        return render()
    place = (request.get_full_path(), request.htmx.target, request.COOKIES.get("theme"))
    key = cache_key("page", *place, facts)
    page = cache.get(key)
    if page is None:
        page = render().content
        cache.set(key, page, HOUR)
    return HttpResponse(page)


def release() -> str:
    """Changes with the templates and translations, so that a deploy is seen at once."""
    return _newest_file() if settings.DEBUG else _newest_file_at_start()


def _newest_file() -> str:
    folders = [Path(settings.BASE_DIR) / name for name in ("templates", "locale")]
    files = (file for folder in folders for file in folder.rglob("*.*"))
    return str(max((file.stat().st_mtime_ns for file in files), default=0))


_newest_file_at_start = remember(_newest_file)
