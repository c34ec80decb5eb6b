"""The whole clock of the product: each entry says what beat starts, and when."""

from celery.schedules import crontab

SCHEDULE = {
    # A sign of life for /readyz; a missed one is worth nothing later.
    "the pulse": {
        "task": "community.tasks.pulse",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    # At ten past three, when the day before is over everywhere that matters.
    "the night": {
        "task": "community.tasks.run_night",
        "schedule": crontab(hour=3, minute=10),
        "options": {"queue": "numerics"},
    },
}
