"""Being forgotten: asked for, thought over, done."""

import datetime as dt
import logging
from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import privacy
from accounts.models import Erasure, User, Verb
from accounts.services import mails
from accounts.services.members import hold_members

GRACE = dt.timedelta(days=14)
CONFIRMED_WITHIN = dt.timedelta(days=14)

logger = logging.getLogger(__name__)


def pending(member: User) -> Erasure | None:
    return member.erasures.filter(cancelled_at=None, done_at=None).first()


@transaction.atomic
def ask(*, member: User, keeps_contributions: bool) -> Erasure:
    """From GRACE on nothing personal is left. Asking again changes only what stays."""
    hold_members(member.pk)
    if erasure := pending(member):
        erasure.keeps_contributions = keeps_contributions
        erasure.save(update_fields=["keeps_contributions"])
        return erasure
    erasure = Erasure.objects.create(
        member=member,
        keeps_contributions=keeps_contributions,
        due_at=timezone.now() + GRACE,
    )
    mails.send(
        key=f"erasure:{erasure.pk}",
        member=member,
        template="erasure_asked",
        due_at=erasure.due_at.isoformat(),
    )
    return erasure


@transaction.atomic
def cancel(*, member: User) -> None:
    """The member stays after all."""
    member.erasures.filter(cancelled_at=None, done_at=None).update(
        cancelled_at=timezone.now()
    )


def carry_out_due() -> int:
    """Forget everybody whose time has come; how many. Each in its own transaction."""
    due = Erasure.objects.filter(
        cancelled_at=None, done_at=None, due_at__lte=timezone.now()
    )
    return _each(_carry_out, due.values_list("pk", flat=True))


def forget_unconfirmed() -> int:
    """Forget who signed up and never came by the mail that was sent; how many.

    The address may be somebody else's, and can be signed up with again.
    """
    never = User.objects.filter(
        date_joined__lt=timezone.now() - CONFIRMED_WITHIN,
        last_login=None,
        erased_at=None,
        is_staff=False,
        emailaddress__verified=False,
        activities__verb=Verb.SIGNED_UP,
    ).exclude(Q(emailaddress__verified=True) | Q(entitlements__isnull=False))
    return _each(_forget, never.distinct().values_list("pk", flat=True))


def _each(act: Callable[[int], bool], ids: Iterable[int]) -> int:
    return sum(_done_or_logged(act, pk) for pk in list(ids))


def _done_or_logged(act: Callable[[int], bool], pk: int) -> bool:
    """One that fails is not in the way of the others; the next night tries again."""
    try:
        return act(pk)
    except Exception:
        logger.exception("Erasing failed: %s %s", act.__name__, pk)
        return False


@transaction.atomic
def _forget(pk: int) -> bool:
    member = User.objects.select_for_update(of=("self",)).get(pk=pk)
    if member.last_login:
        return False
    privacy.erase_all(member)
    return True


@transaction.atomic
def _carry_out(pk: int) -> bool:
    erasure = Erasure.objects.select_for_update().get(pk=pk)
    if erasure.cancelled_at or erasure.done_at:
        return False
    privacy.erase_all(erasure.member, keeps_contributions=erasure.keeps_contributions)
    erasure.done_at = timezone.now()
    erasure.save(update_fields=["done_at"])
    return True
