"""What this app holds about a member: counts per day made from the activity log."""

from typing import Any

from accounts.models import User
from accounts.privacy import Handler, rows
from analytics.models import MemberDay


def export(member: User) -> dict[str, Any]:
    return {
        "days": rows(
            MemberDay.objects.filter(member=member).order_by("day"),
            *("day", "space", "interactions", "content"),
        ),
    }


def erase(member: User) -> None:
    """The counts stay, as the log does they are made from: nobody is behind them."""


HANDLER = Handler(name="analytics", covers=(MemberDay,), export=export, erase=erase)
