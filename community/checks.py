"""What is wrong with the settings as a whole; every command looks first."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Advice

from community.backups import SHORTEST_KEY

ENCRYPTED = {"require", "verify-ca", "verify-full"}


@register(Tags.security)
def nothing_travels_in_plain_text(**kwargs: Any) -> list[CheckMessage]:
    if settings.PLAINTEXT_OK:
        return []
    return [*_database(), *_redis()]


@register(Tags.security, deploy=True)
def backups_are_made(**kwargs: Any) -> list[CheckMessage]:
    if settings.BACKUP_KEY:
        return []
    return [Advice("BACKUP_KEY is not set: no backups are made.", id="zhiqun.W001")]


@register(Tags.security, deploy=True)
def backups_hold_the_uploads(**kwargs: Any) -> list[CheckMessage]:
    if not settings.BUCKET.name:
        return []
    return [
        Advice(
            "Backups hold the database alone: the uploads lie in S3_BUCKET.",
            hint="Let the bucket keep versions, or copy it elsewhere.",
            id="zhiqun.W002",
        )
    ]


@register(Tags.security)
def backups_can_be_made(**kwargs: Any) -> list[CheckMessage]:
    """Said at the start and not by a night that makes none."""
    if not settings.BACKUP_KEY or len(settings.BACKUP_KEY) >= SHORTEST_KEY:
        return []
    return [
        Error(
            f"BACKUP_KEY is shorter than {SHORTEST_KEY} characters.",
            hint="Make one with: python -c 'import secrets; "
            "print(secrets.token_urlsafe(50))'",
            id="zhiqun.E003",
        )
    ]


def _database() -> list[CheckMessage]:
    database = dj_database_url.parse(settings.DATABASE_URL)
    hosts = database.get("HOST", "").split(",")
    if database.get("OPTIONS", {}).get("sslmode") in ENCRYPTED:
        return []
    if all(_is_this_machine(host) for host in hosts):
        return []
    return [
        Error(
            "DATABASE_URL leads to another machine without encryption.",
            hint="Add ?sslmode=verify-full (or require) to it. In a private network "
            "that nobody else is on: PLAINTEXT_OK=1.",
            id="zhiqun.E001",
        )
    ]


def _redis() -> list[CheckMessage]:
    address = urlsplit(settings.REDIS_URL)
    if address.scheme in {"rediss", "unix"} or _is_this_machine(address.hostname or ""):
        return []
    return [
        Error(
            "REDIS_URL leads to another machine without encryption.",
            hint="Begin it with rediss:// instead of redis://. In a private network "
            "that nobody else is on: PLAINTEXT_OK=1.",
            id="zhiqun.E002",
        )
    ]


def _is_this_machine(host: str) -> bool:
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
