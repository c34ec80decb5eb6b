from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import Entry, User
from accounts.services import ledger
from accounts.services.held import MEMBER
from accounts.services.ledger import POINTS
from incentives.models import Award, PointRule

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
    "appointment": _("Put up for an appointment"),
    "appointment back": _("Came back: for an appointment"),
    "appointment held": _("For an appointment with you"),
}


@dataclass(frozen=True)
class Statement:
    """One line of a member's points: when, how many, and why."""

    at: datetime
    points: int
    balance: int
    reason: str
    undone: bool


def statement(member: User, *, language: str, limit: int = 200) -> list[Statement]:
    """The newest lines first, each with its reason; two queries."""
    entries = list(ledger.statement(member, kind=MEMBER, unit=POINTS)[:limit])
    ids = [
        entry.transfer.object_id
        for entry in entries
        if entry.transfer.object_kind == Award.activity_kind
    ]
    awards = Award.objects.select_related("rule").in_bulk(ids)
    return [_line(entry, awards, language) for entry in entries]


def _line(entry: Entry, awards: dict[int, Award], language: str) -> Statement:
    transfer = entry.transfer
    is_award = transfer.object_kind == Award.activity_kind
    award = awards.get(transfer.object_id or 0) if is_award else None
    cause = str(CAUSES.get(transfer.cause, transfer.cause))
    return Statement(
        at=entry.transfer.at,
        points=entry.amount,
        balance=entry.balance_after,
        reason=award.rule.title_in(language) if award else cause,
        undone=entry.transfer.cause == "undone",
    )


def ways_to_earn(at: datetime) -> list[PointRule]:
    return list(PointRule.objects.in_force(at))
