import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sites.models import Site
from django.db import DatabaseError

from accounts.models import Community

FRESH_SECONDS = 5
_remembered: tuple[float, Community] | None = None


def current() -> Community:
    """The community's row, remembered by each process for a few seconds.

    Every page shows its name, so asking the database each time would be the most
    frequent query of all.
    """
    global _remembered  # noqa: PLW0603 - this process's memory of one row
    now = time.monotonic()
    if _remembered is None or now - _remembered[0] > FRESH_SECONDS:
        _remembered = (now, _read())
    return _remembered[1]


def name_the_site(**kwargs: Any) -> None:
    """What libraries call the site in mails and addresses is what we call it."""
    Site.objects.update_or_create(
        pk=settings.SITE_ID,
        defaults={
            "domain": urlsplit(settings.SITE_URL).netloc[:100],
            "name": current().name[:50],
        },
    )
    Site.objects.clear_cache()


def forget() -> None:
    """After a change, so that whoever made it sees it at once."""
    global _remembered  # noqa: PLW0603
    _remembered = None


def _read() -> Community:
    try:
        return Community.objects.filter(pk=1).first() or Community(pk=1)
    except DatabaseError:
        # Error pages name the community too, and must not need the database.
        return Community(pk=1)
