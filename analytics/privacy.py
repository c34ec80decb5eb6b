"""What this app holds about a member: counts per day, and what is expected of them."""

from typing import Any

from accounts.models import User
from accounts.privacy import Handler, rows
from analytics.models import (
    ActivityScore,
    Catalogue,
    Coverage,
    Events,
    MemberDay,
    Revenue,
)


def export(member: User) -> dict[str, Any]:
    return {
        "days": rows(
            MemberDay.objects.filter(member=member).order_by("day"),
            *("day", "space", "interactions", "content"),
        ),
        "activity_scores": rows(
            ActivityScore.objects.filter(member=member),
            *("space__name", "run__snapshot", "predicted", "low", "high"),
        ),
    }


def erase(member: User) -> None:
    """Predictions go; the counts stay, as the log they are made from does."""
    ActivityScore.objects.filter(member=member).delete()


HANDLER = Handler(
    name="analytics",
    covers=(MemberDay, ActivityScore, Catalogue, Coverage, Events, Revenue),
    export=export,
    erase=erase,
)
