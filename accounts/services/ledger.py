"""Moving money and points. Everything else about them is reading."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection, models, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.errors import BudgetSpent, KeyReused, NotEnough, TooMuch
from accounts.models import Entry, LedgerAccount, Lot, User

POINTS = "points"
SHARDS = 64
FLOOR_CONSTRAINT = "ledger_balance_above_floor"
# What the functions in the database raise, see the migration that made them.
STATES = {"ZQ001": KeyReused, "ZQ002": BudgetSpent, "ZQ004": TooMuch, "ZQ005": TooMuch}


@dataclass(frozen=True)
class Line:
    """`amount` minor units into an account (negative: out of it).

    Without a member it is the house's account of that kind, in a shard by the key
    unless one is named. Out of an account whose kind begins with "budget:" it comes
    from any of its shards.
    """

    kind: str
    amount: int
    member: User | None = None
    shard: int | None = None


@dataclass(frozen=True)
class Source:
    """What a transfer is about, where only its kind and number are at hand."""

    activity_kind: str
    pk: int | None


@dataclass(frozen=True)
class Move:
    """A transfer of a batch: `amount` from one account to another."""

    key: str
    cause: str
    amount: int
    to: str
    to_member: int | None
    source: str
    source_member: int | None = None
    object_kind: str = ""
    object_id: int | None = None
    at: dt.datetime | None = None
    expires_at: dt.datetime | None = None

    @property
    def lines(self) -> tuple[object, ...]:
        return self.to, self.to_member, self.source, self.source_member, self.amount


def post(
    *,
    key: str,
    unit: str,
    cause: str,
    lines: Sequence[Line],
    source: models.Model | Source | None = None,
    at: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
    undoes: str | None = None,
    lot: Lot | None = None,
) -> int:
    """Write one transfer and return its id; the same key again changes nothing.

    What members get can be used until `expires_at`. What they get back of the transfer
    whose key is `undoes` returns into the lots it came from. Taken is what ends first,
    or from `lot` alone.

    Raises NotEnough when a member's account would fall below its floor, BudgetSpent
    when a budget does not hold what is taken from it, KeyReused when `key` was posted
    before with other lines, TooMuch when more would come back than was taken (or be
    taken than `lot` holds), ValueError when the lines do not sum to zero.
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
        [line.shard for line in lines],
        expires_at,
        undoes,
        lot.pk if lot else None,
    ]
    try:
        # Atomic, so that a refusal leaves the caller's transaction usable.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT accounts_ledger_post(%s, %s, %s, %s, %s, %s,"
                " %s::text[], %s::bigint[], %s::bigint[], %s::smallint[], %s, %s, %s)",
                arguments,
            )
            return cursor.fetchone()[0]
    except DatabaseError as error:
        raise _explained(error, key) from error


def post_many(*, unit: str, moves: Sequence[Move]) -> set[str]:
    """Write many transfers by one statement; return the keys that are new.

    Nothing may be taken from lots or budgets here. Raises NotEnough and KeyReused like
    `post`; then nothing of the batch is written. A batch locks the accounts of all its
    members until the caller's transaction ends: some thousands at once are enough.
    """
    if not moves:
        return set()
    each = {it.key: it for it in moves}
    for it in moves:
        if each[it.key].lines != it.lines:
            raise KeyReused(it.key)
    now = timezone.now()
    columns = zip(
        *(
            (
                *(it.key, it.cause, it.object_kind, it.object_id, it.at or now),
                *(it.to, it.to_member, it.source, it.source_member),
                *(it.amount, it.expires_at),
            )
            for it in each.values()
        ),
        strict=True,
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT accounts_ledger_post_many(%s, %s::text[], %s::text[],"
                " %s::text[], %s::bigint[], %s::timestamptz[], %s::text[],"
                " %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],"
                " %s::timestamptz[])",
                [unit, *map(list, columns)],
            )
            return {row[0] for row in cursor.fetchall()}
    except DatabaseError as error:
        raise _explained(error, moves[0].key) from error


def _explained(error: DatabaseError, key: str) -> Exception:
    """The database's refusal in our words, or the error itself."""
    if FLOOR_CONSTRAINT in str(error):
        return NotEnough(key)
    known = STATES.get(getattr(error.__cause__, "pgcode", "") or "")
    return known(key) if known else error


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
    "lots that do not hold what was put in and not used": """
        SELECT l.id FROM accounts_lot l
        LEFT JOIN accounts_lotmove m ON m.lot_id = l.id
        GROUP BY l.id HAVING l.remaining <> coalesce(sum(m.amount), 0)""",
    "accounts whose lots do not sum to what has an end": """
        SELECT a.id FROM accounts_ledgeraccount a
        LEFT JOIN accounts_lot l ON l.account_id = a.id
        GROUP BY a.id HAVING a.expiring <> coalesce(sum(l.remaining), 0)
            OR a.expiring > greatest(a.balance, 0)""",
    "members' and budgets' accounts below zero": """
        SELECT id FROM accounts_ledgeraccount
        WHERE balance < floor OR (kind LIKE 'budget:%' AND balance < 0)""",
}


def add_checks(checks: dict[str, str]) -> None:
    """{what is wrong: a query for the ids of it}, for what apps above keep beside."""
    CHECKS.update(checks)


def check() -> dict[str, list[int]]:
    """{what is wrong: ids}; empty when every balance can be proven."""
    found = {}
    with connection.cursor() as cursor:
        for what, query in CHECKS.items():
            cursor.execute(query)
            if ids := [row[0] for row in cursor.fetchall()]:
                found[what] = ids
    return found
