"""The cache in Redis, and what is to happen where there is none."""

from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import CONNECTION_INTERRUPTED, RedisCache

LIMITS = "allauth:rl:"  # how allauth's limits begin the names of what they count


class Cache(RedisCache):
    """What is missing without Redis is made anew; only limits are counted on.

    They go on in the memory of the process, so that one can sign in, and passwords
    cannot be guessed at will while Redis is down.
    """

    nearby = LocMemCache("limits", {"OPTIONS": {"MAX_ENTRIES": 10_000}})

    def add(self, key: str, *args: Any, **kwargs: Any) -> bool | None:
        added = super().add(key, *args, **kwargs)
        if added is None and key.startswith(LIMITS):
            return self.nearby.add(key, *args, **kwargs)
        return added

    def set(self, key: str, *args: Any, **kwargs: Any) -> bool | None:
        done = super().set(key, *args, **kwargs)
        if done is None and key.startswith(LIMITS):
            self.nearby.set(key, *args, **kwargs)
        return done

    def get(
        self, key: str, default: Any = None, version: Any = None, client: Any = None
    ) -> Any:
        value = self._get(key, default, version, client)
        if value is not CONNECTION_INTERRUPTED:
            return value
        return self.nearby.get(key, default) if key.startswith(LIMITS) else default

    def delete(self, key: str, *args: Any, **kwargs: Any) -> bool | None:
        deleted = super().delete(key, *args, **kwargs)
        if deleted is None and key.startswith(LIMITS):
            return self.nearby.delete(key)
        return deleted
