"""What a member has, and how points come and go."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from accounts.models import Transfer, User
from accounts.services import ledger
from accounts.services.held import HOUSE, MEMBER
from accounts.services.ledger import POINTS, Line


class Given(NamedTuple):
    """One grant of many."""

    member: User
    points: int
    key: str
    cause: str
    source: Any = None
    at: dt.datetime | None = None
    matures_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    budget: Any = None


def balance(member: User) -> int:
    return ledger.balance(member, kind=MEMBER, unit=POINTS)


def grant(
    *,
    member: User,
    points: int,
    key: str,
    cause: str,
    source: Any = None,
    at: dt.datetime | None = None,
    matures_at: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
    budget: Any = None,
) -> None:
    lines = [Line(MEMBER, points, member), Line(HOUSE, -points)]
    ledger.post(key=key, unit=POINTS, cause=cause, lines=lines, source=source, at=at)


def grant_many(rows: Iterable[Given]) -> None:
    for row in rows:
        grant(**row._asdict())


def take_back(*, key: str, of: str, points: int | None = None) -> None:
    transfer = Transfer.objects.get(key=of)
    entry = transfer.entries.get(account__member__isnull=False)
    member = entry.account.member
    points = min(points or entry.amount, balance(member))
    if points:
        lines = [Line(MEMBER, -points, member), Line(HOUSE, points)]
        ledger.post(key=key, unit=POINTS, cause="undone", lines=lines)
