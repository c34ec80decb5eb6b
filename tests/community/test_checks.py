"""Settings that every command looks at before it works."""

import pytest
from django.core.checks import Tags, run_checks
from django.test import override_settings


def found(**settings):
    with override_settings(**settings):
        return [
            it.id for it in run_checks(tags=[Tags.security]) if "zhiqun" in str(it.id)
        ]


@pytest.mark.parametrize(
    ("database", "redis"),
    [
        ("postgres://me@%2Frun%2Fzhiqun/a", "unix:///tmp/redis.sock"),
        ("postgres:///a", "redis://127.0.0.1:6379/0"),
        ("postgres://me@localhost/a", "redis://[::1]:6379/0"),
        ("postgres://db.example/a?sslmode=require", "rediss://cache.example/0"),
        ("postgres://db.example/a?sslmode=verify-full", "redis://localhost/0"),
    ],
)
def test_connections_that_nobody_can_listen_to_are_fine(database, redis):
    assert found(DATABASE_URL=database, REDIS_URL=redis) == []


@pytest.mark.parametrize("options", ["", "?sslmode=prefer"])
def test_plain_connections_to_other_machines_are_refused(options):
    plain = {
        "DATABASE_URL": f"postgres://db.example/a{options}",
        "REDIS_URL": "redis://:pass@10.0.0.2:6379/0",
    }

    assert found(**plain) == ["zhiqun.E001", "zhiqun.E002"]
    assert found(**plain, PLAINTEXT_OK=True) == []


def test_one_plain_host_among_several_is_enough():
    several = "postgres://me@localhost,db.example/a"

    assert found(DATABASE_URL=several, REDIS_URL="rediss://x") == ["zhiqun.E001"]


def test_a_key_that_no_backup_would_be_made_with_is_refused_at_once():
    assert found(BACKUP_KEY="a-short-one") == ["zhiqun.E003"]
    assert found(BACKUP_KEY="x" * 32) == []
    assert found(BACKUP_KEY="") == []
