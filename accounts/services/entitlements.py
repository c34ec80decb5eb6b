"""Who may use what: the one question that every seller asks."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from accounts.models import MEMBERSHIP, Bundle, Entitlement, Order, User
from accounts.services.members import hold_members
from community.lib.statements import Statement

# What `Entitlement.objects.in_force()` says, and what the bundles among it open;
# every page of a paying member asks it.
HELD = Statement("""
WITH mine AS (
    SELECT what
      FROM accounts_entitlement
     WHERE member_id = %(member)s AND revoked_at IS NULL AND starts_at <= %(now)s
       AND (ends_at IS NULL OR ends_at > %(now)s)
)
SELECT what FROM mine
 UNION
SELECT unnest(bundle.opens)
  FROM accounts_bundle AS bundle
  JOIN mine ON mine.what = bundle.key
""")


Source = Entitlement.Source

ONCE_AN_ORDER = (Source.ORDER, Source.GIFT)


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


def held_numbers(member: User, kind: str) -> list[int]:
    """Of the keys held, the numbers behind "kind:", such as those of spaces."""
    prefix = f"{kind}:"
    return [int(key[len(prefix) :]) for key in held(member) if key.startswith(prefix)]


def keys_opening(what: str) -> list[str]:
    """`what` itself and every bundle it is in."""
    bundles = Bundle.objects.filter(opens__contains=[what])
    return [what, *bundles.values_list("key", flat=True)]


def opened_by(what: str) -> set[str]:
    """`what` itself, and what is in it where it is a bundle."""
    bundles = Bundle.objects.filter(key=what).values_list("opens", flat=True)
    return {what, *(key for opens in bundles for key in opens)}


def membership_ends(member: User) -> dt.datetime | None:
    """When the membership that is held ends; None when for ever or not held."""
    mine = Entitlement.objects.filter(
        member=member,
        what__in=keys_opening(MEMBERSHIP),
        revoked_at=None,
        starts_at__lte=timezone.now(),
    )
    if mine.filter(ends_at=None).exists():
        return None
    return mine.aggregate(end=Max("ends_at"))["end"]


@transaction.atomic
def grant(
    *,
    member: User,
    what: str,
    source: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime | None,
    order: Order | None = None,
    reason: str = "",
) -> Entitlement:
    """Give `what` from when to when (None: for ever).

    For the same bought order it is given once.
    """
    if order and source in ONCE_AN_ORDER and (given := _given_for(order)):
        return given
    return Entitlement.objects.create(
        member=member,
        what=what,
        source=source,
        starts_at=starts_at,
        ends_at=ends_at,
        order=order,
        reason=reason,
    )


def _given_for(order: Order) -> Entitlement | None:
    return order.entitlements.filter(source__in=ONCE_AN_ORDER).first()


def given_to_anybody(what: str) -> bool:
    """Whether somebody has, or has had, a right to it of their own."""
    return Entitlement.objects.filter(what=what).exists()


def owns_for_ever(member: User, what: str) -> bool:
    """Now, or as soon as what else is held of it ends."""
    mine = member.entitlements.filter(what=what, ends_at=None, revoked_at=None)
    return mine.exists()


def lock(member: User) -> None:
    """Before reading what a member holds in order to add to it."""
    hold_members(member.pk)


def next_start(member: User, what: str) -> dt.datetime:
    """Where more of `what` is added: now, or at the end of what is held.

    Days of grace are no time of one's own: what is added takes their place.
    """
    mine = Entitlement.objects.filter(member=member, what=what, revoked_at=None)
    end = mine.exclude(source=Source.GRACE).aggregate(end=Max("ends_at"))["end"]
    return max(timezone.now(), end or timezone.now())


@transaction.atomic
def revoke_for(order: Order) -> bool:
    """End what the order opened; whether any time to come was among it.

    What was added after it moves up. What a change of plan had replaced comes back,
    as far as it is still paid for.
    """
    now = timezone.now()
    open_rows = order.entitlements.select_for_update().filter(revoked_at=None)
    took_time = False
    for entitlement in open_rows.order_by("-starts_at"):
        entitlement.revoked_at = now
        entitlement.save(update_fields=["revoked_at"])
        took_time |= entitlement.ends_at is None or entitlement.ends_at > now
        _move_up(entitlement, now)
    _bring_back(order, now)
    return took_time


def _bring_back(order: Order, now: dt.datetime) -> None:
    """The time that a change had replaced, less what has gone by since."""
    replaced = order.replaced.select_related("order").order_by("starts_at")
    gone_by = dt.timedelta()
    for number, rest in enumerate(replaced):
        if number == 0 and rest.revoked_at:
            gone_by = now - rest.revoked_at
        length = _length(rest)
        left = max(length - gone_by, dt.timedelta())
        gone_by = max(gone_by - length, dt.timedelta())
        is_paid = rest.order is None or rest.order.state == Order.State.PAID
        if left and is_paid:
            rest.starts_at = next_start(rest.member, rest.what)
            rest.ends_at = rest.starts_at + left
            rest.revoked_at = rest.replaced_by = None
            rest.save()


@transaction.atomic
def replace_by(order: Order, replaced: QuerySet[Entitlement]) -> None:
    """End what a change of plan takes the place of; its price was credited."""
    now = timezone.now()
    for entitlement in replaced.select_for_update(of=("self",)).order_by("-starts_at"):
        rest = _rest_of(entitlement, now)
        rest.revoked_at, rest.replaced_by = now, order
        rest.save(update_fields=["revoked_at", "replaced_by"])
        _move_up(rest, now)


@transaction.atomic
def put_off(member: User, what: str, until: dt.datetime) -> None:
    """Close `what` until then; all time that is left of it is kept behind."""
    now = timezone.now()
    left = _time_left(member, what, now)
    for entitlement in left.filter(starts_at__lt=now):
        _rest_of(entitlement, now)
    _shift(_time_left(member, what, now), until - now)


@transaction.atomic
def bring_forward(member: User, what: str, since: dt.datetime) -> None:
    """Open at once what begins `since` then or later."""
    now = timezone.now()
    later = _time_left(member, what, now).filter(starts_at__gte=since)
    _shift(later, now - since)


def _time_left(member: User, what: str, now: dt.datetime) -> QuerySet[Entitlement]:
    """Everything with an end to come: bought, given, granted."""
    return Entitlement.objects.select_for_update().filter(
        member=member, what=what, ends_at__gt=now, revoked_at=None
    )


def _rest_of(entitlement: Entitlement, now: dt.datetime) -> Entitlement:
    """Cut what has begun; the rest of it is a row of its own."""
    if entitlement.starts_at >= now:
        return entitlement
    rest = Entitlement.objects.create(
        member=entitlement.member,
        what=entitlement.what,
        source=Source.RESUMED if entitlement.order_id else Source.STAFF,
        starts_at=now,
        ends_at=entitlement.ends_at,
        order=entitlement.order,
        reason=entitlement.reason,
    )
    entitlement.ends_at = now
    entitlement.save(update_fields=["ends_at"])
    return rest


def _move_up(gone: Entitlement, now: dt.datetime) -> None:
    if gone.ends_at is None:
        return
    unused = gone.ends_at - max(gone.starts_at, now)
    if unused <= dt.timedelta():
        return
    later = _time_left(gone.member, gone.what, now)
    _shift(later.filter(starts_at__gte=gone.ends_at), -unused)


def _shift(rows: QuerySet[Entitlement], by: dt.timedelta) -> None:
    rows.update(starts_at=F("starts_at") + by, ends_at=F("ends_at") + by)


def _length(entitlement: Entitlement) -> dt.timedelta:
    if entitlement.ends_at is None:
        return dt.timedelta.max
    return entitlement.ends_at - entitlement.starts_at
