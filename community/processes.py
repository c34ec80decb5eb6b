"""The processes of `make run` and how they are held together: web, worker, beat."""

import fcntl
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import honcho.manager
import psutil

# Celery hands its unfinished tasks back in this time; honcho's own 5 s cut it off.
honcho.manager.KILL_WAIT = 40
PATIENCE = 20  # seconds for what an earlier run left behind
MARK = "ZHIQUN_RUN"  # in the environment of each process: the folder it belongs to


class AlreadyRunning(Exception):
    """Another `make run` works on this folder."""


def commands(var: Path) -> dict[str, list[str]]:
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "community"]
    schedule = var / "beat" / "schedule"
    schedule.parent.mkdir(exist_ok=True)
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn"),
            *("-c", "python:community.gunicorn", "community.wsgi"),
        ],
        "worker": [
            *(*celery, "worker", "--queues", "default,mail,numerics"),
            *("--concurrency", "2", "--loglevel", "WARNING", "--without-gossip"),
            # Numerics grow a process; the next task gets a fresh one.
            *("--without-mingle", "--max-memory-per-child", "300000"),
        ],
        "beat": [*celery, "beat", "--schedule", str(schedule), "--loglevel", "WARNING"],
    }


def run_all(var: Path, environment: dict[str, str]) -> int:
    """Run them until one stops or we are told to; return what the first one said."""
    manager = honcho.manager.Manager()
    environment = {
        **os.environ,
        **environment,
        MARK: str(var),
        "PYTHONUNBUFFERED": "1",
        # Asked to stop, Celery finishes what it can and hands the rest back.
        "REMAP_SIGTERM": "SIGQUIT",
    }
    for name, command in commands(var).items():
        manager.add_process(name, f"exec {shlex.join(command)}", env=environment)
    try:
        manager.loop()
    finally:
        end_leftovers(var)
    return manager.returncode


@contextmanager
def only_run(var: Path) -> Iterator[None]:
    """Raises AlreadyRunning while another `make run` of this folder is alive.

    A record lock (lockf, not flock): processes that outlive a killed run do not
    inherit it.
    """
    with (var / ".run.lock").open("a") as lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning from error
        yield


def end_leftovers(var: Path) -> int:
    """Stop what a killed run of this folder left running; return how many.

    Only safe while holding `only_run`.
    """
    left = [process for process in psutil.process_iter() if _is_of(process, var)]
    for process in left:
        _tell(process.terminate)
    _, stubborn = psutil.wait_procs(left, timeout=PATIENCE if left else 0)
    for process in stubborn:
        _tell(process.kill)
    psutil.wait_procs(stubborn, timeout=PATIENCE if stubborn else 0)
    return len(left)


def _is_of(process: psutil.Process, var: Path) -> bool:
    try:
        return process.environ().get(MARK) == str(var)
    except (psutil.Error, OSError):
        return False


def _tell(order) -> None:
    with suppress(psutil.NoSuchProcess):
        order()
