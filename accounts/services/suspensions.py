from django.db import transaction
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import User
from accounts.services import audit, mails


@transaction.atomic
def suspend(*, member: User, by: User, reason: str) -> None:
    """From now the member reads and takes their data along, but writes nothing.

    They are told why. Raises NotAllowed for oneself, and for a superuser by anybody
    else.
    """
    member = User.objects.select_for_update().get(pk=member.pk)
    if member.pk == by.pk or (member.is_superuser and not by.is_superuser):
        raise NotAllowed
    if member.suspended_at:
        return
    member.suspended_at = timezone.now()
    member.save(update_fields=["suspended_at"])
    mails.send(
        key=f"suspended:{member.pk}:{member.suspended_at.isoformat()}",
        member=member,
        template="suspended",
        reason=reason,
    )
    audit.record(act="suspended", actor=by, target=member, reason=reason)


@transaction.atomic
def lift_suspension(*, member: User, by: User) -> None:
    suspended = User.objects.filter(pk=member.pk, suspended_at__isnull=False)
    if suspended.update(suspended_at=None):
        audit.record(act="lifted a suspension", actor=by, target=member)
