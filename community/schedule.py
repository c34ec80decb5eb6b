"""The whole clock of the product: each entry says what beat starts, and when."""

from celery.schedules import crontab

SCHEDULE = {
    # At ten past three, when the day before is over everywhere that matters.
    "the night": {
        "task": "community.tasks.run_night",
        "schedule": crontab(hour=3, minute=10),
        "options": {"queue": "numerics"},
    },
}
