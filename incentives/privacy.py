from dataclasses import asdict
from typing import Any

from accounts.models import User
from accounts.privacy import Handler, rows
from incentives.models import (
    Award,
    BadgeHolder,
    Bounty,
    Campaign,
    CampaignMember,
    CouponCode,
    CouponListed,
    CouponUse,
    Exposure,
    Grant,
    LevelChange,
    OutOfRankings,
    Parcel,
    PointsPaid,
    Redemption,
    Standing,
    Suspicion,
    Tally,
)
from incentives.services import parcels, redemptions


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
        "level": rows(
            Standing.objects.filter(member=member), "level", "value", "stays_until"
        ),
        "levels reached": rows(member.level_changes, "was", "became", "value", "at"),
        "badges": rows(member.badges, "badge__name", "earned_at"),
        "in no ranking": rows(OutOfRankings.objects.filter(member=member), "since"),
        "days counted": rows(member.tallies, "verb", "day", "number"),
        "bounties": rows(
            member.bounties, "topic", "points", "state", "created_at", "settled_at"
        ),
        "coupons": rows(
            member.coupon_uses,
            *("coupon__title", "code__code", "order__number", "amount", "currency"),
            *("state", "at"),
        ),
        "coupon codes": rows(member.coupon_codes, "coupon__title", "code", "handed_at"),
        "coupons listed for": rows(member.coupons_listed, "coupon__title"),
        "points for orders": rows(
            member.points_paid,
            *("order__number", "points", "amount", "currency", "state", "given_back"),
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
        "looks at points": rows(
            member.suspicions,
            *("kind", "state", "numbers__points", "found_at", "statement"),
            *("decided_at", "answer", "appeal", "appealed_at"),
            *("appeal_decided_at", "appeal_answer"),
        ),
        "campaigns": rows(member.campaigns, "campaign__name", "points", "at"),
        "trials": rows(
            member.exposures,
            *("hold_out__rule__title", "hold_out__campaign__name", "arm", "at"),
        ),
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
    """What is left is numbers behind a row without a name; the ledger needs them."""
    for honour in (Standing, LevelChange, BadgeHolder, OutOfRankings, Tally):
        honour.objects.filter(member=member).delete()
    redemptions.erase(member)
    member.coupons_listed.all().delete()
    member.suspicions.all().delete()


HANDLER = Handler(
    name="incentives",
    covers=(
        Award,
        BadgeHolder,
        Bounty,
        Campaign,
        CampaignMember,
        CouponCode,
        CouponListed,
        CouponUse,
        Exposure,
        Grant,
        LevelChange,
        OutOfRankings,
        PointsPaid,
        Redemption,
        Standing,
        Suspicion,
        Tally,
    ),
    export=export,
    erase=erase,
)
