"""Goods: where they go, who has seen that, and when it is forgotten."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import PersonalReading, User
from accounts.models.personal import PersonalKind
from accounts.services import audit
from community.lib.sealed import seal, unseal
from incentives.models import Parcel, Redemption

State = Redemption.State

# To answer when something is missing, or comes back.
KEPT_FOR = dt.timedelta(days=30)
SEEN = [PersonalKind.REAL_NAME, PersonalKind.PHONE, PersonalKind.ADDRESS]


@dataclass(frozen=True)
class Address:
    """As it stands on a parcel; kept sealed, shown to whoever packs it."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True)
class Label:
    """One line of a picking list."""

    number: int
    title: str
    to: Address


def make(redemption: Redemption, address: Address) -> Parcel:
    parcel = Parcel(redemption=redemption)
    parcel.sealed = seal(json.dumps(asdict(address)), parcel.place)
    parcel.save()
    return parcel


def address_of(parcel: Parcel) -> Address | None:
    """Until it is erased; for the member's own eyes, or noted by who calls it."""
    if parcel.sealed is None:
        return None
    return Address(**json.loads(unseal(parcel.sealed, parcel.place)))


def to_send() -> QuerySet[Redemption]:
    """The oldest first."""
    waiting = Redemption.objects.filter(state__in=Redemption.TO_SEND)
    return waiting.select_related("reward", "member").order_by("created_at", "pk")


@transaction.atomic
def pick(*, numbers: Sequence[int], by: User, reason: str) -> list[Label]:
    """The addresses of what is to be packed now. That they were read is noted, and
    for whom; each member sees it."""
    rows = to_send().filter(pk__in=numbers, parcel__erased_at=None)
    held = list(rows.select_for_update(of=("self",), no_key=True))
    parcels = Parcel.objects.in_bulk(
        [row.pk for row in held], field_name="redemption_id"
    )
    labels = [
        Label(row.pk, row.reward.title, to)
        for row in held
        if (to := address_of(parcels[row.pk]))
    ]
    now = timezone.now()
    fresh = [row.pk for row in held if row.state == State.ORDERED]
    Redemption.objects.filter(pk__in=fresh).update(state=State.PICKED, changed_at=now)
    if labels:
        _note(held, by, reason)
    return labels


def _note(rows: list[Redemption], by: User, reason: str) -> None:
    readers = {row.member_id: row.member for row in rows}
    PersonalReading.objects.bulk_create(
        PersonalReading(member=member, by=by, kinds=SEEN, reason=reason)
        for member in readers.values()
    )
    audit.record(
        act="printed a picking list", actor=by, reason=reason, parcels=len(rows)
    )


def forget(parcels: QuerySet[Parcel]) -> int:
    """Erase the addresses; how many."""
    there = parcels.filter(erased_at=None)
    return there.update(sealed=None, erased_at=timezone.now())


def forget_old(now: dt.datetime | None = None) -> int:
    """Of what arrived, or came back, long enough ago."""
    before = (now or timezone.now()) - KEPT_FOR
    over = [State.DELIVERED, *Redemption.GIVEN_BACK]
    return forget(
        Parcel.objects.filter(
            redemption__state__in=over, redemption__changed_at__lt=before
        )
    )
