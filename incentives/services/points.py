"""What a member has, and how points come and go."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Transfer, User
from accounts.services import ledger
from accounts.services.held import HOUSE, MEMBER
from accounts.services.ledger import POINTS, Line


@dataclass(frozen=True)
class Row:
    member_id: int
    points: int
    key: str
    cause: str
    object_kind: str = ""
    object_id: int | None = None
    at: dt.datetime | None = None
    matures_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None


@dataclass(frozen=True)
class Source:
    activity_kind: str
    pk: int | None


def balance(member: User) -> int:
    return ledger.balance(member, kind=MEMBER, unit=POINTS)


def grant_many(rows: Sequence[Row]) -> set[str]:
    for row in rows:
        lines = [Line(MEMBER, row.points, User(pk=row.member_id))]
        lines.append(Line(HOUSE, -row.points))
        source = Source(row.object_kind, row.object_id)
        ledger.post(
            key=row.key, unit=POINTS, cause=row.cause, lines=lines, source=source
        )
    return set()


def take_back(
    *, key: str, of: str, points: int | None = None, at: dt.datetime | None = None
) -> int:
    transfer = Transfer.objects.get(key=of)
    entry = transfer.entries.get(account__member__isnull=False)
    member = entry.account.member
    points = min(points or entry.amount, balance(member))
    if points:
        lines = [Line(MEMBER, -points, member), Line(HOUSE, points)]
        ledger.post(key=key, unit=POINTS, cause="undone", lines=lines)
    return points
