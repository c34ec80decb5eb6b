"""The PostgreSQL and Redis that come with the Python packages.

Used only where DATABASE_URL or REDIS_URL is unset.
"""

from pathlib import Path


def database_url(var: Path) -> str:
    return ""


def redis_url(var: Path) -> str:
    return ""
