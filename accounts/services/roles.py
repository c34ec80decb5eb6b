import datetime as dt

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce, Least, Now
from django.utils import timezone

from accounts.errors import (
    AgreementMissing,
    AlreadyDecided,
    EndMissing,
    LastOperator,
    NotAllowed,
)
from accounts.models import Role, RoleGrant, User
from accounts.roles import STAFF
from accounts.services import audit

# Otherwise an operator would open all doors by giving these to themselves.
SUPERUSERS_DECIDE = {Role.OPERATOR, Role.STEWARD}


@transaction.atomic
def appoint(
    *,
    member: User,
    role: Role,
    by: User,
    ends_at: dt.datetime | None = None,
    reason: str,
) -> None:
    """Give somebody a role at an operator's desk.

    Raises NotAllowed for operators and data stewards made by anyone but a superuser,
    and for accounts that are erased; AgreementMissing for a mentor who has not agreed
    to the author agreement; EndMissing for a data steward without an end.
    """
    _check_may_decide(role, by)
    if member.erased_at:
        raise NotAllowed
    if role == Role.STEWARD and ends_at is None:
        raise EndMissing
    if role == Role.MENTOR and not has_agreed(member):
        raise AgreementMissing
    grant_role(member=member, role=role, by=by, ends_at=ends_at, reason=reason)


@transaction.atomic
def dismiss(*, member: User, role: Role, by: User, reason: str) -> None:
    """End somebody's role at an operator's desk.

    Raises NotAllowed like `appoint`; AlreadyDecided where they do not have it;
    LastOperator, as nobody could undo it.
    """
    _check_may_decide(role, by)
    is_last = role == Role.OPERATOR and not _other_operators(member)
    if role not in User.objects.select_for_update().get(pk=member.pk).roles:
        raise AlreadyDecided
    if is_last:
        raise LastOperator
    revoke_role(member=member, role=role, by=by, reason=reason)


def _other_operators(member: User) -> list[User]:
    """Those who are left without this one; held, as two may end each other at once."""
    operators = User.objects.select_for_update().order_by("pk")
    there = operators.filter(roles__contains=[Role.OPERATOR], suspended_at=None)
    return [other for other in there if other.is_active and other.pk != member.pk]


def may_decide(role: Role, by: User) -> bool:
    """Whether this operator gives and ends the role: of operators and data stewards,
    superusers do, and being a member is nothing that anybody gives."""
    if role == Role.MEMBER:
        return False
    return by.is_operator and (by.is_superuser or role not in SUPERUSERS_DECIDE)


def _check_may_decide(role: Role, by: User) -> None:
    if not may_decide(role, by):
        raise NotAllowed


def has_agreed(member: User) -> bool:
    """Whether they ever agreed to the author agreement."""
    return member.author_applications.filter(agreed_at__isnull=False).exists()


@transaction.atomic
def grant_role(
    *,
    member: User,
    role: Role,
    by: User | None = None,
    ends_at: dt.datetime | None = None,
    reason: str = "",
) -> None:
    """Give somebody a role; giving it again changes only its end.

    Who changes the end is written down like who gave it: as a grant of their own.
    """
    member = User.objects.select_for_update().get(pk=member.pk)
    if role in member.roles:
        held = member.role_grants.filter(role=role, revoked_at=None).first()
        if held is None or held.ends_at == ends_at:
            return
        _end(held, by=by, reason=reason)
    RoleGrant.objects.create(
        member=member, role=role, granted_by=by, ends_at=ends_at, reason=reason
    )
    _set_roles(member, {*member.roles, role})
    if by:
        audit.record(
            act="gave a role", actor=by, target=member, reason=reason, role=role
        )


@transaction.atomic
def revoke_role(
    *, member: User, role: Role, by: User | None = None, reason: str = ""
) -> None:
    """Take a role away at once; what was done in it stays."""
    member = User.objects.select_for_update().get(pk=member.pk)
    if role not in member.roles:
        return
    for held in member.role_grants.filter(role=role, revoked_at=None):
        _end(held, by=by, reason=reason)
    _set_roles(member, set(member.roles) - {role})
    if by:
        audit.record(
            act="ended a role", actor=by, target=member, reason=reason, role=role
        )


def end_due_roles() -> int:
    """End the roles whose time is over; return how many. Safe to repeat."""
    due = RoleGrant.objects.filter(revoked_at=None, ends_at__lte=timezone.now())
    return sum(_end_if_due(grant) for grant in list(due))


@transaction.atomic
def _end_if_due(grant: RoleGrant) -> bool:
    member = User.objects.select_for_update().get(pk=grant.member_id)
    # Somebody may have ended it since it was looked up.
    still = RoleGrant.objects.filter(pk=grant.pk, revoked_at=None)
    if not still.update(revoked_at=F("ends_at")):
        return False
    _set_roles(member, set(member.roles) - {grant.role})
    return True


def _end(grant: RoleGrant, *, by: User | None, reason: str) -> None:
    grant.revoked_at, grant.revoked_by = timezone.now(), by
    grant.revoke_reason = reason
    grant.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])


def _set_roles(member: User, roles: set[str]) -> None:
    """`roles` on the row repeats the groups, so that pages need no query for them."""
    member.roles = sorted(roles)
    member.is_staff = member.is_superuser or bool(roles & STAFF)
    member.save(update_fields=["roles", "is_staff"])
    member.groups.set(Group.objects.filter(name__in=roles))


def time_served(member: User, role: Role) -> dt.timedelta:
    """How long somebody has been in a role, all their times together."""
    times = member.role_grants.filter(role=role).aggregate(
        total=Sum(Least(Coalesce("revoked_at", Now()), Now()) - F("granted_at"))
    )
    return times["total"] or dt.timedelta()
