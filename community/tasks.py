from celery import shared_task

from community import health, nightly


@shared_task(
    acks_late=True,
    autoretry_for=(nightly.NightIsRunning,),
    retry_kwargs={"countdown": 60, "max_retries": 240},
)
def run_night() -> None:
    """Beat's night. Delivered twice or after a kill, it goes on where it stopped.

    The database works on for a killed worker until it notices, so a night that
    seems to be running is asked for again.
    """
    nightly.run_night(nightly.yesterday(), resume=True)


@shared_task
def pulse() -> None:
    """Beat asked and a worker did: both are alive."""
    health.note("beat")
