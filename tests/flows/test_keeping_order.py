"""What operators and volunteers do for order, page by page as they meet it."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, Sanction
from accounts.services.roles import grant_role
from content.models import Case, ModerationPolicy, Survey, Topic
from content.services import posting, surveys
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import buy, make_plan
from tests.factories.discussions import make_topic
from tests.factories.sanctions import make_rule

pytestmark = pytest.mark.django_db


def signed_in(member):
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def boss():
    return signed_in(make_member("boss", is_staff=True, is_superuser=True))


@pytest.fixture
def second():
    return signed_in(make_member("second", is_staff=True, is_superuser=True))


@pytest.fixture
def volunteer():
    volunteer = make_member("helper")
    grant_role(member=volunteer, role=Role.VOLUNTEER)
    volunteer.refresh_from_db()
    return signed_in(volunteer)


def shown(client, page, **asked):
    answer = client.get(page, asked)
    assert answer.status_code == 200, page
    return answer.content.decode()


def test_a_volunteer_decides_on_many_undoes_it_and_finds_it_again(volunteer, member):
    ModerationPolicy.objects.create(mode="all")
    space = make_space("circle", access="public")
    for number in range(3):
        posting.post_topic(
            author=member,
            kind="discussion",
            title=f"Offer {number}",
            body="x",
            space=space,
        )
    cases = list(Case.objects.values_list("pk", flat=True))
    assert "Offer 2" in shown(volunteer, "/studio/queue/")

    chosen = {"cases": cases, "act": "reject", "reason": "It sells something"}
    page = volunteer.post("/studio/queue/decide/", chosen, follow=True)
    assert "Decided on 3." in page.content.decode()
    assert not Case.objects.filter(closed_at=None).exists()
    assert "It sells something" in shown(signed_in(member), f"/held/{cases[0]}/")

    undo = {"undo": page.context["undo"]}
    page = volunteer.post("/studio/queue/undo/", undo, follow=True)
    assert "3 wait again." in page.content.decode()
    accepted = {"cases": cases, "act": "accept"}
    volunteer.post("/studio/queue/decide/", accepted)
    assert Topic.objects.filter(hidden_at=None).count() == 3
    page = shown(volunteer, "/studio/queue/history/", q="sells")
    assert page.count("undone") >= 3


def test_who_pays_is_removed_by_two_and_an_appeal_lets_them_in_again(
    boss, second, member
):
    buy(member, make_plan())
    rule, desk = make_rule(), f"/admin/accounts/user/{member.pk}"
    shown(boss, f"{desk}/sanction/")
    sent = {"form_key": "a", "kind": "removal", "rule": rule.pk, "reason": "Spam"}
    boss.post(f"{desk}/sanction/", sent)
    sanction = member.sanctions.get()
    assert sanction.begins_at is None

    confirm = f"/admin/accounts/sanction/{sanction.pk}/confirm/"
    assert boss.post(confirm, {"form_key": "b"}).status_code == 422
    shown(second, "/admin/accounts/sanction/")
    shown(second, confirm)
    assert second.post(confirm, {"form_key": "c"}).status_code == 302
    member.refresh_from_db()
    assert member.removed_at

    theirs = signed_in(member)
    assert "Spam" in shown(theirs, "/me/sanctions/")
    theirs.post(f"/me/sanctions/{sanction.pk}/appeal/", {"words": "It was not I."})
    grant = f"/admin/accounts/appeal/{sanction.appeal.pk}/grant/"
    answer = {"form_key": "d", "answer": "You are right."}
    assert boss.post(grant, answer).status_code == 422
    assert "It was not I." in shown(second, grant.replace("grant", "change"))
    assert second.post(grant, {**answer, "form_key": "e"}).status_code == 302
    member.refresh_from_db()
    assert member.removed_at is None
    assert "You are right." in shown(theirs, "/me/sanctions/")
    assert Sanction.objects.get().lifted_at


def test_a_survey_is_answered_and_its_report_counts_it(boss):
    asked = Survey.objects.get(kind="satisfaction", occasion="")
    names = ("overall", "content", "interaction", "incentives", "atmosphere")
    for number in range(6):
        person = make_member(f"person{number}", date_joined=timezone.now())
        row = surveys.ask(survey=asked, member=person, probability=0.5)
        client = signed_in(person)
        shown(client, row.get_absolute_url())
        sent = client.post(row.get_absolute_url(), dict.fromkeys(names, 4))
        assert sent.status_code == 302
    report = shown(boss, "/admin/content/surveyreport/")
    assert "6" in report


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_of_order_open_for_whoever_keeps_it(volunteer, member, language):
    make_topic(member, space=make_space("circle", access="public"))
    for page in (
        *("/studio/", "/studio/queue/", "/studio/queue/history/"),
        *("/studio/queue/heat/", "/newcomers/", "/culture/"),
    ):
        answer = volunteer.get(page, headers={"accept-language": language})
        assert answer.status_code == 200, page
