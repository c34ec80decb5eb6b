import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import AgreementMissing, EndMissing, LastOperator, NotAllowed
from accounts.models import Application, Role, RoleGrant, Space
from accounts.services import authors, personal
from accounts.services.roles import (
    appoint,
    dismiss,
    end_due_roles,
    grant_role,
    revoke_role,
    time_served,
)
from accounts.tasks import end_due_roles as the_clocks_task
from tests.factories.accounts import make_member, make_space

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


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.REVIEWER, "content.change_post", "content.change_item"),
        (Role.REVIEWER, "content.view_lesson", "accounts.change_space"),
        (Role.REVIEWER, "accounts.view_application", "accounts.change_application"),
        (Role.STEWARD, "accounts.read_personal", "accounts.change_user"),
        (Role.OPERATOR, "accounts.change_application", "accounts.read_personal"),
        (Role.PLANNER, "accounts.change_space", "content.change_post"),
        (Role.PLANNER, "content.view_enrolment", "accounts.view_user"),
        (Role.VOLUNTEER, "content.change_topic", "content.view_item"),
    ],
)
def test_each_bundle_is_its_own(member, role, may, may_not):
    grant_role(member=member, role=role)
    member.refresh_from_db()

    assert member.has_perm(may)
    assert not member.has_perm(may_not)


def test_a_planner_says_what_a_space_is_for_and_not_who_gets_in(client, member):
    grant_role(member=member, role=Role.PLANNER)
    client.force_login(member)
    space = make_space(access=Space.Access.JOINED)
    path = f"/admin/accounts/space/{space.pk}/change/"
    assert client.get(path).status_code == 200
    client.post(path, {"name": "Circle", "goal": "To read", "access": "public"})

    space.refresh_from_db()
    assert (space.goal, space.access) == ("To read", Space.Access.JOINED)


# For a time ---------------------------------------------------------------------


def soon():
    return timezone.now() + dt.timedelta(days=30)


def age(grant, **times):
    RoleGrant.objects.filter(pk=grant.pk).update(**times)


def test_a_role_given_for_a_time_ends_by_itself_on_the_row_and_in_the_groups(member):
    grant_role(member=member, role=Role.VOLUNTEER, ends_at=soon())
    grant_role(member=member, role=Role.REVIEWER)
    now = timezone.now()
    over = now - dt.timedelta(minutes=1)
    volunteer = RoleGrant.objects.get(role=Role.VOLUNTEER)
    age(volunteer, granted_at=now - dt.timedelta(days=30), ends_at=over)

    the_clocks_task()
    assert end_due_roles() == 0

    member.refresh_from_db()
    volunteer.refresh_from_db()
    assert member.roles == [Role.REVIEWER]
    assert member.is_staff
    assert [group.name for group in member.groups.all()] == [Role.REVIEWER]
    assert volunteer.revoked_at == over
    assert volunteer.revoked_by is None


def test_a_role_that_still_runs_is_let_be(member):
    grant_role(member=member, role=Role.VOLUNTEER, ends_at=soon())

    assert end_due_roles() == 0
    member.refresh_from_db()
    assert member.is_volunteer


def test_another_end_is_another_grant_and_the_role_goes_on(member, operator):
    grant_role(member=member, role=Role.VOLUNTEER, by=operator, reason="Spring")
    end = soon()
    grant_role(
        member=member, role=Role.VOLUNTEER, by=operator, ends_at=end, reason="Till May"
    )
    member.refresh_from_db()

    assert member.is_volunteer
    later, earlier = RoleGrant.objects.filter(member=member)
    assert (later.ends_at, later.reason, later.revoked_at) == (end, "Till May", None)
    assert earlier.revoked_by == operator


def test_nothing_ends_before_it_began(member):
    past = timezone.now() - dt.timedelta(days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        grant_role(member=member, role=Role.VOLUNTEER, ends_at=past)


def test_all_times_served_count_together(member):
    now = timezone.now()
    grant_role(member=member, role=Role.VOLUNTEER)
    earlier = RoleGrant.objects.get()
    revoke_role(member=member, role=Role.VOLUNTEER, reason="Thanks")
    age(
        earlier,
        granted_at=now - dt.timedelta(days=100),
        revoked_at=now - dt.timedelta(days=40),
    )
    grant_role(member=member, role=Role.VOLUNTEER)
    age(
        RoleGrant.objects.get(revoked_at=None),
        granted_at=now - dt.timedelta(days=5),
    )

    assert time_served(member, Role.VOLUNTEER).days == 65
    assert time_served(member, Role.MENTOR) == dt.timedelta()


# At the desk --------------------------------------------------------------------


def helper(name="helper"):
    """An operator who is no superuser."""
    helper = make_member(name)
    grant_role(member=helper, role=Role.OPERATOR)
    helper.refresh_from_db()
    return helper


def test_only_superusers_make_and_end_operators(member, operator):
    desk = helper()
    with pytest.raises(NotAllowed):
        appoint(member=member, role=Role.OPERATOR, by=desk, reason="x")
    with pytest.raises(NotAllowed):
        dismiss(member=desk, role=Role.OPERATOR, by=desk, reason="x")

    appoint(member=member, role=Role.OPERATOR, by=operator, reason="x")
    member.refresh_from_db()
    assert member.is_operator


@pytest.mark.parametrize("role", [Role.MENTOR, Role.REVIEWER, Role.MEMBER])
def test_who_is_no_operator_gives_no_role(member, other_member, role):
    with pytest.raises(NotAllowed):
        appoint(member=member, role=role, by=other_member, reason="x")


def test_nobody_becomes_a_mentor_without_the_agreement(member, operator):
    with pytest.raises(AgreementMissing):
        appoint(member=member, role=Role.MENTOR, by=operator, reason="x")
    application = authors.invite(member=member, kind="lecturer", reason="", by=operator)
    authors.agree(application=application, version=authors.agreement_version())
    revoke_role(member=member, role=Role.MENTOR)

    appoint(member=member, role=Role.MENTOR, by=operator, reason="Back again")
    member.refresh_from_db()
    assert member.is_mentor


def test_the_desk_gives_and_ends_a_role_with_its_reason(client, member):
    desk = helper()
    client.force_login(desk)
    path = f"/admin/accounts/user/{member.pk}/roles/"
    last_day = timezone.localdate() + dt.timedelta(days=10)

    given = client.post(
        path,
        {
            "act": "grant",
            "role": "volunteer",
            "ends_at": last_day.isoformat(),
            "reason": "Helps at the salon",
        },
    )
    assert given.status_code == 302
    grant = RoleGrant.objects.get(member=member)
    assert (grant.granted_by, grant.reason) == (desk, "Helps at the salon")
    # The last day is included.
    assert timezone.localdate(grant.ends_at) == last_day
    assert grant.ends_at - timezone.now() > dt.timedelta(days=10)

    page = client.get(path).content.decode()
    assert "Helps at the salon" in page
    ended = client.post(
        path, {"act": "revoke", "role": "volunteer", "reason": "Moved away"}
    )
    assert ended.status_code == 302
    grant.refresh_from_db()
    member.refresh_from_db()
    assert (grant.revoked_by, grant.revoke_reason) == (desk, "Moved away")
    assert not member.is_staff


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"role": "volunteer", "reason": ""}, "This field is required."),
        ({"role": "operator", "reason": "x"}, "Select a valid choice."),
        ({"role": "volunteer", "reason": "x", "ends_at": "2001-01-01"}, "is over"),
        ({"role": "mentor", "reason": "x"}, "Invite them"),
    ],
)
def test_the_desk_says_what_is_wrong(client, member, sent, error):
    client.force_login(helper())
    path = f"/admin/accounts/user/{member.pk}/roles/"

    page = client.post(path, {"act": "grant", **sent}).content.decode()

    assert error in page
    assert not RoleGrant.objects.filter(member=member).exists()


def test_an_operator_does_not_end_another_one_by_hand(client):
    client.force_login(helper())
    other = helper("other")
    path = f"/admin/accounts/user/{other.pk}/roles/"

    client.post(path, {"act": "revoke", "role": "operator", "reason": "x"})

    other.refresh_from_db()
    assert other.is_operator


def test_a_mentor_has_no_roles_to_give(client, member):
    grant_role(member=member, role=Role.MENTOR)
    client.force_login(member)

    assert client.get(f"/admin/accounts/user/{member.pk}/roles/").status_code == 403


def test_the_last_operator_stays_one(client):
    chief = make_member("chief", is_superuser=True)
    grant_role(member=chief, role=Role.OPERATOR)
    chief.refresh_from_db()
    client.force_login(chief)
    path = f"/admin/accounts/user/{chief.pk}/roles/"
    suspended = helper("suspended")
    suspended.suspended_at = timezone.now()
    suspended.save()

    answer = client.post(path, {"act": "revoke", "role": "operator", "reason": "x"})

    assert "There is no other operator." in answer.content.decode()
    left = helper()
    dismiss(member=chief, role=Role.OPERATOR, by=chief, reason="Retires")
    chief.refresh_from_db()
    assert Role.OPERATOR not in chief.roles
    with pytest.raises(LastOperator):
        dismiss(member=left, role=Role.OPERATOR, by=chief, reason="x")


# Personal facts -----------------------------------------------------------------


def test_superusers_let_somebody_read_personal_facts_for_a_time(
    client, member, other_member, operator
):
    with pytest.raises(NotAllowed):
        appoint(
            member=member, role=Role.STEWARD, by=helper(), ends_at=soon(), reason="x"
        )
    with pytest.raises(EndMissing):
        appoint(member=member, role=Role.STEWARD, by=operator, reason="x")
    appoint(
        member=member, role=Role.STEWARD, by=operator, ends_at=soon(), reason="Post"
    )
    personal.save(member=other_member, values={"city": "Hangzhou"})
    member.refresh_from_db()
    client.force_login(member)
    page = f"/admin/accounts/user/{other_member.pk}"

    assert f"{page}/facts/" in client.get(f"{page}/change/").content.decode()
    facts = client.post(f"{page}/facts/", {"reason": "A letter came back"})
    assert "Hangzhou" in facts.content.decode()
    assert client.post(f"{page}/change/", {"name": "x"}).status_code == 403

    age(RoleGrant.objects.get(role=Role.STEWARD), ends_at=timezone.now())
    end_due_roles()
    assert client.get(f"{page}/facts/").status_code in {302, 403}


def test_the_desk_asks_for_the_end_of_a_stewards_time(client, member, operator):
    client.force_login(operator)
    path = f"/admin/accounts/user/{member.pk}/roles/"

    page = client.post(path, {"act": "grant", "role": "steward", "reason": "x"})

    assert "for a time only" in page.content.decode()


def test_a_reviewer_sees_how_well_an_applicant_fits(client, member, other_member):
    grant_role(member=member, role=Role.REVIEWER)
    asked = Application.objects.create(
        member=other_member,
        match=73,
        match_reasons=["statistics"],
        answers=[["Why you?", "I <count> things."]],
    )
    client.force_login(member)

    listed = client.get("/admin/accounts/application/").content.decode()
    own = client.get(f"/admin/accounts/application/{asked.pk}/change/").content.decode()

    for page in (listed, own):
        assert "73" in page
        assert "statistics" in page
    assert "<strong>Why you?</strong><br>I &lt;count&gt; things." in own


# Whom an operator may edit --------------------------------------------------------


def test_an_erased_account_stays_empty(client, member, operator):
    member.erased_at = timezone.now()
    member.save()
    client.force_login(operator)
    page = f"/admin/accounts/user/{member.pk}"

    assert client.post(f"{page}/change/", {"name": "Back"}).status_code == 403
    assert client.get(f"{page}/roles/").status_code == 403
    assert client.get(f"{page}/invite-author/").status_code == 403
    shown = client.get(f"{page}/change/").content.decode()
    assert f"{page}/roles/" not in shown
    with pytest.raises(NotAllowed):
        appoint(member=member, role=Role.VOLUNTEER, by=operator, reason="x")


def test_an_operator_does_not_rename_a_superuser(client, operator):
    client.force_login(helper())
    page = f"/admin/accounts/user/{operator.pk}/change/"

    assert client.get(page).status_code == 200
    form = {"name": "Somebody else", "username": "else"}
    assert client.post(page, form).status_code == 403
    operator.refresh_from_db()
    assert operator.username == "operator"


def test_another_address_takes_the_place_of_all_that_were_there(
    client, member, operator
):
    for address in (member.email, "second@example.org"):
        EmailAddress.objects.create(user=member, email=address, verified=True)
    client.force_login(operator)
    page = f"/admin/accounts/user/{member.pk}/change/"
    form = client.get(page).context["adminform"].form.initial
    sent = {name: value or "" for name, value in form.items()}
    empty = {
        f"{prefix}-{part}_FORMS": "0"
        for prefix in ("role_grants", "entitlements", "sanctions")
        for part in ("TOTAL", "INITIAL")
    }

    kept = client.post(page, {**sent, **empty, "about": "Reads"})
    assert kept.status_code == 302
    assert EmailAddress.objects.filter(user=member).count() == 2
    client.post(page, {**sent, **empty, "email": "New@example.org"})

    left = EmailAddress.objects.get(user=member)
    assert (left.email, left.verified, left.primary) == ("new@example.org", False, True)
    member.refresh_from_db()
    assert member.email == "new@example.org"


def queries_of(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_a_members_page_costs_the_same_however_many_roles_they_had(
    client, member, operator
):
    client.force_login(operator)
    page = f"/admin/accounts/user/{member.pk}/change/"

    def serve():
        grant_role(member=member, role=Role.VOLUNTEER, by=operator)
        revoke_role(member=member, role=Role.VOLUNTEER, by=operator)

    serve()
    once = queries_of(client, page)
    for _time in range(4):
        serve()

    assert queries_of(client, page) == once
