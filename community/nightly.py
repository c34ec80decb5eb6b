"""The night's work, in order: what beat starts at three and `manage.py nightly` runs.

Every step is safe to run again for the same date, so a night that was killed is
simply run again; the steps it had finished are then skipped.
"""

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Iterable
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

import accounts.steps
import analytics.steps
import community.steps
import content.steps
import incentives.steps
import recommend.steps
from community.lib.logs import redacted
from community.lib.steps import Step
from community.models import StepRun

logger = logging.getLogger(__name__)

STEPS: list[Step] = [
    *accounts.steps.STEPS,
    *content.steps.STEPS,
    *incentives.steps.STEPS,
    *analytics.steps.STEPS,
    *recommend.steps.STEPS,
    *community.steps.STEPS,
]

# Any constant of our own: whoever holds this lock is running the night.
LOCK = 20_130_201


class NightIsRunning(Exception):
    """Another process is running the steps at this moment."""


def yesterday() -> dt.date:
    """The last day that is over, in the community's time zone."""
    return timezone.localdate() - dt.timedelta(days=1)


def run_night(
    as_of: dt.date,
    *,
    steps: Iterable[Step] = STEPS,
    resume: bool = False,
    report: Callable[[StepRun], None] | None = None,
) -> list[StepRun]:
    """Run `steps` for the end of the day `as_of`; return what each one did.

    A step that fails is recorded and does not keep the later ones from running.
    With `resume`, steps already finished for `as_of` are left alone. Raises
    NightIsRunning when another process is at it.
    """
    with _only_one_at_a_time():
        runs = []
        for step in steps:
            if resume and _is_done(step, as_of):
                continue
            runs.append(_run_step(step, as_of))
            if report:
                report(runs[-1])
        return runs


def _is_done(step: Step, as_of: dt.date) -> bool:
    return StepRun.objects.filter(
        step=step.name, as_of=as_of, state=StepRun.State.DONE
    ).exists()


def _run_step(step: Step, as_of: dt.date) -> StepRun:
    run, _ = StepRun.objects.update_or_create(
        step=step.name,
        as_of=as_of,
        defaults={
            "state": StepRun.State.RUNNING,
            "started_at": timezone.now(),
            "finished_at": None,
            "result": {},
            "error": "",
        },
    )
    try:
        run.result = step.run(as_of)
        run.state = StepRun.State.DONE
    except Exception:
        logger.exception("The nightly step %s failed for %s", step.name, as_of)
        run.error = redacted(traceback.format_exc())
        run.state = StepRun.State.FAILED
    run.finished_at = timezone.now()
    run.save()
    return run


@contextmanager
def _only_one_at_a_time():
    """Held by the database session, so it ends with the process however that dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise NightIsRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
