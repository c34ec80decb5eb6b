"""A member's points as they read them: every line with its reason in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import Transfer, User
from accounts.services import ledger
from accounts.services.held import MEMBER
from accounts.services.ledger import POINTS
from incentives.models import Award, Grant
from incentives.services.points import UNDONE

# Of what is no award; in other words it is told as it stands in the ledger.
CAUSES = {
    "held": _("Put up for an answer"),
    "answered": _("For your answer"),
    "campaign": _("Given to you"),
    "held back": _("Came back: there was no answer"),
    "read along": _("Reading along with an answer"),
    "read along back": _("Reading along was paid back"),
    "seat": _("For a seat at an event"),
    "seat back": _("Came back: for a seat at an event"),
    "seat shared": _("Your share of a seat at an event"),
    "challenge": _("For a challenge"),
    "challenge back": _("Came back: for a challenge"),
    "challenge shared": _("Your share of a challenge"),
    "order": _("For an order"),
    "order back": _("Came back: from an order"),
    "appointment": _("Put up for an appointment"),
    "appointment back": _("Came back: for an appointment"),
    "reward": _("A reward"),
    "reward back": _("Came back: for a reward"),
    "appointment held": _("For an appointment with you"),
    "expired": _("Could be used until then"),
    "given back": _("Came back"),
    "undone": _("Given before"),
}


@dataclass(frozen=True)
class Statement:
    """One line of a member's points: when, how many, and why."""

    at: datetime
    points: int
    balance: int
    reason: str
    undone: bool


@dataclass(frozen=True)
class Waiting:
    """Points that become usable, and why they were given."""

    points: int
    reason: str
    matures_at: datetime | None
    expires_at: datetime | None


def statement(member: User, *, language: str, limit: int = 200) -> list[Statement]:
    """The newest lines first, each with its reason; two queries."""
    entries = list(ledger.statement(member, kind=MEMBER, unit=POINTS)[:limit])
    reasons = _reasons([entry.transfer for entry in entries], language)
    return [
        Statement(
            at=entry.transfer.at,
            points=entry.amount,
            balance=entry.balance_after,
            reason=reason,
            undone=entry.transfer.cause == UNDONE,
        )
        for entry, reason in zip(entries, reasons, strict=True)
    ]


def waiting(member: User, *, language: str, limit: int = 200) -> list[Waiting]:
    """What becomes usable, the next first; two queries."""
    rows = member.grants.filter(pending__gt=0).order_by("matures_at", "pk")
    grants = list(rows[:limit])
    return [
        Waiting(it.pending, reason, it.matures_at, it.expires_at)
        for it, reason in zip(grants, _reasons(grants, language), strict=True)
    ]


def _reasons(rows: Sequence[Transfer | Grant], language: str) -> list[str]:
    """An award says its rule; everything else is told by its cause."""
    kind = Award.activity_kind
    numbers = [row.object_id for row in rows if row.object_kind == kind]
    awards = Award.objects.select_related("rule").in_bulk(numbers)
    return [
        awards[row.object_id].rule.title_in(language)
        if row.object_kind == kind and row.object_id in awards
        else str(CAUSES.get(row.cause, row.cause))
        for row in rows
    ]
