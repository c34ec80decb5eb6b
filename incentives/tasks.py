import datetime as dt

from celery import shared_task

from incentives.services import bounties, campaigns, points


@shared_task
def award_points(activity_id: int, at: str) -> None:
    moment = dt.datetime.fromisoformat(at)
    points.award_now(activity_id, moment)
    bounties.hear_now(activity_id, moment)


@shared_task
def run_campaigns() -> None:
    campaigns.run()
