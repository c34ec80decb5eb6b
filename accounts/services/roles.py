from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.models import Role, RoleGrant, User
from accounts.roles import STAFF


@transaction.atomic
def grant_role(*, member: User, role: Role, by: User | None = None) -> None:
    """Give somebody a role; giving it again changes nothing."""
    member = User.objects.select_for_update().get(pk=member.pk)
    if role in member.roles:
        return
    RoleGrant.objects.create(member=member, role=role, granted_by=by)
    _set_roles(member, {*member.roles, role})


@transaction.atomic
def revoke_role(*, member: User, role: Role, by: User | None = None) -> None:
    """Take a role away; what was done in it stays."""
    member = User.objects.select_for_update().get(pk=member.pk)
    if role not in member.roles:
        return
    RoleGrant.objects.filter(member=member, role=role, revoked_at=None).update(
        revoked_at=timezone.now(), revoked_by=by
    )
    _set_roles(member, set(member.roles) - {role})


def _set_roles(member: User, roles: set[str]) -> None:
    """`roles` on the row repeats the groups, so that pages need no query for them."""
    member.roles = sorted(roles)
    member.is_staff = member.is_superuser or bool(roles & STAFF)
    member.save(update_fields=["roles", "is_staff"])
    member.groups.set(Group.objects.filter(name__in=roles))
