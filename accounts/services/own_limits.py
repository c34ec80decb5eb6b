"""Limits that members set for themselves, and that buying heeds.

A stricter limit holds at once, a looser one after a day: who is in the mood to buy
cannot undo in that mood what they chose in another. What a plan renews by itself was
agreed to before; it counts, but is never refused.

Whoever checks holds the rows of the limit until the transaction ends, and each
purchase that is checked after it sees what the one before has taken. The rows of a
limit of money are locked before orders, those of points after the member.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from accounts.errors import OverOwnLimit, Resting
from accounts.models import Entry, Order, Payment, SpendingLimit, SpendingRest, User
from accounts.services.held import DONATED, MEMBER, SPENT
from accounts.services.ledger import POINTS
from community.lib.dates import site_day, start_of

LOOSER_AFTER = dt.timedelta(hours=24)
# Where points go that bought something; bounties and the like come back, or to others.
SPENDING = (SPENT, DONATED)


@dataclass(frozen=True)
class Standing:
    """One unit as its member sees it: what holds, what will, what is spent."""

    unit: str
    limit: int | None
    coming: SpendingLimit | None
    spent: int

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.spent)


@transaction.atomic
def set_limit(*, member: User, unit: str, amount: int | None) -> None:
    """At most so much a month (None: any). Setting what was set changes nothing."""
    hold(member, unit)
    now = timezone.now()
    coming = _coming(member, unit, now)
    current = in_force(member, unit, now)
    if amount == (coming.amount if coming else current):
        return
    if coming:
        coming.delete()
    if amount == current:
        return
    wait = LOOSER_AFTER if _is_looser(amount, current) else dt.timedelta()
    SpendingLimit.objects.create(
        member=member, unit=unit, amount=amount, starts_at=now + wait
    )


def _is_looser(amount: int | None, current: int | None) -> bool:
    if current is None:
        return False
    return amount is None or amount > current


@transaction.atomic
def rest(*, member: User, days: int) -> dt.datetime:
    """Buy nothing for so many days, or as long as chosen before; until when."""
    now = timezone.now()
    until = now + dt.timedelta(days=days)
    resting = resting_until(member, now)
    if resting and resting >= until:
        return resting
    SpendingRest.objects.create(member=member, began_at=now, until=until)
    return until


@transaction.atomic
def end_rest(*, member: User) -> dt.datetime | None:
    """Buy again in a day, or sooner if it ends sooner; when that is."""
    soon = timezone.now() + LOOSER_AFTER
    member.spending_rests.filter(until__gt=soon).update(until=soon)
    return resting_until(member)


def resting_until(member: User, at: dt.datetime | None = None) -> dt.datetime | None:
    rests = member.spending_rests.filter(until__gt=at or timezone.now())
    return rests.values_list("until", flat=True).order_by("-until").first()


def in_force(member: User, unit: str, at: dt.datetime | None = None) -> int | None:
    begun = SpendingLimit.objects.filter(
        member=member, unit=unit, starts_at__lte=at or timezone.now()
    )
    latest = begun.order_by("-starts_at", "-pk").first()
    return latest.amount if latest else None


def _coming(member: User, unit: str, at: dt.datetime) -> SpendingLimit | None:
    rows = SpendingLimit.objects.filter(member=member, unit=unit, starts_at__gt=at)
    return rows.order_by("-starts_at", "-pk").first()


def standing(member: User, unit: str) -> Standing:
    return Standing(
        unit=unit,
        limit=in_force(member, unit),
        coming=_coming(member, unit, timezone.now()),
        spent=spent(member, unit),
    )


def hold(member: User, unit: str) -> None:
    """Nobody else checks this limit until the transaction ends."""
    rows = SpendingLimit.objects.select_for_update(no_key=True)
    list(rows.filter(member=member, unit=unit).order_by("pk").values("pk"))


def check(*, member: User, unit: str, amount: int, order: Order | None = None) -> None:
    """Before spending so much, in the transaction that spends it.

    `order` is the one that it is spent on, if there is one already. Raises Resting and
    OverOwnLimit. What is free is never refused.
    """
    if not amount:
        return
    if until := resting_until(member):
        raise Resting(until)
    hold(member, unit)
    limit = in_force(member, unit)
    if limit is None:
        return
    left = limit - spent(member, unit, but=order)
    if amount > left:
        raise OverOwnLimit(max(0, left), unit)


def spent(member: User, unit: str, *, but: Order | None = None) -> int:
    """In this month of the site's calendar; of money also what is about to be paid."""
    since = start_of(site_day().replace(day=1))
    if unit == POINTS:
        return max(0, _points_spent(member, since))
    return max(0, _money_spent(member, unit, since, but))


def _points_spent(member: User, since: dt.datetime) -> int:
    """Less what came back."""
    mine = spending_of_points(since).filter(account__member=member)
    return -(mine.aggregate(total=Sum("amount"))["total"] or 0)


def spending_of_points(since: dt.datetime) -> QuerySet[Entry]:
    """Members' entries that bought something, and those that came back of it; what
    others paid them, or took back, is no spending."""
    taken = Q(amount__lt=0, transfer__undoes=None)
    came_back = Q(amount__gt=0, transfer__undoes__isnull=False)
    other_side = Entry.objects.filter(
        transfer=OuterRef("transfer"), account__kind__in=SPENDING
    )
    return Entry.objects.filter(
        taken | came_back,
        Exists(other_side),
        account__kind=MEMBER,
        account__unit=POINTS,
        transfer__at__gte=since,
    )


def _money_spent(
    member: User, currency: str, since: dt.datetime, but: Order | None
) -> int:
    orders = Order.objects.filter(member=member, currency=currency)
    if but:
        orders = orders.exclude(pk=but.pk)
    paid = orders.filter(state=Order.State.PAID, paid_at__gte=since)
    waiting = orders.filter(state=Order.State.OPEN)
    back = Payment.objects.filter(order__in=paid).aggregate(total=Sum("refunded"))
    return (
        (paid.aggregate(total=Sum("amount"))["total"] or 0)
        + (waiting.aggregate(total=Sum("amount"))["total"] or 0)
        - (back["total"] or 0)
    )
