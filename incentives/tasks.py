import datetime as dt

from celery import shared_task

from incentives.services import points


@shared_task
def award_points(activity_id: int, at: str) -> None:
    points.award_now(activity_id, dt.datetime.fromisoformat(at))
