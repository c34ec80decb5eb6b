#!/usr/bin/env python
"""Zhiqun's command line: `manage.py help` lists what it can do."""

import os
import signal
import sys
from contextlib import nullcontext

from django.core.management import execute_from_command_line

# These read no data, or (run) bring the servers up themselves.
NEED_NO_SERVERS = {
    "check",
    "collectstatic",
    "diffsettings",
    "findstatic",
    "help",
    "makemigrations",
    "run",
    "translations",
    "version",
}


def servers(arguments: list[str]):
    """The embedded PostgreSQL and Redis, when this command needs them."""
    command = next((word for word in arguments if not word.startswith("-")), "help")
    if command in NEED_NO_SERVERS or {"-h", "--help", "--version"} & set(arguments):
        return nullcontext()
    from django.conf import settings

    from community import embedded

    return embedded.running(settings.VAR_DIR, **embedded.from_environment())


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
    from community import local
    from community.embedded import ServiceError

    if "check" not in sys.argv[1:2]:  # a check shall see what a server would
        local.lend_settings()

    # Die by exception, so that servers started here are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with servers(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except ServiceError as error:
        sys.exit(f"zhiqun: {error}")


if __name__ == "__main__":
    main()
