from celery import shared_task

from community import nightly


@shared_task(acks_late=True)
def run_night() -> None:
    """Beat's night. Delivered twice or after a kill, it goes on where it stopped."""
    nightly.run_night(nightly.yesterday(), resume=True)
