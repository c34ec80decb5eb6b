from dataclasses import dataclass
from datetime import datetime

from accounts.models import Entry, User
from accounts.services import ledger
from accounts.services.ledger import POINTS
from incentives.models import Award, PointRule
from incentives.services.points import MEMBER


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
    ids = [entry.transfer.object_id for entry in entries if entry.transfer.object_id]
    awards = Award.objects.select_related("rule").in_bulk(ids)
    return [_line(entry, awards, language) for entry in entries]


def _line(entry: Entry, awards: dict[int, Award], language: str) -> Statement:
    award = awards.get(entry.transfer.object_id or 0)
    return Statement(
        at=entry.transfer.at,
        points=entry.amount,
        balance=entry.balance_after,
        reason=award.rule.title_in(language) if award else entry.transfer.cause,
        undone=entry.transfer.cause == "undone",
    )


def ways_to_earn(at: datetime) -> list[PointRule]:
    return list(PointRule.objects.in_force(at))
