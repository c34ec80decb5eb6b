"""The Celery application that worker and beat run: `celery -A community …`."""

import os

from celery import Celery

from community.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")

app = Celery("zhiqun")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()
