from typing import Any

from accounts.models import User
from accounts.privacy import Handler, rows
from incentives.models import (
    Award,
    Bounty,
    Campaign,
    CampaignMember,
    Exposure,
    Grant,
)


def export(member: User) -> dict[str, Any]:
    return {
        "grants": rows(
            member.grants,
            *("points", "pending", "reversed", "cause", "at", "matures_at"),
            "expires_at",
        ),
        "awards": rows(
            member.awards, "rule__title", "points", "outcome", "awarded_at", "undone_at"
        ),
        "bounties": rows(
            member.bounties, "topic", "points", "state", "created_at", "settled_at"
        ),
        "bounties won": rows(
            member.bounties_won, "topic", "answer", "points", "state", "settled_at"
        ),
        "campaigns": rows(member.campaigns, "campaign__name", "points", "at"),
        "trials": rows(
            member.exposures,
            *("hold_out__rule__title", "hold_out__campaign__name", "arm", "at"),
        ),
    }


def erase(member: User) -> None:
    """All of it is numbers behind a row without a name; the ledger needs them."""


HANDLER = Handler(
    name="incentives",
    covers=(Award, Bounty, Campaign, CampaignMember, Exposure, Grant),
    export=export,
    erase=erase,
)
