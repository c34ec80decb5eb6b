import time

from django.db.backends.postgresql import base

TRUSTED_SECONDS = 5


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that was usable a moment ago is taken to be so still.

    Django asks at the beginning of every request, which costs as much as a query.
    Lost in that moment, it fails once with the page for that, and is made anew.
    """

    _usable_at = float("-inf")

    def is_usable(self) -> bool:
        now = time.monotonic()
        trusted = now - self._usable_at < TRUSTED_SECONDS and not self.errors_occurred
        if not trusted and not super().is_usable():
            return False
        if not trusted:
            self._usable_at = now
        return True

    def close(self) -> None:
        self._usable_at = float("-inf")
        super().close()
