"""Points of members: given for a cause, waiting, spent, ended, taken back.

All of it moves in the ledger; which deeds are worth how many, `awarding` knows.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.errors import BudgetSpent, KeyReused, NotEnough, TooMuch
from accounts.models import Lot, Transfer, User
from accounts.services import ledger
from accounts.services.held import EXPIRED, HOUSE, MEMBER, PENDING, SPENT
from accounts.services.ledger import POINTS, Line, Move, Source
from incentives.models import Budget, Grant, Reversal, Suspicion
from incentives.services import budgets

EXPIRED_CAUSE, UNDONE = "expired", "undone"
# What had a date while it was away can be used so long; the database says the same.
AGAIN = dt.timedelta(days=14)
# So many grants mature by one statement.
AT_ONCE = 1000
# What would not wait, waits for no day but that somebody has looked at its member.
A_MOMENT = dt.timedelta(microseconds=1)
# As arrays: three times as fast as rows of values.
KEPT = (
    *("key", "member_id", "points", "pending", "cause", "object_kind", "object_id"),
    *("paid_from", "at", "matures_at", "expires_at"),
)
KEEP = """
INSERT INTO incentives_grant (key, member_id, points, pending, reversed, cause,
    object_kind, object_id, paid_from, at, matures_at, expires_at)
SELECT key, member, points, pending, 0, cause, kind, object, paid_from, at, matures,
    ends
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
    %s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[]) AS row (key, member, points, pending, cause, kind, object,
    paid_from, at, matures, ends)
ON CONFLICT (key) DO NOTHING
"""


def balance(member: User) -> int:
    return ledger.balance(member, kind=MEMBER, unit=POINTS)


def pending(member: User) -> int:
    return ledger.balance(member, kind=PENDING, unit=POINTS)


@dataclass(frozen=True)
class Row:
    """A grant of a batch, as `grant` takes it."""

    member_id: int
    points: int
    key: str
    cause: str
    object_kind: str = ""
    object_id: int | None = None
    at: dt.datetime | None = None
    matures_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    budget: Budget | None = None


@transaction.atomic
def grant(
    *,
    member: User,
    points: int,
    key: str,
    cause: str,
    source: models.Model | None = None,
    at: dt.datetime | None = None,
    matures_at: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
    budget: Budget | None = None,
) -> Grant:
    """Give a member points, at once or from `matures_at` on, once for `key`.

    Raises BudgetSpent when the budget does not hold them, KeyReused when the key was
    given for something else.
    """
    row = Row(
        member.pk,
        points,
        key,
        cause,
        object_kind=getattr(source, "activity_kind", ""),
        object_id=source.pk if source is not None else None,
        at=at,
        matures_at=matures_at,
        expires_at=expires_at,
        budget=budget,
    )
    return _granted([row]).get(key) or _grant_one(*_waiting_where_held([row]))


def _granted(rows: Sequence[Row]) -> dict[str, Grant]:
    """Those of these that are there already. Raises KeyReused."""
    there = Grant.objects.filter(key__in=[row.key for row in rows])
    found = {it.key: it for it in there}
    for row in rows:
        it = found.get(row.key)
        if it and (it.member_id, it.points) != (row.member_id, row.points):
            raise KeyReused(row.key)
    return found


def _waiting_where_held(rows: Sequence[Row]) -> list[Row]:
    """What is given to members at whom somebody has yet to look waits, too."""
    numbers = {row.member_id for row in rows}
    holding = Suspicion.objects.holding().filter(member__in=numbers)
    held = set(holding.values_list("member", flat=True))
    return [_waiting(row) if row.member_id in held else row for row in rows]


def _waiting(row: Row) -> Row:
    at = row.at or timezone.now()
    matures_at = max(row.matures_at or at, at + A_MOMENT)
    return replace(row, at=at, matures_at=matures_at)


def _grant_one(row: Row) -> Grant:
    new = _grant_of(row)
    if row.budget:
        new.paid_from = budgets.kind_of(row.budget, new.at)
    ledger.post(
        key=row.key,
        unit=POINTS,
        cause=row.cause,
        lines=[
            Line(_place(new), row.points, User(pk=row.member_id)),
            Line(new.paid_from, -row.points),
        ],
        source=Source(row.object_kind, row.object_id),
        at=new.at,
        expires_at=None if new.pending else row.expires_at,
    )
    Grant.objects.bulk_create([new], ignore_conflicts=True)
    return Grant.objects.get(key=row.key)


@transaction.atomic
def grant_many(rows: Sequence[Row]) -> set[str]:
    """Grant many at once; return the keys whose budget does not hold them (any more).

    A key that was granted before changes nothing. Some thousands of rows a call are
    enough: each call locks its members' points until the caller's transaction ends.
    """
    there = _granted(rows)
    rows = _waiting_where_held([row for row in rows if row.key not in there])
    refused = {row.key for row in rows if row.budget and not _has_granted(row)}
    new = [_grant_of(row) for row in rows if not row.budget]
    moves = [
        Move(
            it.key,
            it.cause,
            it.points,
            to=_place(it),
            to_member=it.member_id,
            source=it.paid_from,
            object_kind=it.object_kind,
            object_id=it.object_id,
            at=it.at,
            expires_at=None if it.pending else it.expires_at,
        )
        for it in new
    ]
    ledger.post_many(unit=POINTS, moves=moves)
    _keep(new)
    return refused


def _keep(grants: Sequence[Grant]) -> None:
    with connection.cursor() as cursor:
        columns = [[getattr(it, name) for it in grants] for name in KEPT]
        cursor.execute(KEEP, columns)


def _has_granted(row: Row) -> bool:
    """Out of a budget each goes alone: it takes from whatever shard has enough."""
    try:
        _grant_one(row)
    except BudgetSpent:
        return False
    return True


def _place(given: Grant) -> str:
    return PENDING if given.pending else MEMBER


def _grant_of(row: Row) -> Grant:
    at = row.at or timezone.now()
    waits = row.matures_at is not None and row.matures_at > at
    return Grant(
        key=row.key,
        member_id=row.member_id,
        points=row.points,
        pending=row.points if waits else 0,
        cause=row.cause,
        object_kind=row.object_kind,
        object_id=row.object_id,
        paid_from=HOUSE,
        budget=row.budget,
        at=at,
        matures_at=row.matures_at,
        expires_at=row.expires_at,
    )


def mature(now: dt.datetime | None = None) -> int:
    """What has waited long enough is the member's; returns how many grants."""
    now = now or timezone.now()
    matured = 0
    while done := _mature_some(now):
        matured += done
    return matured


@transaction.atomic
def _mature_some(now: dt.datetime) -> int:
    """Who else holds a grant, to take it back or to mature it, is not waited for. What
    a member has waits on while somebody has yet to look at them."""
    held = Suspicion.objects.holding().values("member")
    due = list(
        Grant.objects.filter(pending__gt=0, matures_at__lte=now)
        .exclude(member__in=held)
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .order_by("pk")[:AT_ONCE]
    )
    moves = [
        Move(
            f"mature:{it.key}",
            it.cause,
            it.pending,
            to=MEMBER,
            to_member=it.member_id,
            source=PENDING,
            source_member=it.member_id,
            object_kind=it.object_kind,
            object_id=it.object_id,
            at=now,
            expires_at=it.expires_at,
        )
        for it in due
    ]
    ledger.post_many(unit=POINTS, moves=moves)
    Grant.objects.filter(pk__in=[it.pk for it in due]).update(pending=0)
    return len(due)


@transaction.atomic
def take_back(
    *, key: str, of: str, points: int | None = None, at: dt.datetime | None = None
) -> int:
    """The cause of the grant whose key is `of` fell, wholly or for so many points.

    What waits goes first, then what the member has; below zero nobody falls: the rest
    is noted as used already. Returns how many went back, the same for the same key.
    """
    given = _held_grant(of)
    if given is None:
        return 0
    if done := Reversal.objects.filter(key=key).first():
        return done.taken
    rest = given.points - given.reversed
    wanted = rest if points is None else min(points, rest)
    waiting = min(wanted, given.pending)
    taken = waiting + _take(given, key, wanted, waiting, at)
    if wanted:
        Reversal.objects.create(
            key=key,
            grant=given,
            taken=taken,
            short=wanted - taken,
            at=at or timezone.now(),
        )
        given.reversed += wanted
        given.pending -= waiting
        given.save(update_fields=["reversed", "pending"])
    return taken


def _take(
    given: Grant, key: str, wanted: int, waiting: int, at: dt.datetime | None
) -> int:
    """Post it; how many of those came from what the member has. Who spends meanwhile
    was first, so what is there is looked at again."""
    while True:
        usable = min(wanted - waiting, balance(given.member))
        if not waiting + usable:
            return 0
        lines = [
            Line(PENDING, -waiting, given.member),
            Line(MEMBER, -usable, given.member),
            Line(given.paid_from, waiting + usable),
        ]
        try:
            ledger.post(
                key=key,
                unit=POINTS,
                cause=UNDONE,
                lines=[line for line in lines if line.amount],
                source=Source(given.object_kind, given.object_id),
                at=at,
                undoes=given.key,
            )
        except NotEnough:
            if balance(given.member) >= usable:
                raise
            continue
        return usable


def _held_grant(key: str) -> Grant | None:
    """Locked. What was given before grants were kept is read from the ledger."""
    rows = Grant.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("member").filter(key=key).first()
    if found:
        return found
    transfer = Transfer.objects.filter(key=key, unit=POINTS).first()
    entry = (
        transfer
        and transfer.entries.filter(account__kind=MEMBER, amount__gt=0)
        .select_related("account")
        .first()
    )
    if not transfer or not entry or entry.account.member_id is None:
        return None
    row = Row(
        entry.account.member_id,
        entry.amount,
        key,
        transfer.cause,
        object_kind=transfer.object_kind,
        object_id=transfer.object_id,
        at=transfer.at,
    )
    Grant.objects.bulk_create([_grant_of(row)], ignore_conflicts=True)
    return rows.select_related("member").get(key=key)


def spend(
    *,
    member: User,
    points: int,
    key: str,
    cause: str,
    source: models.Model | None = None,
    into: str = SPENT,
) -> int:
    """Take points for something of the house's, what ends first before what lasts.

    Returns the transfer. Raises NotEnough.
    """
    lines = [Line(MEMBER, -points, member), Line(into, points)]
    return ledger.post(key=key, unit=POINTS, cause=cause, lines=lines, source=source)


@transaction.atomic
def give_back(
    *,
    key: str,
    of: str,
    points: int | None = None,
    cause: str = "given back",
    at: dt.datetime | None = None,
) -> int:
    """A spend is undone, wholly or for so many points; they come back with their dates.

    What had a date in between can be used for another two weeks, once: what was taken
    in those weeks ends when it comes back after them. Returns the transfer.
    Raises TooMuch when more would come back than was spent, LookupError when nothing
    was spent by the key `of`.
    """
    spent = Transfer.objects.filter(key=of, unit=POINTS).first()
    if spent is None:
        raise LookupError(of)
    entries = spent.entries.select_related("account__member")
    taken = entries.get(amount__lt=0, account__kind=MEMBER)
    into = entries.get(amount__gt=0)
    amount = -taken.amount if points is None else points
    transfer = ledger.post(
        key=key,
        unit=POINTS,
        cause=cause,
        lines=[
            Line(MEMBER, amount, taken.account.member),
            Line(into.account.kind, -amount),
        ],
        source=Source(spent.object_kind, spent.object_id),
        at=at,
        undoes=of,
    )
    expire(at, account=taken.account_id)
    return transfer


@transaction.atomic
def settle_returned(*, of: str, points: int) -> None:
    """So many points have come back of the transfer `of`: what is over ends, and what
    fell short while they were away is taken now, for they were not used after all."""
    away = Transfer.objects.get(key=of, unit=POINTS)
    entries = away.entries.select_related("account__member")
    account = entries.get(amount__lt=0, account__kind=MEMBER).account
    expire(account=account.pk)
    rows = Reversal.objects.select_for_update(of=("self",), no_key=True)
    short = rows.filter(grant__member=account.member, short__gt=0, at__gte=away.at)
    for reversal in short.select_related("grant__member").order_by("pk"):
        points -= _take_late(reversal, points)


def _take_late(reversal: Reversal, most: int) -> int:
    given = reversal.grant
    late = min(reversal.short, most, balance(given.member))
    if not late:
        return 0
    ledger.post(
        key=f"{reversal.key}:late:{reversal.taken}",
        unit=POINTS,
        cause=UNDONE,
        lines=[Line(MEMBER, -late, given.member), Line(given.paid_from, late)],
        source=Source(given.object_kind, given.object_id),
        undoes=given.key,
    )
    reversal.taken += late
    reversal.short -= late
    reversal.save(update_fields=["taken", "short"])
    return late


def usable_again_until(given: Grant) -> dt.datetime | None:
    """Of what was taken wrongly: its date, or two weeks where that has passed."""
    if given.expires_at is None:
        return None
    now = timezone.now()
    return given.expires_at if given.expires_at > now else now + AGAIN


def expire(now: dt.datetime | None = None, *, account: int | None = None) -> int:
    """What could be used until now and was not, of one account or of all; returns how
    many points."""
    now = now or timezone.now()
    due = Lot.objects.filter(
        remaining__gt=0, expires_at__lte=now, account__kind=MEMBER, account__unit=POINTS
    )
    due = due.filter(account=account) if account else due
    numbers = list(due.order_by("expires_at", "pk").values_list("pk", flat=True))
    return sum(_expire_lot(number, now) for number in numbers)


def _expire_lot(number: int, now: dt.datetime) -> int:
    """Nothing is locked while it is read: who uses of it meanwhile was first."""
    while True:
        lot = Lot.objects.select_related("account__member").get(pk=number)
        if not lot.remaining or lot.expires_at > now:
            return 0
        lines = [
            Line(MEMBER, -lot.remaining, lot.account.member),
            Line(EXPIRED, lot.remaining),
        ]
        try:
            ledger.post(
                key=f"expire:{lot.pk}:{lot.moves.count()}",
                unit=POINTS,
                cause=EXPIRED_CAUSE,
                lines=lines,
                at=now,
                lot=lot,
            )
        except (TooMuch, KeyReused):
            continue
        return lot.remaining
