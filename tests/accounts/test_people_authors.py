"""How a member becomes an author."""

import pytest
from django.db import IntegrityError, transaction

from accounts import privacy
from accounts.errors import AlreadyDecided
from accounts.models import AuthorApplication, Mail, PolicyVersion, Role, RoleGrant
from accounts.services import authors, policies
from accounts.services.roles import grant_role
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db

State = AuthorApplication.State
WORDS = {"kind": "lecturer", "sample": "https://example.org/", "why": "Statistics"}


def apply(member):
    return authors.apply(member=member, **WORDS)


def agree(application):
    authors.agree(application=application, version=authors.agreement_version())


def test_the_agreement_is_there_in_both_languages():
    texts = PolicyVersion.objects.filter(kind="author", version=1)
    assert {text.language for text in texts} == {"en", "zh-hans"}


def test_applying_twice_is_one_application(member):
    assert apply(member) == apply(member)


def test_an_application_becomes_an_author_only_by_the_agreement(member, operator):
    application = apply(member)
    with pytest.raises(AlreadyDecided):
        agree(application)
    authors.accept(application=application, reason="", by=operator)
    member.refresh_from_db()
    assert not member.is_mentor

    agree(application)
    agree(application)

    member.refresh_from_db()
    application.refresh_from_db()
    assert member.is_mentor
    assert application.agreed_version == 1
    assert RoleGrant.objects.get(member=member).granted_by == operator


def test_an_invitation_skips_the_application_and_not_the_agreement(member, operator):
    invitation = authors.invite(
        member=member, kind="expert", reason="Please", by=operator
    )
    member.refresh_from_db()
    assert not member.is_mentor
    assert Mail.objects.get(member=member).context["is_invitation"]

    agree(invitation)
    member.refresh_from_db()
    assert member.is_mentor


def test_inviting_who_has_applied_accepts_them(member, operator):
    application = apply(member)
    invited = authors.invite(member=member, kind="expert", reason="", by=operator)

    assert invited == application
    assert invited.state == State.ACCEPTED


def test_a_text_that_changed_while_it_was_read_is_read_again(member, operator):
    invitation = authors.invite(member=member, kind="expert", reason="", by=operator)
    read = authors.agreement_version()
    policies.publish(kind="author", texts={"en": "Another text."})

    with pytest.raises(AlreadyDecided):
        authors.agree(application=invitation, version=read)


def test_a_decision_is_taken_once(member, operator):
    application = apply(member)
    authors.decline(application=application, reason="Too short", by=operator)

    with pytest.raises(AlreadyDecided):
        authors.accept(application=application, reason="", by=operator)


def test_who_was_declined_may_ask_again(member, operator):
    authors.decline(application=apply(member), reason="Too short", by=operator)
    assert apply(member).state == State.ASKED


@pytest.mark.parametrize(
    "fields",
    [{"state": "accepted"}, {"state": "declined"}, {"state": "agreed"}],
)
def test_the_database_wants_to_know_who_decided(member, fields):
    apply(member)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorApplication.objects.update(**fields)


def test_what_was_written_goes_with_the_member(member, operator):
    invitation = authors.invite(member=member, kind="expert", reason="Hi", by=operator)
    agree(invitation)
    AuthorApplication.objects.update(why="My life")
    privacy.erase_all(member)

    left = AuthorApplication.objects.get()
    assert (left.why, left.sample) == ("", "")
    assert left.agreed_version == 1


# The pages ------------------------------------------------------------------------


def test_a_member_applies_is_accepted_and_agrees_by_the_pages(client, member, operator):
    client.force_login(member)
    assert client.post("/me/author/", {"kind": "lecturer"}).status_code == 422
    client.post("/me/author/", WORDS)
    assert "Your application is waiting" in client.get("/me/author/").content.decode()

    client.force_login(operator)
    assert member.name in client.get("/admin/").content.decode()
    application = AuthorApplication.objects.get()
    desk = f"/admin/accounts/authorapplication/{application.pk}"
    assert client.get(f"{desk}/change/").status_code == 200
    client.post(f"{desk}/accept/", {"reason": "Gladly"})
    assert client.get(f"{desk}/accept/").status_code == 403  # decided

    client.force_login(member)
    page = client.get("/me/author/").content.decode()
    assert "Gladly" in page
    version = authors.agreement_version()
    assert client.post("/me/author/agree/", {"version": version}).status_code == 422
    answer = client.post("/me/author/agree/", {"version": version, "agree": "on"})
    assert answer.url == "/studio/"
    assert client.get("/studio/").status_code == 200


def test_declining_needs_a_reason_that_the_member_reads(client, member, operator):
    application = apply(member)
    client.force_login(operator)
    path = f"/admin/accounts/authorapplication/{application.pk}/decline/"
    assert client.post(path, {"reason": " "}).status_code == 422
    client.post(path, {"reason": "Show us a lesson first"})

    client.force_login(member)
    page = client.get("/me/author/").content.decode()
    assert "Show us a lesson first" in page
    assert 'name="why"' in page


def test_an_operator_invites_from_the_members_page(client, member, operator):
    client.force_login(operator)
    path = f"/admin/accounts/user/{member.pk}"
    assert f"{path}/invite-author/" in client.get(f"{path}/change/").content.decode()
    client.post(f"{path}/invite-author/", {"kind": "expert", "reason": "Come!"})

    assert AuthorApplication.objects.get().is_invitation


def test_nobody_accepts_themselves(client, member):
    grant_role(member=member, role=Role.OPERATOR)
    application = apply(member)
    client.force_login(member)

    path = f"/admin/accounts/authorapplication/{application.pk}/accept/"
    assert client.post(path, {"reason": ""}).status_code == 403


def test_an_author_does_not_apply_again(client, member):
    grant_role(member=member, role=Role.MENTOR)
    client.force_login(member)
    client.post("/me/author/", WORDS)

    assert not AuthorApplication.objects.exists()
    assert "You are an author here" in client.get("/me/author/").content.decode()


def test_an_application_is_withdrawn(client, member):
    apply(member)
    client.force_login(member)
    client.post("/me/author/withdraw/")

    assert not AuthorApplication.objects.exists()
    client.force_login(make_member("other"))
    assert client.post("/me/author/withdraw/").status_code == 404
