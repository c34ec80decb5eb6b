import datetime as dt

from celery import shared_task

from incentives.services import awarding, bounties, levels


@shared_task
def award_points(activity_id: int, at: str) -> None:
    moment = dt.datetime.fromisoformat(at)
    awarding.award_now(activity_id, moment)
    bounties.hear_now(activity_id, moment)
    levels.look_after(activity_id, moment)
