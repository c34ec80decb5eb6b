from accounts.models import Role
from accounts.services.roles import grant_role
from tests.factories.accounts import make_member


def test_the_member_of_a_session_is_whole(client, member):
    client.force_login(member)

    known = client.get("/styleguide/").wsgi_request.user
    assert known == member
    for field in member._meta.concrete_fields:
        assert getattr(known, field.attname) == getattr(member, field.attname), field


def test_what_changes_about_a_member_holds_from_the_next_page(client, member):
    client.force_login(member)
    client.get("/styleguide/")
    grant_role(member=member, role=Role.MENTOR, by=make_member("by"))

    assert client.get("/styleguide/").wsgi_request.user.is_mentor


def test_who_may_no_longer_sign_in_is_a_visitor(client, member):
    client.force_login(member)
    member.is_active = False
    member.save()

    assert not client.get("/styleguide/").wsgi_request.user.is_authenticated


def test_a_member_who_is_gone_is_a_visitor(client, member):
    client.force_login(member)
    member.delete()

    assert not client.get("/styleguide/").wsgi_request.user.is_authenticated
