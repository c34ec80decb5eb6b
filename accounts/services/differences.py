"""Where a gateway's books and ours disagree, listed once for a person to look at."""

from django.db import transaction
from django.utils import timezone

from accounts.errors import AlreadyDecided
from accounts.gateways.base import Said
from accounts.models import Difference, Payment, User
from community.lib.money import shown


def found(
    kind: str, payment: Payment, *, ours: str, theirs: str, came: int | None = None
) -> None:
    """Listed once until it is resolved; what is said of it last counts."""
    Difference.objects.update_or_create(
        kind=kind,
        gateway=payment.gateway,
        reference=payment.reference,
        resolved_at=None,
        defaults={"payment": payment, "ours": ours, "theirs": theirs, "came": came},
    )


def settle(payment: Payment) -> None:
    """The right amount has come after all."""
    open_ones = payment.differences.filter(
        kind=Difference.Kind.AMOUNT, resolved_at=None
    )
    open_ones.update(resolved_at=timezone.now(), note="paid in full")


def found_unknown(gateway_name: str, said: Said) -> None:
    """Money came that belongs to no payment of ours."""
    Difference.objects.get_or_create(
        kind=Difference.Kind.UNKNOWN,
        gateway=gateway_name,
        reference=said.reference,
        resolved_at=None,
        defaults={"ours": "-", "theirs": shown(said.amount, said.currency)},
    )


@transaction.atomic
def resolve(*, difference: Difference, note: str, by: User) -> None:
    """A person looked into it and says what was done. Raises AlreadyDecided."""
    difference = Difference.objects.select_for_update().get(pk=difference.pk)
    if difference.resolved_at:
        raise AlreadyDecided
    difference.resolved_at, difference.resolved_by = timezone.now(), by
    difference.note = note
    difference.save(update_fields=["resolved_at", "resolved_by", "note"])
