from typing import Any

from accounts.models import User
from accounts.privacy import Handler, rows
from recommend.models import Dismissal, Recommendation


def export(member: User) -> dict[str, Any]:
    mine = Recommendation.objects.filter(member=member).order_by("rank")
    return {
        "recommended now": rows(mine, "rank", "item__title", "reason_item__title"),
        "not interested": rows(
            Dismissal.objects.filter(member=member), "item__title", "at"
        ),
    }


def erase(member: User) -> None:
    Recommendation.objects.filter(member=member).delete()
    Dismissal.objects.filter(member=member).delete()


HANDLER = Handler(
    name="recommend",
    covers=(Recommendation, Dismissal),
    export=export,
    erase=erase,
)
