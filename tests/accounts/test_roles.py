import pytest
from django.contrib.auth.models import Group

from accounts.models import Role, RoleGrant
from accounts.services.roles import grant_role, revoke_role

pytestmark = pytest.mark.django_db


def test_a_mentor_may_edit_courses_but_not_see_members(member):
    grant_role(member=member, role=Role.MENTOR)
    member.refresh_from_db()

    assert member.is_staff
    assert member.is_mentor
    assert member.has_perm("content.change_item")
    assert not member.has_perm("accounts.view_user")


def test_granting_twice_is_one_grant_and_revoking_keeps_the_history(member, operator):
    grant_role(member=member, role=Role.VOLUNTEER, by=operator)
    grant_role(member=member, role=Role.VOLUNTEER, by=operator)
    revoke_role(member=member, role=Role.VOLUNTEER, by=operator)
    member.refresh_from_db()

    grant = RoleGrant.objects.get(member=member)
    assert grant.granted_by == operator
    assert grant.revoked_at is not None
    assert not member.is_staff
    assert not member.groups.exists()


def test_every_role_is_a_group():
    assert set(Group.objects.values_list("name", flat=True)) == set(Role)


def test_an_operator_may_look_after_everything_that_is_not_history():
    operators = Group.objects.get(name=Role.OPERATOR)
    may = set(operators.permissions.values_list("codename", flat=True))

    assert {"change_user", "change_community", "change_topic", "add_tag"} <= may
    assert "delete_user" not in may
    assert "delete_activity" not in may
