"""What the site needs to work, and whether it is there: the page /readyz."""

import logging
import shutil
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

logger = logging.getLogger(__name__)

ENOUGH_DISK = 200 * 1024 * 1024
SIGN_LASTS = 120  # seconds without a sign of life until a process counts as gone


def note(process: str) -> None:
    """A sign of life of "worker" or "beat"."""
    cache.set(f"alive:{process}", timezone.now().isoformat(), SIGN_LASTS)


def missing() -> dict[str, str]:
    """What is missing, by name, with a sentence each; empty when all is well."""
    found = {name: _trouble(check) for name, check in CHECKS.items()}
    return {name: text for name, text in found.items() if text}


def _trouble(check: Callable[[], str]) -> str:
    """The page answers whatever happens: details go to the log, not to strangers."""
    try:
        return check()
    except Exception:
        logger.exception("A readiness check failed")
        return "Could not be checked; see the log."


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "PostgreSQL does not answer."
    return ""


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
    except Error:
        return "Unknown while the database is down."
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(plan)} to apply: manage.py migrate." if plan else ""


def _redis() -> str:
    key = f"ready:{time.monotonic_ns()}"
    cache.set(key, 1, 10)
    return "" if cache.get(key) else "Redis does not answer."


def _worker() -> str:
    return "" if cache.get("alive:worker") else "No Celery worker has been heard of."


def _beat() -> str:
    if cache.get("alive:beat"):
        return ""
    return "No scheduled task has run lately: is Celery beat running?"


def _disk() -> str:
    free = shutil.disk_usage(settings.VAR_DIR).free
    return "" if free > ENOUGH_DISK else "Less than 200 MB of disk are free."


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "worker": _worker,
    "beat": _beat,
    "disk": _disk,
}
