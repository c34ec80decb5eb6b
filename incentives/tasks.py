import datetime as dt

from celery import shared_task

from incentives.services import bounties, levels, points


@shared_task
def award_points(activity_id: int, at: str) -> None:
    moment = dt.datetime.fromisoformat(at)
    if award := points.award_now(activity_id, moment):
        levels.look_again(award.member)
    bounties.hear_now(activity_id, moment)
