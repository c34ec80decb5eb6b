import datetime as dt

from celery import shared_task

from incentives.services import awarding, bounties, campaigns


@shared_task
def award_points(activity_id: int, at: str) -> None:
    moment = dt.datetime.fromisoformat(at)
    awarding.award_now(activity_id, moment)
    bounties.hear_now(activity_id, moment)


@shared_task
def run_campaigns() -> None:
    campaigns.run()
