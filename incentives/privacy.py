from typing import Any

from accounts.models import User
from accounts.privacy import Handler, rows
from incentives.models import Award


def export(member: User) -> dict[str, Any]:
    return {
        "awards": rows(
            member.awards, "rule__title", "points", "awarded_at", "undone_at"
        )
    }


def erase(member: User) -> None:
    """Awards are numbers behind a row without a name; the ledger needs them."""


HANDLER = Handler(name="incentives", covers=(Award,), export=export, erase=erase)
