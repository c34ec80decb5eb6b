"""How the web server runs: `gunicorn -c python:community.gunicorn community.wsgi`."""

import gc
import os
import sys
from pathlib import Path

from gunicorn.glogging import Logger

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 20
keepalive = 30
# Loaded once, then shared by the workers: half the memory.
preload_app = True
# A worker on a slow disk would otherwise be taken for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True


class RedactedLogger(Logger):
    """What fails before Django is told of it is logged here, with its address."""

    def setup(self, cfg):
        from community.lib.logs import TextFormatter

        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(TextFormatter(self.error_fmt, self.datefmt))


logger_class = RedactedLogger
# The proxy in front keeps the access log.
accesslog = None
loglevel = "warning"


def when_ready(server):
    if welcome := os.environ.get("WELCOME"):
        sys.stdout.write(f"{welcome}\n")
        sys.stdout.flush()
    gc.collect()
    gc.freeze()  # what is loaded stays: looking at it would copy the shared pages


def post_fork(server, worker):
    from django.db import connections

    connections.close_all()
