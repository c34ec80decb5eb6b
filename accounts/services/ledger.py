"""Moving money and points. Everything else about them is reading."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection, models, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.errors import KeyReused, NotEnough
from accounts.models import Entry, LedgerAccount, User

POINTS = "points"
FLOOR_CONSTRAINT = "ledger_balance_above_floor"
KEY_REUSED_STATE = "ZQ001"


@dataclass(frozen=True)
class Line:
    """`amount` minor units into an account (negative: out of it).

    Without a member it is the house's account of that kind.
    """

    kind: str
    amount: int
    member: User | None = None


def post(
    *,
    key: str,
    unit: str,
    cause: str,
    lines: Sequence[Line],
    source: models.Model | None = None,
    at: dt.datetime | None = None,
) -> int:
    """Write one transfer and return its id; the same key again changes nothing.

    Raises NotEnough when a member's account would fall below its floor, KeyReused
    when `key` was posted before with other lines, ValueError when the lines do not
    sum to zero.
    """
    if not lines or sum(line.amount for line in lines) != 0:
        raise ValueError("the lines of a transfer sum to zero")
    arguments = [
        key,
        unit,
        cause,
        getattr(source, "activity_kind", ""),
        source.pk if source is not None else None,
        at or timezone.now(),
        [line.kind for line in lines],
        [line.member.pk if line.member else None for line in lines],
        [line.amount for line in lines],
    ]
    try:
        # Atomic, so that a refusal leaves the caller's transaction usable.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT accounts_ledger_post(%s, %s, %s, %s, %s, %s,"
                " %s::text[], %s::bigint[], %s::bigint[])",
                arguments,
            )
            return cursor.fetchone()[0]
    except DatabaseError as error:
        raise _explained(error, key) from error


def _explained(error: DatabaseError, key: str) -> Exception:
    """The database's refusal in our words, or the error itself."""
    if FLOOR_CONSTRAINT in str(error):
        return NotEnough(key)
    if getattr(error.__cause__, "pgcode", "") == KEY_REUSED_STATE:
        return KeyReused(key)
    return error


def balance(member: User, *, kind: str, unit: str) -> int:
    account = LedgerAccount.objects.filter(member=member, kind=kind, unit=unit)
    return account.values_list("balance", flat=True).first() or 0


def house_balance(*, kind: str, unit: str) -> int:
    shards = LedgerAccount.objects.filter(member=None, kind=kind, unit=unit)
    return shards.aggregate(total=Sum("balance"))["total"] or 0


def statement(member: User, *, kind: str, unit: str) -> "models.QuerySet[Entry]":
    """The lines of one account, newest first, with their transfers."""
    return (
        Entry.objects.filter(
            account__member=member, account__kind=kind, account__unit=unit
        )
        .select_related("transfer")
        .order_by("-id")
    )


CHECKS = {
    "transfers that do not sum to zero": """
        SELECT transfer_id FROM accounts_entry GROUP BY transfer_id
        HAVING sum(amount) <> 0""",
    "transfers without entries": """
        SELECT t.id FROM accounts_transfer t WHERE NOT EXISTS
        (SELECT FROM accounts_entry e WHERE e.transfer_id = t.id)""",
    "entries in another unit than their account": """
        SELECT e.id FROM accounts_entry e
        JOIN accounts_transfer t ON t.id = e.transfer_id
        JOIN accounts_ledgeraccount a ON a.id = e.account_id
        WHERE a.unit <> t.unit""",
    "accounts whose balance is not the sum of their entries": """
        SELECT a.id FROM accounts_ledgeraccount a
        LEFT JOIN accounts_entry e ON e.account_id = a.id
        GROUP BY a.id HAVING a.balance <> coalesce(sum(e.amount), 0)""",
    "entries whose balance does not follow from the one before": """
        SELECT id FROM (
            SELECT id, balance_after, sum(amount) OVER
                (PARTITION BY account_id ORDER BY id) AS running
            FROM accounts_entry) e
        WHERE balance_after <> running""",
}


def check() -> dict[str, list[int]]:
    """{what is wrong: ids}; empty when every balance can be proven."""
    found = {}
    with connection.cursor() as cursor:
        for what, query in CHECKS.items():
            cursor.execute(query)
            if ids := [row[0] for row in cursor.fetchall()]:
                found[what] = ids
    return found
