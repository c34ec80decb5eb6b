import datetime as dt

from celery import shared_task

from incentives.services import awarding, bounties, campaigns, points


@shared_task
def award_points(activity_id: int, at: str) -> None:
    moment = dt.datetime.fromisoformat(at)
    awarding.award_now(activity_id, moment)
    bounties.hear_now(activity_id, moment)


@shared_task
def run_campaigns() -> None:
    campaigns.run()


@shared_task
def advance_points() -> dict[str, int]:
    """What has waited long enough, and what could be used until now."""
    return {"grants matured": points.mature(), "points expired": points.expire()}
