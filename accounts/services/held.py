"""Money and points that wait until what they pay for is done.

Content sells questions and may not know of incentives, to whom points belong; both
only move them in the ledger, so the names of its points accounts stand here.

| account in points | holds |
|---|---|
| points (of a member) | what they may spend |
| points pending (of a member) | what is theirs after a waiting time |
| points held | what members have put up and is not decided yet |
| points issued | what the house gave out, negative |
| points spent | what members gave for something of the house's |
| points donated | what members gave away |
| points expired | what was not used in time |
| budget:NUMBER:PERIOD | what a budget of points or money has left |
"""

from collections.abc import Sequence
from typing import Protocol

from django.db import models

from accounts.models import Order, Payment, User
from accounts.services import books, ledger, shares
from accounts.services.ledger import POINTS, Line

MEMBER, PENDING, HELD = "points", "points pending", "points held"
HOUSE, SPENT = "points issued", "points spent"
DONATED, EXPIRED = "points donated", "points expired"


def release(order: Order) -> None:
    """What the order paid for is done: it is earned, and shared as was agreed.

    The order is locked by the caller. Once done, it changes nothing.
    """
    payment = order.payments.filter(state=Payment.State.SUCCEEDED).first()
    if payment is None:  # it was for nothing
        return
    books.book_release(payment)
    shares.accrue(order)
    if payment.refunded:
        shares.give_back(payment, f"release:{payment.pk}")


def hold_points(
    *,
    key: str,
    member: User,
    points: int,
    source: models.Model | None = None,
    cause: str = "held",
) -> None:
    """Put them up; raises NotEnough."""
    lines = [Line(MEMBER, -points, member), Line(HELD, points)]
    _post(key, cause, lines, source)


def pay_points(
    *,
    key: str,
    to: User,
    points: int,
    source: models.Model | None = None,
    cause: str = "answered",
) -> None:
    """What was put up goes to who has earned it."""
    _post(key, cause, [Line(HELD, -points), Line(MEMBER, points, to)], source)


def return_points(
    *,
    key: str,
    to: User,
    points: int,
    source: models.Model | None = None,
    cause: str = "held back",
) -> None:
    """What was put up comes back, with the date it had; `key` is that of `hold_points`
    with "back" at its end instead of "held"."""
    of = f"{key.removesuffix('back')}held"
    lines = [Line(HELD, -points), Line(MEMBER, points, to)]
    _post(key, cause, lines, source, of)
    _tell_returned(of, points)


def spend_points(
    *, key: str, points: int, cause: str, source: models.Model | None = None
) -> None:
    """What was put up is the house's: what it was for has taken place."""
    _post(key, cause, [Line(HELD, -points), Line(SPENT, points)], source)


def earn_points(
    *,
    key: str,
    points: int,
    creator: User,
    source: models.Model,
    cause: str,
    shared: str,
) -> None:
    """What was put up has been earned: the creator has the same share of points as of
    money, for the cause `shared`; the rest is the house's."""
    theirs = points * (shares.agreed_with(creator) or 0) // 1000
    if theirs:
        pay_points(
            key=f"{key}:shared", to=creator, points=theirs, source=source, cause=shared
        )
    if theirs < points:
        spend_points(
            key=f"{key}:spent", points=points - theirs, cause=cause, source=source
        )


def share_points(
    *,
    key: str,
    member: User,
    points: int,
    parts: Sequence[tuple[User, int]],
    source: models.Model | None = None,
) -> None:
    """Paid at once, in parts; what is left of it is the house's. Raises NotEnough."""
    rest = points - sum(part for _, part in parts)
    lines = [
        Line(MEMBER, -points, member),
        *(Line(MEMBER, part, who) for who, part in parts),
        Line(SPENT, rest),
    ]
    _post(key, "read along", [line for line in lines if line.amount], source)


def unshare_points(
    *,
    key: str,
    member: User,
    points: int,
    parts: Sequence[tuple[User, int]],
    source: models.Model | None = None,
) -> None:
    """All of it goes back to who paid; what the others have spent already is borne by
    the house. `key` is that of `share_points` with ":back" behind it."""
    given = [
        (who, min(part, ledger.balance(who, kind=MEMBER, unit=POINTS)))
        for who, part in parts
    ]
    rest = points - sum(part for _, part in given)
    lines = [
        Line(MEMBER, points, member),
        *(Line(MEMBER, -part, who) for who, part in given),
        Line(SPENT, -rest),
    ]
    lines = [line for line in lines if line.amount]
    of = key.removesuffix(":back")
    _post(key, "read along back", lines, source, of)
    _tell_returned(of, points)


class Returned(Protocol):
    def __call__(self, *, of: str, points: int) -> None: ...


_listeners: list[Returned] = []


def on_return(listener: Returned) -> None:
    """Who keeps account of points hears, in the same transaction, that so many of the
    transfer `of` have come back to their member."""
    _listeners[:] = [listener]


def _tell_returned(of: str, points: int) -> None:
    for listener in _listeners:
        listener(of=of, points=points)


def _post(
    key: str,
    cause: str,
    lines: list[Line],
    source: models.Model | None,
    undoes: str | None = None,
) -> None:
    ledger.post(
        key=key, unit=POINTS, cause=cause, lines=lines, source=source, undoes=undoes
    )
