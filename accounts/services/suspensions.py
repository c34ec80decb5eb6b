from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils import timezone

from accounts.models import User


@transaction.atomic
def suspend(*, member: User, by: User) -> None:
    """From now the member reads and takes their data along, but writes nothing."""
    if User.objects.filter(pk=member.pk, suspended_at=None).update(
        suspended_at=timezone.now()
    ):
        _log(by, member, "Suspended")


@transaction.atomic
def lift_suspension(*, member: User, by: User) -> None:
    suspended = User.objects.filter(pk=member.pk, suspended_at__isnull=False)
    if suspended.update(suspended_at=None):
        _log(by, member, "Suspension lifted")


def _log(by: User, member: User, what: str) -> None:
    LogEntry.objects.log_actions(by.pk, [member], CHANGE, change_message=what)
