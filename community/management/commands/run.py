import os
import socket
import sys

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection, connections

from accounts.models import User
from community import embedded, first_run, preparation, processes, queue


class Command(BaseCommand):
    help = "Run everything here: database, Redis, web server, worker and clock."
    requires_system_checks: list[str] = []  # migrate checks, when there is a need

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="where to listen")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--demo", type=int, default=1, help="0: an empty database stays empty"
        )
        parser.add_argument(
            "--members", type=int, default=300, help="how many the demo has"
        )

    def handle(self, *, host, port, demo, members, **options):
        var = settings.VAR_DIR.resolve()
        var.mkdir(parents=True, exist_ok=True)
        try:
            with processes.only_run(var):
                self.run(var, host, port, members if demo else 0)
        except processes.AlreadyRunning:
            raise CommandError(
                f"Zhiqun is already running on {var}. Stop it there (Ctrl-C), or give "
                "this copy a folder of its own: VAR_DIR=…"
            ) from None

    def run(self, var, host, port, members):
        if processes.end_leftovers(var):
            self.say("Ended what an earlier run that was killed had left running.")
        self.refuse_taken_port(host, port)
        self.say("Starting PostgreSQL and Redis…")
        with embedded.running(var, **embedded.from_environment()):
            self.refuse_silent_servers()
            preparation.bring_up_to_date(self.say)
            if returned := queue.return_unfinished():
                self.say(f"{returned} tasks of a killed worker will be done again.")
            if members and not User.objects.exists():
                call_command("demo", members=members)
            self.say("Starting web server, worker and clock…")
            welcome = self.welcome(f"http://localhost:{port}")
            connections.close_all()  # none is needed while the others work
            environment = {
                "BIND": f"{host}:{port}",
                "WELCOME": welcome,
                "SITE_URL": os.environ.get("SITE_URL", f"http://localhost:{port}"),
            }
            with embedded.watched(var, **embedded.from_environment()):
                code = processes.run_all(var, environment)
            self.say("Stopping PostgreSQL and Redis…")
        self.finish(code)

    def refuse_taken_port(self, host, port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except (OSError, OverflowError) as error:
                raise CommandError(
                    f"Port {port} cannot be used ({error}). Choose another one: "
                    "make run PORT=8001"
                ) from None

    def refuse_silent_servers(self):
        """One's own, given by DATABASE_URL and REDIS_URL, may not be there."""
        try:
            connection.ensure_connection()
        except Error as error:
            raise CommandError(f"PostgreSQL (DATABASE_URL): {error}") from None
        try:
            redis.from_url(settings.REDIS_URL).ping()
        except redis.RedisError as error:
            raise CommandError(f"Redis (REDIS_URL): {error}") from None

    def welcome(self, address):
        lines = [f"Zhiqun is ready: {address}/"]
        logins = settings.VAR_DIR / "demo-logins.txt"
        if logins.exists():
            lines.append(logins.read_text(encoding="utf-8").rstrip())
        if first_run.needed():
            lines.append(f"Set up your community: {address}{first_run.path()}")
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            lines.append(f"E-mails are not sent but kept in {settings.EMAIL_FILE_PATH}")
        return "\n".join([*lines, "Stop with Ctrl-C."])

    def finish(self, code):
        if code in {130, 143}:  # we were asked to stop
            self.say("Stopped. Everything is kept.")
            return
        self.stderr.write(
            "One of the processes stopped by itself, so all were stopped; "
            "the lines above say why."
        )
        sys.exit(1)

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()
