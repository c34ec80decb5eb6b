"""What a server refuses to start with."""

import os
import subprocess
import sys

import pytest

from community.settings import BASE_DIR

KEY = "k" * 50
SERVER = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "community.example"}
PRINT = "from django.conf import settings as s; print({})"


def start(code="s.DEBUG", /, **environment):
    kept = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "community.settings"}
    return subprocess.run(
        [sys.executable, "-c", PRINT.format(code)],
        cwd=BASE_DIR,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_configured_server_starts_without_debug():
    done = start(**SERVER)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "SECRET_KEY"),
        ({**SERVER, "SECRET_KEY": "short"}, "SECRET_KEY"),
        (
            {**SERVER, "SECRET_KEY": "only-for-development-" + "x" * 40},
            "SECRET_KEY",
        ),
        ({"SECRET_KEY": KEY}, "ALLOWED_HOSTS"),
        ({**SERVER, "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
    ],
)
def test_refuses_to_start_insecurely(environment, named):
    done = start(**environment)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert named in done.stderr


def test_cookies_and_transport_are_safe_by_default():
    done = start(
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, "
        "s.SECURE_HSTS_SECONDS > 0",
        **SERVER,
    )
    assert done.stdout == "True True True True\n", done.stderr


def test_a_secret_can_come_from_a_file(tmp_path):
    secret = tmp_path / "key"
    secret.write_text(KEY + "\n")
    done = start(
        "len(s.SECRET_KEY)",
        SECRET_KEY_FILE=str(secret),
        ALLOWED_HOSTS="community.example",
    )
    assert done.stdout == "50\n", done.stderr


def test_a_bare_machine_is_lent_a_key_that_it_keeps(tmp_path):
    def key():
        return subprocess.run(
            [
                sys.executable,
                "manage.py",
                "shell",
                "-v0",
                "-c",
                PRINT.format("s.SECRET_KEY, s.DEBUG, s.ALLOWED_HOSTS"),
            ],
            cwd=BASE_DIR,
            env={
                "PATH": os.environ["PATH"],
                "VAR_DIR": str(tmp_path),
                # Nothing is asked of them; set, so that none are started.
                "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
                "REDIS_URL": "redis://127.0.0.1:1/0",
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    first = key()
    assert "False ['localhost', '127.0.0.1', '[::1]']" in first
    assert key() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
