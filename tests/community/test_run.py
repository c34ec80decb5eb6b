"""`make run`: what it says when it cannot, and what it clears away."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import psutil
import pytest
from django.conf import settings
from kombu.exceptions import OperationalError

from community import processes, tasks
from tests.community.test_failures import free_port
from tests.waiting import wait_for

# Set, these would be a server's; unset, `run` is on its own.
UNSET = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "HTTPS", "DEBUG")

NOBODY = {
    "DATABASE_URL": "postgres://127.0.0.1:1/zhiqun",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def start(var, port, given=(), **more):
    environment = {k: v for k, v in os.environ.items() if k not in UNSET}
    environment |= dict(given)
    environment |= {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "community.settings"}
    environment.pop("CELERY_TASK_ALWAYS_EAGER", None)
    return subprocess.Popen(
        [sys.executable, "manage.py", "run", "--port", str(port), "--demo", "0"],
        cwd=settings.BASE_DIR,
        env=environment,
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} | more,
    )


def test_a_taken_port_is_named_and_a_way_out(var):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with start(var, port) as run:
            said, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert f"Port {port} cannot be used" in said
    assert "make run PORT=" in said
    assert not (var / "postgres").exists()


def test_a_second_run_of_the_same_folder_is_refused(var):
    with processes.only_run(var), start(var, free_port()) as run:
        said, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "already running" in said
    assert "VAR_DIR=" in said


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_server_of_ones_own_that_does_not_answer_is_named(var, name):
    given = {
        "DATABASE_URL": settings.DATABASE_URL,
        "REDIS_URL": settings.REDIS_URL,
        name: NOBODY[name],
    }
    with start(var, free_port(), given) as run:
        said, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert name in said
    assert "Traceback" not in said


def test_what_a_killed_run_left_is_ended(var):
    environment = os.environ | {processes.MARK: str(var)}
    with subprocess.Popen(["/bin/sleep", "600"], env=environment) as left:
        # The kernel shows a new process before its environment.
        wait_for(psutil.Process(left.pid).environ)
        assert processes.end_leftovers(var) == 1
        left.wait(timeout=10)
    assert processes.end_leftovers(var) == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_saved_stays_when_the_task_cannot_be_asked_for(monkeypatch, member):
    def no_redis(*args, **kwargs):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.pulse, "apply_async", no_redis)
    from django.db import transaction

    with transaction.atomic():
        member.about = "kept"
        member.save()
        tasks.pulse.delay_on_commit()

    member.refresh_from_db()
    assert member.about == "kept"


def test_everything_starts_survives_a_kill_and_stops(var):
    port = free_port()
    # What it leaves running holds its output open: nobody may wait for the end of it.
    first = start(var, port, stdout=subprocess.DEVNULL)
    wait_for(lambda: ready(port), seconds=300)
    first.kill()  # the command alone, as a closed window may do
    first.wait()

    again = start(var, port, start_new_session=True)
    assert again.stdout.readline().startswith("Ended what an earlier run")
    wait_for(lambda: ready(port), seconds=60)
    os.killpg(again.pid, signal.SIGINT)  # Ctrl-C
    said, _ = again.communicate(timeout=60)

    assert again.returncode == 0, said
    assert re.search(rf"Zhiqun is ready: http://localhost:{port}/", said)
    assert re.search(r"/setup/\?token=\w{40}", said)
    assert "Everything is kept." in said
    assert processes.end_leftovers(var) == 0


def ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200
    except OSError:
        return False
