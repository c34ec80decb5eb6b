"""What the two embedded servers have in common: starting, sharing, stopping."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from community.embedded import places
from community.embedded.errors import ServiceError
from community.embedded.places import Owner, say

PATIENCE = 60  # seconds; recovering a large database after a crash takes a while


class Server:
    """One server of one `var` folder. Subclasses say how it is run."""

    name: str
    process_name: str
    stop_signal: signal.Signals

    def __init__(self, var: Path, owner: Owner):
        self.var = var
        self.owner = owner
        self.sockets = places.sockets(var)
        self.log = var / "log" / f"{self.name}.log"

    @property
    def data(self) -> Path:
        return places.data_folder(self.var, self.name, self.owner)

    # For subclasses -----------------------------------------------------------

    def answers(self) -> bool:
        raise NotImplementedError

    def prepare(self) -> None:
        """Bring data and configuration into a state to start from."""
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def pid_file(self) -> Path:
        raise NotImplementedError

    def worth_another_try(self, complaint: str) -> bool:
        return False

    # Sharing ------------------------------------------------------------------

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Hold the server up; the last holder, of any process, stops it.

        The lock is the kernel's: it goes when its process goes, even killed.
        """
        with self._opened("lock") as lock:
            with self._turn():
                fcntl.flock(lock, fcntl.LOCK_SH)
                self.start()
            try:
                yield
            finally:
                with self._turn():
                    if self._is_last(lock):
                        self.stop()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time starts or stops this server."""
        with self._opened("turn") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _opened(self, suffix: str) -> Iterator[int]:
        path = self.var / f".{self.name}.{suffix}"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as error:
            raise ServiceError(
                f"{self.var} belongs to another user: run this as that user."
            ) from error
        try:
            yield handle
        finally:
            os.close(handle)

    @staticmethod
    def _is_last(lock: int) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    # Starting and stopping ----------------------------------------------------

    def start(self) -> None:
        if self.answers():
            return
        self.stop()  # alive but mute: half-started, or its socket was swept away
        places.private_folder(self.sockets, self.owner)
        self.prepare()
        deadline = time.monotonic() + PATIENCE
        while not self._launched(deadline):
            time.sleep(0.5)

    def revive(self) -> None:
        """Start it again if it died under those who use it."""
        if self.process() is None:
            with self._turn():
                if self.process() is None:
                    say(f"{self.name} is gone; starting it again.")
                    self.start()

    def _launched(self, deadline: float) -> bool:
        """Start the process; False if it failed in a way that time heals."""
        with self.log.open("ab") as log:
            begin = log.tell()
            process = subprocess.Popen(  # noqa: S603
                self.command(),
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal is for us; we stop the server in order.
                start_new_session=True,
                **self.owner.become,
            )
        while process.poll() is None:
            if self.answers():
                process.returncode = 0  # let go: it may outlive us, Popen would warn
                return True
            if time.monotonic() > deadline:
                raise ServiceError(f"{self.name} does not answer; see {self.log}.")
            time.sleep(0.02)
        complaint = self._log_since(begin)
        if self.worth_another_try(complaint) and time.monotonic() < deadline:
            return False
        raise ServiceError(f"{self.name} does not start. It says:\n{complaint}")

    def stop(self) -> None:
        process = self.process()
        if process is None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(timeout=PATIENCE)
        except psutil.TimeoutExpired:
            say(f"{self.name} does not stop; it is killed and will recover.")
            process.kill()
            process.wait(timeout=PATIENCE)

    def process(self) -> psutil.Process | None:
        """Our running server. A number in a file proves nothing: pids come again."""
        try:
            process = psutil.Process(int(self.pid_file().read_text().split()[0]))
            ours = (
                process.name() == self.process_name
                and process.status() != psutil.STATUS_ZOMBIE
                and Path(process.cwd()) == self.data
            )
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return process if ours else None

    def _log_since(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace")[-2000:]
