"""Who may use what: the one question that every seller asks."""

import datetime as dt

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from accounts.models import MEMBERSHIP, Bundle, Entitlement, Order, User
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


ONCE_AN_ORDER = (Entitlement.Source.ORDER, Entitlement.Source.GIFT)


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


def lock(member: User) -> None:
    """Before reading what a member holds in order to add to it."""
    User.objects.select_for_update(no_key=True).get(pk=member.pk)


def next_start(member: User, what: str) -> dt.datetime:
    """Where more of `what` is added: now, or at the end of what is held."""
    mine = Entitlement.objects.filter(member=member, what=what, revoked_at=None)
    end = mine.aggregate(end=Max("ends_at"))["end"]
    return max(timezone.now(), end or timezone.now())


@transaction.atomic
def revoke_for(order: Order) -> None:
    """End what the order opened; what was bought after it moves up.

    What a change of plan had replaced comes back, as far as it is still paid for.
    """
    now = timezone.now()
    for entitlement in order.entitlements.select_for_update().filter(revoked_at=None):
        _revoke(entitlement, now)
        _move_up(entitlement, now)
    still_paid = Q(order=None) | Q(order__state=Order.State.PAID)
    order.replaced.filter(still_paid).update(revoked_at=None, replaced_by=None)
    for gone in order.replaced.select_for_update(of=("self",)).order_by("starts_at"):
        _move_up(gone, now)


@transaction.atomic
def replace_by(order: Order, replaced: QuerySet[Entitlement]) -> None:
    """End what a change of plan takes the place of; its price was credited."""
    now = timezone.now()
    replaced.filter(revoked_at=None).update(revoked_at=now, replaced_by=order)


def _revoke(entitlement: Entitlement, now: dt.datetime) -> None:
    entitlement.revoked_at = now
    entitlement.save(update_fields=["revoked_at"])


def _move_up(gone: Entitlement, now: dt.datetime) -> None:
    if gone.ends_at is None:
        return
    unused = gone.ends_at - max(gone.starts_at, now)
    if unused <= dt.timedelta():
        return
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
