from unittest import mock

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import override_settings

from community import health, tasks

DEAD_REDIS = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True},
    }
}


@pytest.fixture
def everything_runs(db):
    health.note("worker")
    tasks.pulse()
    yield
    cache.delete_many(["alive:worker", "alive:beat"])


def missing(client):
    answer = client.get("/readyz")
    body = answer.json()
    assert answer.status_code == (503 if body["missing"] else 200)
    assert body["ready"] == (not body["missing"])
    return set(body["missing"])


def test_alive_asks_nobody(client, django_assert_num_queries):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_when_nothing_is_missing(client, everything_runs):
    assert missing(client) == set()


@pytest.mark.parametrize("process", ["worker", "beat"])
def test_names_a_process_not_heard_of(client, everything_runs, process):
    cache.delete(f"alive:{process}")
    assert missing(client) == {process}


def test_names_redis_and_what_only_redis_knows(client, everything_runs):
    with override_settings(CACHES=DEAD_REDIS):
        assert missing(client) == {"redis", "worker", "beat"}


def test_names_the_database(client, everything_runs):
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        assert missing(client) == {"database", "migrations"}


def test_names_migrations_to_apply(client, everything_runs):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sites'")
    assert missing(client) == {"migrations"}


def test_names_a_full_disk(client, everything_runs, monkeypatch):
    monkeypatch.setattr(health, "ENOUGH_DISK", 1 << 60)
    assert missing(client) == {"disk"}


def test_tells_no_secrets_of_a_check_that_breaks(client, everything_runs, monkeypatch):
    def broken():
        raise ValueError("password=hunter2")

    monkeypatch.setitem(health.CHECKS, "disk", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"hunter2" not in answer.content


@pytest.fixture
def unforgiving_client(client):
    client.raise_request_exception = False
    return client


def test_a_lost_database_is_a_wait(unforgiving_client, monkeypatch):
    monkeypatch.setattr(
        "community.first_run.needed", mock.Mock(side_effect=OperationalError("gone"))
    )
    answer = unforgiving_client.get("/setup/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert b"Back in a moment" in answer.content


def test_any_other_fault_is_ours(unforgiving_client, monkeypatch):
    monkeypatch.setattr(
        "community.first_run.needed", mock.Mock(side_effect=ValueError("secret"))
    )
    answer = unforgiving_client.get("/setup/")
    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content
    assert b"secret" not in answer.content
