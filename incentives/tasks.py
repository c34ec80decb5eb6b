import datetime as dt

from celery import shared_task

from accounts.models import Activity
from incentives.services import (
    awarding,
    bounties,
    campaigns,
    levels,
    points,
)


@shared_task
def award_points(activity_id: int, at: str) -> None:
    """What the bell asks for; `at` finds the row in its month's partition."""
    moment = dt.datetime.fromisoformat(at)
    activity = Activity.objects.filter(pk=activity_id, at=moment).first()
    if activity is None:
        return
    awarding.award_for(activity)
    if activity.verb in bounties.HEARD:
        bounties.hear(activity)
    levels.look_after(activity)


@shared_task
def advance_points() -> dict[str, int]:
    """What has waited long enough, and what could be used until now."""
    return {"grants matured": points.mature(), "points expired": points.expire()}


@shared_task
def run_campaigns() -> None:
    campaigns.run()
