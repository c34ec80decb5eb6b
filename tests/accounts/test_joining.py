import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from taggit.models import Tag

from accounts.errors import AlreadyDecided, UnknownCode
from accounts.matching import match
from accounts.models import (
    Application,
    Community,
    Invitation,
    JoinMode,
    JoinQuestion,
    Role,
    SpaceMember,
    User,
)
from accounts.services import community, interests, joining, mails
from accounts.services.spaces import leave_space
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import buy, make_plan
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Lin Mei",
    "email": "lin@example.org",
    "password1": "a-long-new-secret",
    "terms": "on",
    "privacy": "on",
}


def closed(mode):
    Community.objects.update_or_create(pk=1, defaults={"join_mode": mode})
    community.forget()


def sign_up(client):
    client.post("/accounts/signup/", FORM)
    member = User.objects.get(email=FORM["email"])
    client.force_login(member)
    return member


# Into the community ----------------------------------------------------


def test_an_applicant_sees_what_is_public_and_how_it_stands(client, operator):
    closed(JoinMode.APPLICATION)
    inside = make_topic(make_member("author"), space=make_space("inside"))
    JoinQuestion.objects.create(prompt="Why do you come?")
    applicant = sign_up(client)

    assert applicant.is_applicant
    assert Role.MEMBER not in applicant.roles
    assert client.get("/").url == "/joining/"
    assert client.get(inside.get_absolute_url()).status_code in {302, 403}
    assert client.post("/spaces/inside/new/", {"title": "x"}).url == "/joining/"
    assert client.get("/me/privacy/").status_code == 200

    question = JoinQuestion.objects.get()
    refused = client.post("/joining/", {f"question-{question.pk}": "", "sent": "yes"})
    assert refused.status_code == 422
    client.post("/joining/", {f"question-{question.pk}": "To read", "sent": "yes"})
    application = Application.objects.get()
    assert application.answers == [["Why do you come?", "To read"]]
    joining.accept(application=application, by=operator, reason="Nice")
    mails.deliver_waiting()

    assert client.get("/").status_code == 200
    assert client.get(inside.get_absolute_url()).status_code == 200
    assert any("You are in" in message.subject for message in outbox.outbox)


def test_who_is_declined_learns_why(client, operator):
    closed(JoinMode.APPLICATION)
    applicant = sign_up(client)
    application = joining.apply(member=applicant, space=None, answers=[])

    joining.decline(application=application, by=operator, reason="We are full.")

    assert "We are full." in client.get("/joining/").content.decode()
    with pytest.raises(AlreadyDecided):
        joining.accept(application=application, by=operator)


def test_an_invitation_lets_in_as_often_as_it_says(client):
    closed(JoinMode.INVITATION)
    Invitation.objects.create(code="come-in", uses_left=1)

    assert client.get("/invitation/come-in/").url == "/accounts/signup/"
    assert not sign_up(client).is_applicant

    late = make_member("late", is_applicant=True)
    with pytest.raises(UnknownCode):
        joining.redeem_invitation(code="come-in", member=late)


def test_who_never_confirms_the_address_uses_up_no_place(client):
    closed(JoinMode.INVITATION)
    code = Invitation.objects.create(code="come-in", uses_left=1)
    client.get("/invitation/come-in/")
    client.post("/accounts/signup/", FORM)

    code.refresh_from_db()
    assert code.uses_left == 1
    assert User.objects.get(email=FORM["email"]).is_applicant


def test_an_invitation_counts_once_the_address_is_confirmed_elsewhere(client):
    """The link in the mail may open in another browser."""
    closed(JoinMode.INVITATION)
    Invitation.objects.create(code="come-in", uses_left=1)
    client.get("/invitation/come-in/")
    client.post("/accounts/signup/", FORM)
    address = re.search(r"/accounts/confirm-email/\S+", outbox.outbox[-1].body)[0]

    phone = Client()
    phone.post(address)
    phone.post(
        "/accounts/login/", {"login": FORM["email"], "password": FORM["password1"]}
    )

    assert not User.objects.get(email=FORM["email"]).is_applicant
    assert Invitation.objects.get().uses_left == 0


def test_an_expired_or_ended_invitation_lets_nobody_in(member):
    past = timezone.now() - dt.timedelta(days=1)
    Invitation.objects.create(code="old", expires_at=past)
    Invitation.objects.create(code="ended", ended_at=past)

    for code in ("old", "ended", "never"):
        with pytest.raises(UnknownCode):
            joining.redeem_invitation(code=code, member=member)


def test_whoever_pays_is_in_where_one_comes_in_by_paying():
    closed(JoinMode.PAYMENT)
    payer = make_member("payer", is_applicant=True)

    buy(payer, make_plan())

    payer.refresh_from_db()
    assert not payer.is_applicant
    assert Role.MEMBER in payer.roles


def test_an_open_community_lets_everybody_in(client):
    assert not sign_up(client).is_applicant


# Into a space ----------------------------------------------------------


def test_one_asks_at_the_door_of_a_space(client, member, operator):
    space = make_space(
        "circle", access="joined", join_mode=JoinMode.APPLICATION, goal="Read Lu Xun"
    )
    space.tags.add("literature")
    interests.declare(
        member=member, tags=[Tag.objects.get(name="literature")], experience="some"
    )
    question = JoinQuestion.objects.create(space=space, prompt="What do you read?")
    client.force_login(member)
    assert "circle" in client.get("/spaces/").content.decode()
    assert client.get("/spaces/circle/").url == "/joining/spaces/circle/"

    client.post(
        "/joining/spaces/circle/", {f"question-{question.pk}": "I read Lu Xun daily"}
    )

    application = Application.objects.get()
    assert application.match == 100
    assert "literature" in application.match_reasons
    client.force_login(operator)
    desk = client.get("/admin/accounts/application/").content.decode()
    assert "literature" in desk
    client.post(f"/admin/accounts/application/{application.pk}/accept/", {"reason": ""})
    client.force_login(member)
    assert client.get("/spaces/circle/").status_code == 200


def test_a_full_space_has_a_waiting_list_that_moves(member, other_member):
    space = make_space("small", seats=1)
    third = make_member("third")
    for who in (member, other_member, third):
        joining.join(space=space, member=who)
    queued = Application.objects.filter(state="queued").order_by("created_at")
    assert [a.member for a in queued] == [other_member, third]

    leave_space(space=space, member=member)
    assert joining.offer_free_places(space) == 1
    assert not joining.has_room(space)

    with time_machine.travel(timezone.now() + joining.OFFER_LASTS, tick=False):
        assert joining.move_waiting_lists() == {
            "offers lapsed": 1,
            "places offered": 1,
        }
        offered = Application.objects.get(state="offered")
        joining.take_place(application=offered)
    assert SpaceMember.objects.filter(space=space, left_at=None).get().member == third


@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_exactly_one():
    space = make_space("small", seats=1)
    people = [make_member(f"m{n}") for n in range(8)]

    def come(who):
        try:
            return joining.join(space=space, member=who)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come, people))

    assert SpaceMember.objects.filter(space=space, left_at=None).count() == 1
    assert Application.objects.filter(state="queued").count() == 7


def offered_place(space, member):
    """Somebody had the only place and left; it is kept for `member`."""
    before = make_member("before")
    joining.join(space=space, member=before)
    application = joining.join(space=space, member=member)
    leave_space(space=space, member=before)
    joining.offer_free_places(space)
    application.refresh_from_db()
    assert application.state == "offered"
    return application


def test_to_join_is_to_take_the_place_that_is_kept(member):
    space = make_space("small", seats=1)
    application = offered_place(space, member)

    joining.join(space=space, member=member)

    application.refresh_from_db()
    assert application.state == "accepted"
    assert space.members.get(left_at=None).member == member


def test_the_desk_lets_in_whom_a_place_is_kept_for(member, operator):
    application = offered_place(make_space("small", seats=1), member)

    joining.accept(application=application, by=operator)

    application.refresh_from_db()
    assert application.state == "accepted"
    assert application.space.members.get(left_at=None).member == member


def test_an_invitation_takes_up_the_place_that_is_kept(member, other_member):
    space = make_space("small", seats=1)
    offered_place(space, member)
    Invitation.objects.create(code="code", space=space)

    with pytest.raises(UnknownCode):
        joining.redeem_invitation(code="code", member=other_member)
    joining.redeem_invitation(code="code", member=member)

    assert space.members.get(left_at=None).member == member


@pytest.mark.django_db(transaction=True)
def test_a_place_that_is_taken_up_is_not_given_to_another_meanwhile():
    space = make_space("small", seats=1)
    application = offered_place(space, make_member("first"))
    others = [make_member(f"m{n}") for n in range(7)]

    def come(who):
        try:
            if who is None:
                return joining.take_place(application=application)
            return joining.join(space=space, member=who)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come, [*others[:3], None, *others[3:]]))

    assert space.members.get(left_at=None).member == application.member


def test_whoever_comes_in_another_way_waits_no_longer(member, other_member):
    space = make_space("small", seats=1)
    joining.join(space=space, member=other_member)
    application = joining.join(space=space, member=member)
    space.seats = 2
    space.save()
    Invitation.objects.create(code="code", space=space)

    joining.redeem_invitation(code="code", member=member)

    application.refresh_from_db()
    assert application.state == "accepted"


def test_more_seats_move_the_waiting_list_at_once(client, operator, member):
    space = make_space("small", seats=1)
    joining.join(space=space, member=operator)
    application = joining.join(space=space, member=member)
    client.force_login(operator)
    page = client.get(f"/admin/accounts/space/{space.pk}/change/")
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"created_at_0": "2026-01-01", "created_at_1": "12:00", "seats": 2}

    answer = client.post(page.request["PATH_INFO"], data)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    application.refresh_from_db()
    assert application.state == "offered"


def test_the_same_person_twice_uses_up_one_place_of_a_code(member):
    space = make_space("circle")
    code = Invitation.objects.create(code="code", space=space, uses_left=3)

    for _ in range(2):
        joining.redeem_invitation(code="code", member=member)

    code.refresh_from_db()
    assert code.uses_left == 2


def test_a_space_by_invitation_is_not_just_joined(client, member):
    make_space("private", access="members", join_mode=JoinMode.INVITATION)
    client.force_login(member)

    assert client.post("/spaces/private/join/").url == "/joining/spaces/private/"

    assert not SpaceMember.objects.exists()


# What they look for ------------------------------------------------------


def test_interests_are_declared_changed_and_skipped(client, member):
    space = make_space()
    space.tags.add("ink", "paper", "stone")
    ink, paper = Tag.objects.get(name="ink"), Tag.objects.get(name="paper")
    client.force_login(member)
    assert client.get("/joining/welcome/").status_code == 200

    client.post("/joining/welcome/", {"tags": [ink.pk, paper.pk], "experience": "new"})
    first = member.interests.get(tag=paper).declared_at
    client.post("/joining/welcome/", {"tags": [paper.pk], "experience": ""})

    member.refresh_from_db()
    assert [i.tag for i in member.interests.all()] == [paper]
    assert member.interests.get().declared_at == first
    assert member.experience == ""


def test_a_match_says_what_it_rests_on():
    score, reasons = match(
        interests={"AI", "Reading"},
        text="我想学习写作和阅读",
        tags={"reading", "writing"},
        goal="一起学习写作",
    )

    assert 0 < score < 100
    assert {"reading", "学习", "写作"} <= set(reasons)
    assert match(interests={"ai"}, text="x", tags=set(), goal="") == (None, [])


words = st.sets(st.text(st.characters(categories=["Ll"]), min_size=4, max_size=8))


@given(interests=words, tags=words, goal=words, said=words)
def test_a_match_is_a_share_and_more_in_common_is_never_less(
    interests, tags, goal, said
):
    text = " ".join(said)
    score, _ = match(interests=interests, text=text, tags=tags, goal=" ".join(goal))
    if score is None:
        return
    more, _ = match(
        interests=interests | tags,
        text=" ".join(said | goal),
        tags=tags,
        goal=" ".join(goal),
    )
    assert 0 <= score <= more <= 100
    assert more == 100


def test_nobody_reads_anothers_application(member, other_member):
    application = joining.apply(member=member, space=None, answers=[])
    client = Client()
    client.force_login(other_member)

    answer = client.post(f"/joining/applications/{application.pk}/", {"act": "x"})

    assert answer.status_code == 404
