"""The Celery application that worker and beat run: `celery -A community …`."""

import os
import warnings

from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.platforms import SecurityWarning
from celery.signals import beat_init, heartbeat_sent
from django.db import transaction

from community.schedule import SCHEDULE

# `make run` works as root too, and says so nowhere else; a server has a user for it.
warnings.filterwarnings("ignore", category=SecurityWarning)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")


class Task(DjangoTask):
    """A task whose asking never spoils what was saved.

    After the commit the work is done; with Redis down the call is logged, and the
    nightly sweeps find what it would have done.
    """

    def delay_on_commit(self, *args, **kwargs) -> None:
        def ask() -> None:  # not a partial: Django's log wants its name
            self.delay(*args, **kwargs)

        transaction.on_commit(ask, robust=True)

    def apply_async_on_commit(self, *args, **kwargs) -> None:
        def ask() -> None:
            self.apply_async(*args, **kwargs)

        transaction.on_commit(ask, robust=True)


app = Celery("zhiqun", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()


@heartbeat_sent.connect
def note_worker(**kwargs):
    """A sign of life every few seconds, for /readyz."""
    from community import health

    health.note("worker")


@beat_init.connect
def first_pulse(**kwargs):
    """The schedule's own first one comes only after its interval."""
    app.send_task("community.tasks.pulse", expires=30)
