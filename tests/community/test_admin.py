"""The operator's room: what waits, who may see it, and what it may run."""

import datetime as dt

import pytest
from django.contrib import admin
from django.utils import timezone

from accounts.models import Mail, Order, Robot
from accounts.services.robots import OFF_AFTER
from accounts.services.roles import grant_role
from community.models import StepRun
from community.sidebar import GROUPS
from content.services import editorial
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_offer, start
from tests.factories.courses import make_course, make_item
from tests.factories.discussions import make_topic
from tests.factories.quizzes import make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def piles(client):
    return {pile.title: pile for pile in client.get("/admin/").context["piles"]}


def test_today_names_doubts_checks_and_asked_attempts(desk, member):
    item = make_item(review_by=timezone.localdate())
    editorial.flag_outdated(item=item, member=member, text="No longer so.")
    quiz = make_quiz(make_course(lessons=1))
    quiz.more_attempts.create(member=member, asked_at=timezone.now())

    piles = {pile.title: pile.tasks for pile in desk.get("/admin/").context["piles"]}
    for title in (
        "Said to be out of date",
        "Texts that are due for a check",
        "Learners who ask for another attempt",
    ):
        assert len(piles[title]) == 1
    assert piles["Said to be out of date"][0].url == f"/studio/items/{item.pk}/"


def test_today_begins_with_what_waits(desk, member):
    make_topic(member, kind="question")
    first, second, *others = desk.get("/admin/").context["piles"]
    assert first.title == "Questions nobody has answered"
    assert second.title == "New this week: say hello"
    assert {pile.count for pile in others} == {0}


def test_everything_of_the_desk_is_in_its_sidebar():
    named = {label for group in GROUPS.values() for label, _icon in group}
    ours = {"accounts", "content", "incentives", "analytics", "recommend", "community"}
    registered = {
        model._meta.label_lower
        for model in admin.site._registry
        if model._meta.app_label in ours
    }
    assert registered - named == set()


def test_today_is_calm_when_nothing_waits(desk):
    page = desk.get("/admin/").content.decode()
    assert "Every question has an answer." in page
    assert "The last three nights went well." in page


def test_what_waits_is_shown_with_the_oldest_first(desk):
    asker, space = make_member("asker"), make_space("talk")
    for title in ("First question", "Second question"):
        make_topic(asker, space=space, title=title, kind="question")
    pile = piles(desk)["Questions nobody has answered"]
    assert [task.title for task in pile.tasks] == ["First question", "Second question"]


def test_a_failed_night_is_named_with_its_error(desk):
    now = timezone.now()
    StepRun.objects.create(
        step="fit activity",
        as_of=timezone.localdate(),
        state=StepRun.State.FAILED,
        started_at=now,
        finished_at=now,
        error="Traceback\nValueError: no members",
    )
    (task,) = piles(desk)["Nightly steps that failed"].tasks
    assert task.detail == "ValueError: no members"
    assert desk.get(task.url).status_code == 200


def test_mails_that_were_cut_off_are_shown_and_sent_again_on_demand(desk, member):
    title = "Mails that may or may not have been sent"
    earlier = timezone.now() - dt.timedelta(hours=1)
    mail = Mail.objects.create(
        key="a",
        member=member,
        template="item_published",
        context={"title": "Essay", "url": "/library/essay/"},
        sending_at=earlier,
    )
    (task,) = piles(desk)[title].tasks
    assert desk.get(f"/admin/accounts/mail/{mail.pk}/again/").status_code == 200
    assert piles(desk)[title].count == 1

    desk.post(f"/admin/accounts/mail/{mail.pk}/again/", {"asked": "1"})

    assert task.title == str(member)
    assert piles(desk)[title].count == 0
    assert Mail.objects.waiting().get() == mail


def test_a_robot_that_was_switched_off_is_named_with_why(desk):
    Robot.objects.create(
        kind="slack",
        name="Group",
        sealed_address=b"x",
        language="en",
        is_on=False,
        failures=OFF_AFTER,
        problem="404 no_service",
    )
    (task,) = piles(desk)["Robots that their service refused too often"].tasks
    assert (task.title, task.detail) == ("Group", "404 no_service")


def test_an_order_is_stuck_after_half_an_hour(desk, member):
    order, _ = start(member, make_offer())
    title = "Orders whose payment was begun and never settled"
    assert piles(desk)[title].count == 0
    earlier = timezone.now() - dt.timedelta(hours=1)
    Order.objects.filter(pk=order.pk).update(created_at=earlier)
    (task,) = piles(desk)[title].tasks
    assert task.title == order.number


def test_mentors_are_shown_nothing_that_is_not_theirs(client):
    mentor = make_member("mentor")
    grant_role(member=mentor, role="mentor", by=mentor)
    mentor.refresh_from_db()
    mentor.is_staff = True
    mentor.save()
    client.force_login(mentor)
    answer = client.get("/admin/")
    assert "New this week: say hello" not in answer.content.decode()
    links = str(answer.context["sidebar_navigation"])
    assert "/admin/accounts/order/" not in links


def test_the_sidebar_leads_everywhere_an_operator_may_go(desk):
    groups = desk.get("/admin/").context["sidebar_navigation"]
    links = [str(item["link"]) for group in groups for item in group["items"]]
    assert len(links) > 10
    assert [link for link in links if desk.get(link).status_code != 200] == []


def test_only_the_admin_may_evaluate_scripts(desk):
    assert "unsafe-eval" in desk.get("/admin/")["Content-Security-Policy"]
    assert "unsafe" not in desk.get("/")["Content-Security-Policy"]
