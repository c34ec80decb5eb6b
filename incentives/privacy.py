from dataclasses import asdict
from typing import Any

from accounts.models import User
from accounts.privacy import Handler, rows
from incentives.models import Award, Bounty, Grant, Parcel, Redemption
from incentives.services import parcels, redemptions


def export(member: User) -> dict[str, Any]:
    return {
        "grants": rows(
            member.grants,
            *("points", "pending", "reversed", "cause", "at", "matures_at"),
            "expires_at",
        ),
        "awards": rows(
            member.awards, "rule__title", "points", "awarded_at", "undone_at"
        ),
        "bounties": rows(
            member.bounties, "topic", "points", "state", "created_at", "settled_at"
        ),
        "bounties won": rows(
            member.bounties_won, "topic", "answer", "points", "state", "settled_at"
        ),
        "rewards": rows(
            member.redemptions,
            *("reward__title", "points", "state", "created_at", "changed_at"),
            *("reason", "parcel__carrier", "parcel__tracking", "parcel__shipped_at"),
        ),
        "addresses of rewards": _addresses(member),
    }


def _addresses(member: User) -> list[dict[str, Any]]:
    kept = Parcel.objects.filter(redemption__member=member, erased_at=None)
    found = [(parcel, parcels.address_of(parcel)) for parcel in kept]
    return [
        {"reward": parcel.redemption_id, **asdict(address)}
        for parcel, address in found
        if address
    ]


def erase(member: User) -> None:
    """The rest is numbers behind a row without a name; the ledger needs them."""
    redemptions.erase(member)


HANDLER = Handler(
    name="incentives",
    covers=(Award, Bounty, Grant, Redemption),
    export=export,
    erase=erase,
)
