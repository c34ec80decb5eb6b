"""Work on many, where the trouble of one is not everybody's."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model

logger = logging.getLogger(__name__)


def apart(act: Callable[..., int | None], *rows: Any, **about: Any) -> int:
    """What `act` did to these. Where it fails, that is logged and nothing was done: the
    others do not wait for it."""
    try:
        return act(*rows, **about) or 0
    except Exception:
        told = [_named(it) for it in rows] or about
        logger.exception("%s.%s failed: %s", act.__module__, act.__qualname__, told)
        return 0


def each_apart(rows: Iterable[Model], act: Callable[..., int | None]) -> int:
    """To how many of them `act` did something. They are read before the first."""
    return sum(apart(act, row) for row in list(rows))


def _named(it: Any) -> Any:
    # Never its words: the log is for other eyes than they are.
    return f"{it._meta.label} {it.pk}" if isinstance(it, Model) else it
