"""Caching of what pages are made of.

Keys say everything the content depends on, a revision or the very facts shown, so
there is nothing to invalidate: what has changed has another key.
"""

from collections.abc import Callable, Sequence
from functools import cache as remember
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone, translation

HOUR = 3600
THEMES = ("light", "dark")


class Kept:
    """Rendered things under keys that say all they depend on: at most `most` of them
    in the memory of the process, where they cost nothing, the rest in the cache."""

    everywhere: ClassVar[list["Kept"]] = []

    def __init__(self, most: int) -> None:
        self.most = most
        self.near: dict[str, Any] = {}
        self.everywhere.append(self)

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        return self.get_many([key], lambda _: {key: make()})[key]

    def get_many(
        self, keys: Sequence[str], make: Callable[[list[str]], dict[str, Any]]
    ) -> dict[str, Any]:
        """What stands under `keys`; `make` is given those that nobody has."""
        found = {key: self.near[key] for key in keys if key in self.near}
        far = [key for key in keys if key not in found]
        if not far:
            return found
        cached = cache.get_many(far)
        missing = [key for key in far if key not in cached]
        if missing:
            made = make(missing)
            cache.set_many(made, HOUR)
            cached |= made
        for key, value in cached.items():
            self._keep(key, value)
        return found | cached

    def _keep(self, key: str, value: Any) -> None:
        if len(self.near) >= self.most:
            self.near.pop(next(iter(self.near)))
        self.near[key] = value

    @classmethod
    def forget(cls) -> None:
        """Empty the process's memory; the cache keeps what it has."""
        for kept in cls.everywhere:
            kept.near.clear()


def cache_key(name: str, *facts: Any) -> str:
    """A key for something rendered: its facts, the reader's language and clock."""
    told = (
        facts,
        translation.get_language(),
        timezone.get_current_timezone_name(),
        release(),
    )
    return f"{name}:{blake2b(repr(told).encode(), digest_size=16).hexdigest()}"


_pages = Kept(most=200)  # some 40 KB each


def page_for_visitors(
    request: Any,
    facts: Any,
    render: Callable[[], HttpResponse],
    asks: Sequence[str] = (),
) -> HttpResponse:
    """A whole page, shared by all visitors who are not signed in.

    `facts` is all that the page shows and that can change. Nothing of a session
    may be in it, so a visitor with a message waiting gets a page of their own. So does
    who asks for what the page does not know, beyond the names in `asks`: whatever can
    be made up would fill the cache.
    """
    if request.user.is_authenticated or "messages" in request.COOKIES:
        return render()
    theme = request.COOKIES.get("theme", "")
    if request.GET.keys() - set(asks) or theme not in ("", *THEMES) or request.htmx:
        return render()
    place = (request.get_full_path(), theme)
    key = cache_key("page", *place, facts)
    return HttpResponse(_pages.get(key, lambda: render().content))


def release() -> str:
    """Changes with the templates and translations, so that a deploy is seen at once."""
    return _newest_file() if settings.DEBUG else _newest_file_at_start()


def _newest_file() -> str:
    folders = [Path(settings.BASE_DIR) / name for name in ("templates", "locale")]
    files = (file for folder in folders for file in folder.rglob("*.*"))
    return str(max((file.stat().st_mtime_ns for file in files), default=0))


_newest_file_at_start = remember(_newest_file)
