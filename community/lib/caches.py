"""The cache in Redis, and what is to happen where there is none."""

from typing import Any

from django_redis.cache import RedisCache

LOCK = ":lock"  # how allauth's limits end the names of their locks


class Cache(RedisCache):
    def add(self, key: str, *args: Any, **kwargs: Any) -> bool | None:
        """Without Redis nobody else holds a lock: people sign in, though uncounted.

        Anything else was not added, as Django has it: what happens once a day
        would otherwise happen at every click.
        """
        added = super().add(key, *args, **kwargs)
        return key.endswith(LOCK) if added is None else added
