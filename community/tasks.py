from celery import shared_task

from community import health, nightly


@shared_task(acks_late=True)
def run_night() -> None:
    """Beat's night. Delivered twice or after a kill, it goes on where it stopped."""
    nightly.run_night(nightly.yesterday(), resume=True)


@shared_task
def pulse() -> None:
    """Beat asked and a worker did: both are alive."""
    health.note("beat")
