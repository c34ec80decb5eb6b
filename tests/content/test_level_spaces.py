"""Spaces that open with a level, and those one is invited into."""

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import NotNow, UnknownCode
from accounts.models import Invitation, JoinMode, Notification, Space, SpaceMember, User
from accounts.services import joining
from accounts.services.spaces import (
    give_place_role,
    guides,
    join_space,
    readers_among,
)
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import buy, make_plan
from tests.factories.courses import make_item
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def summit():
    return make_space("summit", access=Space.Access.LEVEL, min_level=3, goal="Go up")


def reach(member, level):
    User.objects.filter(pk=member.pk).update(level=level)
    member.refresh_from_db()


def test_a_space_by_level_says_which():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_space("nowhere", access=Space.Access.LEVEL, min_level=0)


def test_the_door_says_the_level_that_is_missing(client, summit, member):
    topic = make_topic(make_member("author"), space=summit, title="Thin air")
    reach(member, 2)
    for someone in (None, member):
        if someone:
            client.force_login(someone)
        page = client.get("/spaces/summit/")
        assert page.status_code == 403
        words = page.content.decode()
        assert "This space opens with level 3" in words
        assert "Thin air" not in words
        assert client.get(topic.get_absolute_url()).status_code in (302, 403)
        assert client.get("/spaces/summit/charter/").status_code == 403
        assert "summit" in client.get("/spaces/").content.decode()
    assert "You have reached level 2" in words


def test_the_level_opens_it(client, summit, member):
    topic = make_topic(make_member("author"), space=summit, title="Thin air")
    item = make_item("ropes", space=summit, access="free")
    reach(member, 3)
    client.force_login(member)

    assert "Thin air" in client.get("/spaces/summit/").content.decode()
    assert client.get(topic.get_absolute_url()).status_code == 200
    assert client.get(item.get_absolute_url()).status_code == 200
    answer = client.post(f"/topics/{topic.pk}/reply/", {"body": "Here."})
    assert answer.status_code == 302


def test_search_finds_it_from_that_level_on(summit, member):
    low = make_member("low")
    reach(member, 3)
    assert summit in Space.objects.visible_to(member)
    assert summit not in Space.objects.visible_to(low)
    assert summit in Space.objects.listed_for(low)


def test_asked_for_many_at_once_it_is_the_same_as_for_one(summit, operator):
    plan_space = make_space("vault", access=Space.Access.PLAN)
    spaces = [
        summit,
        plan_space,
        make_space("open", access=Space.Access.PUBLIC),
        make_space("inside", access=Space.Access.MEMBERS),
        make_space("closed", access=Space.Access.JOINED),
    ]
    people = [make_member(f"m{n}") for n in range(4)]
    reach(people[0], 3)
    buy(people[1], make_plan("vault", what=plan_space.key))
    join_space(space=spaces[4], member=people[2])
    applicant = make_member("waits", is_applicant=True)
    asked = [*people, operator]

    for space in spaces:
        one_by_one = {
            it.pk
            for it in asked
            if Space.objects.visible_to(User.objects.get(pk=it.pk))
            .filter(pk=space.pk)
            .exists()
        }
        numbers = [*(it.pk for it in asked), applicant.pk]
        assert readers_among(space, numbers) == one_by_one


# Invitations ----------------------------------------------------------------------


@pytest.fixture
def circle():
    return make_space(
        "circle", access=Space.Access.JOINED, join_mode=JoinMode.INVITATION
    )


@pytest.fixture
def guide(client, circle, operator):
    guide = make_member("guide")
    give_place_role(space=circle, member=guide, role="volunteer", by=operator)
    client.force_login(guide)
    return guide


def test_a_guide_invites_by_handle_and_the_invited_come_in(
    client, guide, circle, member
):
    answer = client.post(
        "/spaces/circle/people/", {"act": "invite", "member": "member"}
    )
    assert answer.status_code == 302
    news = Notification.objects.get(member=member)
    assert news.kind == Notification.Kind.INVITED
    ((title, address),) = joining.shown_to(member, [news.target_id]).values()
    assert title == "Circle"
    assert joining.shown_to(guide, [news.target_id]) == {}

    client.force_login(member)
    assert client.get("/spaces/circle/").status_code == 404
    page = client.get(address).content.decode()
    assert "Guide asks you into the space “Circle”." in page
    code = Invitation.objects.get().code
    assert client.post(address, {"code": code}).status_code == 302
    assert client.get("/spaces/circle/").status_code == 200


def test_an_invitation_by_handle_lets_in_nobody_else(guide, circle, member):
    invitation = joining.invite(space=circle, by=guide, member=member)
    with pytest.raises(UnknownCode):
        joining.redeem_invitation(code=invitation.code, member=make_member("thief"))


def test_an_invitation_may_be_declined(client, guide, circle, member):
    invitation = joining.invite(space=circle, by=guide, member=member)
    client.force_login(member)
    client.post(f"/space-invitations/{invitation.pk}/end/")
    with pytest.raises(UnknownCode):
        joining.redeem_invitation(code=invitation.code, member=member)
    assert not SpaceMember.objects.filter(space=circle, member=member).exists()


def test_asking_twice_is_one_invitation_and_members_are_not_asked(
    guide, circle, member
):
    first = joining.invite(space=circle, by=guide, member=member)
    assert joining.invite(space=circle, by=guide, member=member) == first
    with pytest.raises(NotNow):
        joining.invite(space=circle, by=guide, member=guide)


def test_an_address_to_pass_on_lets_in_one_member_and_no_applicant(guide, circle):
    invitation = joining.invite(space=circle, by=guide)
    applicant = make_member("waits", is_applicant=True)
    with pytest.raises(UnknownCode):
        joining.redeem_invitation(code=invitation.code, member=applicant)
    applicant.refresh_from_db()
    assert applicant.is_applicant

    joining.redeem_invitation(code=invitation.code, member=make_member("one"))
    with pytest.raises(UnknownCode):
        joining.redeem_invitation(code=invitation.code, member=make_member("two"))


def test_a_handle_that_nobody_has_is_told_beside_the_field(client, guide, circle):
    answer = client.post(
        "/spaces/circle/people/", {"act": "invite", "member": "nobody"}
    )
    assert answer.status_code == 422
    assert "There is no member of this handle." in answer.content.decode()


def test_a_suspended_guide_guides_nothing(guide, circle):
    assert guides(guide, circle.pk)
    User.objects.filter(pk=guide.pk).update(suspended_at="2026-01-01T00:00Z")
    guide.refresh_from_db()
    assert not guides(guide, circle.pk)
