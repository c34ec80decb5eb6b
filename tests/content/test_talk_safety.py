"""What somebody who means harm would try in the talk, each tried once."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, Space
from accounts.services.blocks import block
from accounts.services.roles import grant_role
from accounts.services.spaces import join_space
from content import access
from content.errors import NotTaken
from content.models import (
    Case,
    FeedbackArea,
    KnownDomain,
    ModerationPolicy,
    Poll,
    Prompt,
    Theme,
    ThemeWeek,
    Topic,
    WatchedWord,
)
from content.services import (
    feedback,
    guiding,
    moderation,
    paid_questions,
    polls,
    posting,
    rearranging,
    themes,
)
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_cohort, make_course
from tests.factories.discussions import make_topic
from tests.factories.paid_questions import give_points, make_expert, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def space():
    return make_space("circle", access=Space.Access.PUBLIC)


@pytest.fixture
def closed():
    return make_space("closed", access=Space.Access.JOINED)


@pytest.fixture
def muted(member):
    member.muted_until = timezone.now() + dt.timedelta(days=1)
    member.save()
    return member


@pytest.fixture
def guide():
    return with_role("guide", Role.VOLUNTEER)


def with_role(name, role):
    member = make_member(name)
    grant_role(member=member, role=role)
    member.refresh_from_db()
    return member


def suspend(member):
    member.suspended_at = timezone.now()
    member.save()
    return member


# What stands beside a text ----------------------------------------------------------


def sent_to(space, member, **more):
    return posting.post_topic(
        author=member, kind=more.pop("kind"), title="Look", body="", space=space, **more
    )


def test_the_link_of_a_share_is_looked_at(space, member):
    KnownDomain.objects.create(domain="bad.example", is_allowed=False)
    link = "https://very.bad.example/offer"
    case = sent_to(space, member, kind="share", link=link)
    assert case.reasons[0]["domain"] == "very.bad.example"
    assert not Topic.objects.exists()


def test_the_choices_of_a_poll_are_looked_at(space, member):
    WatchedWord.objects.create(word="casino")
    poll = {"choices": ["Tea", "The casino"], "closes_at": None}
    case = sent_to(space, member, kind="poll", poll=poll)
    assert case.reasons[0]["word"] == "casino"
    assert not Poll.objects.exists()


def test_a_link_that_is_added_by_a_change_is_looked_at(space, member):
    KnownDomain.objects.create(domain="bad.example", is_allowed=False)
    topic = make_topic(member, space=space, kind="share", link="https://good.example")
    case = posting.change_post(
        post=topic.posts.get(),
        author=member,
        body="Good.",
        link="https://bad.example",
    )
    assert isinstance(case, Case)
    topic.refresh_from_db()
    assert topic.link == "https://good.example"


# The muted --------------------------------------------------------------------------


def test_the_muted_change_no_poll(space, muted, client):
    topic = make_topic(muted, space=space, kind="poll")
    poll = polls.add_poll(topic=topic, choices=["Tea", "Milk"])
    client.force_login(muted)
    url = f"/polls/{poll.pk}/change/"
    sent = {"poll-choices": "Buy\nNow", "poll-kind": "single", "poll-shows": "voted"}
    assert client.post(url, sent).status_code == 403
    poll.refresh_from_db()
    assert poll.choices == ["Tea", "Milk"]


def test_the_muted_propose_no_theme(muted, client):
    client.force_login(muted)
    answer = client.post("/themes/propose/", {"title": "Buy", "why": "Now"})
    assert answer.status_code == 403
    assert not Theme.objects.exists()


def test_the_muted_host_no_week(space, muted, client):
    week = ThemeWeek.objects.create(
        title="Notes", space=space, host=muted, starts_on=timezone.localdate()
    )
    Prompt.objects.create(week=week, day=1, title="Buy", text="Now")
    assert themes.post_due_prompts() == 0
    client.force_login(muted)
    url = f"/themes/weeks/{week.pk}/summary/"
    assert client.post(url, {"title": "Buy", "body": "Now"}).status_code == 403
    assert not Topic.objects.exists()


# Topics that moved ------------------------------------------------------------------


def hold_reply(topic, author):
    ModerationPolicy.objects.get_or_create(defaults={"mode": "all"})
    return posting.post_reply(topic=topic, author=author, body="It waits")


@pytest.fixture
def waiting(space, member):
    """A reply that waits, in a topic that goes elsewhere."""
    return hold_reply(make_topic(make_member("asker"), space=space), member)


def test_a_case_follows_its_topic_where_not_every_guide_may_go(
    waiting, guide, closed, operator
):
    insider = with_role("insider", Role.VOLUNTEER)
    join_space(space=closed, member=insider)
    assert waiting in access.get_cases(guide)
    guiding.move(topic=waiting.topic, space=closed, by=operator)
    assert waiting not in access.get_cases(guide)
    assert waiting in access.get_cases(insider)


def test_a_case_follows_its_topic_into_another(waiting, guide, closed, operator):
    into = make_topic(make_member("other-asker"), space=closed)
    rearranging.merge(topic=waiting.topic, into=into, by=operator)
    assert waiting not in access.get_cases(guide)
    assert waiting in access.get_cases(operator)


def test_a_held_reply_goes_where_its_topic_went(space, waiting, guide, operator):
    shell = waiting.topic
    into = make_topic(make_member("other-asker"), space=space)
    rearranging.merge(topic=shell, into=into, by=operator)
    moderation.accept(case=waiting, by=guide)
    assert not shell.posts.exists()
    assert into.posts.order_by("number").last().body == "It waits"


# Who must not be known, and who must not ask ----------------------------------------


def test_what_is_due_does_not_tell_when_the_nameless_wrote():
    said = feedback.give(area=FeedbackArea.objects.first(), text="x", language="en")
    for moment in (said.created_at, said.due_at):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)


def test_the_blocked_cannot_ask_for_a_price(member):
    expert = make_expert("asked")
    begun = write(member, expert)
    give_points(member, 100)
    block(blocker=expert, blocked=member)
    for ask in (
        lambda: write(member, expert),
        lambda: paid_questions.offer_for(question=begun),
        lambda: paid_questions.pay_with_points(question=begun),
    ):
        with pytest.raises(NotTaken):
            ask()
    begun.refresh_from_db()
    assert begun.state == "draft"


def test_the_blocked_are_told_that_no_questions_are_taken(member, client):
    expert = make_expert("asked")
    block(blocker=expert, blocked=member)
    client.force_login(member)
    url = f"/experts/{expert.username}/ask/"
    page = client.post(url, {"title": "Which soil?", "text": "Mine is wet."})
    assert "does not take questions" in page.content.decode()
    assert not expert.questions_taken.exists()


# Roles that sleep -------------------------------------------------------------------


def test_a_suspended_mentor_reads_what_every_member_reads(space, closed, client):
    """Not the hidden, not the queue, not how others learn."""
    mentor = with_role("mentor", Role.MENTOR)
    other = make_member("other")
    hidden = make_topic(other, space=space, hidden_at=timezone.now())
    queue, newcomers = reverse("content:queue"), reverse("content:newcomers")
    pages = (hidden.get_absolute_url(), queue, newcomers)
    client.force_login(mentor)
    assert [client.get(page).status_code for page in pages[1:]] == [200, 200]
    assert access.may_see_learning(mentor, other)

    suspend(mentor)
    assert {client.get(page).status_code for page in pages} <= {403, 404}
    assert not access.may_see_learning(mentor, other)
    assert not access.is_guide(mentor)


def test_a_suspended_mentor_leads_no_cohort_any_more(client):
    mentor = with_role("mentor", Role.MENTOR)
    cohort = make_cohort(make_course("soil"), mentor=mentor)
    client.force_login(mentor)
    page = reverse("content:cohort", args=[cohort.pk])
    assert client.get(page).status_code == 200
    suspend(mentor)
    assert client.get(page).status_code == 403


# Applicants -------------------------------------------------------------------------


def test_applicants_see_no_experts_and_ask_them_nothing(client):
    expert = make_expert("asked")
    applicant = make_member("applicant", is_applicant=True)
    client.force_login(applicant)
    assert client.get("/experts/").url == "/joining/"
    assert client.get(f"/experts/{expert.username}/ask/").url == "/joining/"
    assert client.get(expert.get_absolute_url()).status_code == 403
    assert client.get("/people/").status_code in {302, 403}
