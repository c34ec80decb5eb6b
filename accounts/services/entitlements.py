"""Who may use what: the one question that every seller asks."""

import datetime as dt

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import MEMBERSHIP, Entitlement, Order, User
from community.lib.statements import Statement

# What `Entitlement.objects.in_force()` says; every page of a paying member asks it.
HELD = Statement("""
SELECT what
  FROM accounts_entitlement
 WHERE member_id = %(member)s AND revoked_at IS NULL AND starts_at <= %(now)s
   AND (ends_at IS NULL OR ends_at > %(now)s)
""")


def held(member: User) -> frozenset[str]:
    """The keys this member holds now; asked once per member object, so per request."""
    if not member.is_authenticated:
        return frozenset()
    if member.held_keys is None:
        rows = HELD.rows(member=member.pk, now=timezone.now())
        member.held_keys = frozenset(what for (what,) in rows)
    return member.held_keys


def holds(member: User, what: str) -> bool:
    return what in held(member)


def membership_ends(member: User) -> dt.datetime | None:
    """When the membership that is held ends; None when for ever or not held."""
    mine = Entitlement.objects.filter(
        member=member, what=MEMBERSHIP, revoked_at=None, starts_at__lte=timezone.now()
    )
    if mine.filter(ends_at=None).exists():
        return None
    return mine.aggregate(end=Max("ends_at"))["end"]


@transaction.atomic
def grant(
    *,
    member: User,
    what: str,
    days: int | None,
    order: Order | None = None,
    reason: str = "",
) -> Entitlement:
    """Give `days` of `what` (None: for ever), starting where what is held ends.

    For the same order it is given once.
    """
    User.objects.select_for_update().get(pk=member.pk)
    if order and (given := Entitlement.objects.filter(order=order).first()):
        return given
    starts_at = max(timezone.now(), _end_of_last(member, what))
    return Entitlement.objects.create(
        member=member,
        what=what,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(days=days) if days else None,
        order=order,
        reason=reason,
    )


def _end_of_last(member: User, what: str) -> dt.datetime:
    mine = Entitlement.objects.filter(member=member, what=what, revoked_at=None)
    end = mine.aggregate(end=Max("ends_at"))["end"]
    return end or timezone.now()


@transaction.atomic
def revoke_for(order: Order) -> None:
    """End what the order opened; what was bought after it moves up."""
    now = timezone.now()
    gone = Entitlement.objects.select_for_update().filter(order=order, revoked_at=None)
    for entitlement in gone:
        entitlement.revoked_at = now
        entitlement.save(update_fields=["revoked_at"])
        _move_up(entitlement, now)


def _move_up(gone: Entitlement, now: dt.datetime) -> None:
    if gone.ends_at is None:
        return
    unused = gone.ends_at - max(gone.starts_at, now)
    later = Entitlement.objects.select_for_update().filter(
        Q(starts_at__gte=gone.ends_at),
        member=gone.member_id,
        what=gone.what,
        revoked_at=None,
    )
    for entitlement in later:
        entitlement.starts_at -= unused
        if entitlement.ends_at:
            entitlement.ends_at -= unused
        entitlement.save(update_fields=["starts_at", "ends_at"])
