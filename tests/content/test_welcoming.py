import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Activity, Community, Space, User, Verb
from accounts.services import community, joining
from accounts.services.anniversaries import celebrated, tell_anniversaries
from content.models import GoodExample
from content.services import welcoming
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def helper():
    return make_member("helper", roles=["volunteer"])


def test_who_waits_for_a_word_comes_before_who_said_nothing(member, helper):
    asker = make_member("asker")
    topic = make_topic(asker)
    make_member("old", date_joined=NOW - dt.timedelta(days=20))
    first, second = welcoming.newcomers(helper)
    assert (first.person, first.first_topic) == (asker, topic)
    assert (second.person, second.first_topic) == (member, None)

    make_post(topic, helper)
    assert [it.person for it in welcoming.newcomers(helper)] == [member]


def test_who_was_let_in_as_a_member_is_a_newcomer_and_who_keeps_order_is_not(helper):
    newcomer = make_member("newcomer")
    joining.admit(member=newcomer)
    make_member("mentor", roles=["member", "mentor"])
    assert [it.person for it in welcoming.newcomers(helper)] == [newcomer]


def test_words_that_the_helper_may_not_read_are_not_shown(member, helper):
    private = make_space("private", access=Space.Access.JOINED)
    make_topic(member, space=private)
    assert welcoming.newcomers(helper)[0].first_topic is None


def test_more_newcomers_cost_no_more_queries(helper, django_assert_max_num_queries):
    for number in range(6):
        make_topic(make_member(f"n{number}"), space=_circle())
    with django_assert_max_num_queries(4):
        assert len(welcoming.newcomers(helper)) == 6


def _circle():
    return Space.objects.filter(slug="circle").first() or make_space()


def test_two_who_would_welcome_the_same_person_do_not_both(member, helper, client):
    other = make_member("second", roles=["volunteer"])
    welcoming.take(newcomer=member, by=helper)
    assert welcoming.take(newcomer=member, by=other).by == helper
    welcoming.give_back(newcomer=member, by=other)
    assert member.greeting.by == helper

    client.force_login(helper)
    assert "is welcoming them" in client.get("/newcomers/").content.decode()
    for _ in range(2):
        client.post("/newcomers/member/", {"step": "finish"})
    assert welcoming.newcomers(helper) == []
    assert Activity.objects.filter(verb=Verb.WELCOMED, member=helper).count() == 1


def test_the_share_answered_within_a_day_counts_each_newcomer_once(helper):
    begun = NOW - dt.timedelta(days=5)
    for number in range(12):
        person = make_member(f"n{number}", date_joined=begun)
        topic = make_topic(person, space=_circle(), created_at=begun)
        if number < 9:
            make_post(topic, helper, created_at=begun + dt.timedelta(hours=3))
        else:
            make_post(topic, helper, created_at=begun + dt.timedelta(hours=30))
        make_post(topic, person, created_at=begun + dt.timedelta(hours=1))
    make_topic(make_member("today"), space=_circle())

    share = welcoming.answered_within_a_day()
    assert (share.answered, share.asked, share.percent) == (9, 12, 75)
    assert share.likely == (47, 91)


def test_of_few_newcomers_no_share_is_told(helper, client):
    client.force_login(helper)
    assert "too few" in client.get("/newcomers/").content.decode()


def test_whoever_is_new_is_asked_to_introduce_themselves_until_they_did(member, client):
    space = make_space("hello")
    Community.objects.update_or_create(pk=1, defaults={"introductions": space})
    community.forget()
    client.force_login(member)
    assert "/spaces/hello/new/" in client.get("/").content.decode()
    make_topic(member, space=space)
    assert "/spaces/hello/new/" not in client.get("/").content.decode()


def test_good_examples_are_shown_before_the_first_post_only(member, client):
    space = make_space()
    author = make_member("author")
    shown = make_topic(author, space=space, title="A fine question")
    hidden = make_topic(
        author,
        space=make_space("private", access=Space.Access.JOINED),
        title="Not for all",
    )
    for topic in (shown, hidden):
        GoodExample.objects.create(post=topic.posts.get(), why="It says what was tried")
    client.force_login(member)

    page = client.get("/spaces/circle/new/").content.decode()
    assert "A fine question" in page
    assert "Not for all" not in page
    assert "Not for all" not in client.get("/culture/").content.decode()

    make_topic(member, space=space)
    assert "A fine question" not in client.get("/spaces/circle/new/").content.decode()


def test_whole_years_are_congratulated_once_also_for_leap_days(member):
    def joined(name, *date):
        return make_member(name, date_joined=dt.datetime(*date, 12, tzinfo=dt.UTC))

    leap, plain = joined("leap", 2024, 2, 29), joined("plain", 2025, 2, 28)
    applicant = joined("applicant", 2025, 2, 28)
    User.objects.filter(pk=applicant.pk).update(is_applicant=True)
    day = dt.date(2026, 2, 28)
    assert [tell_anniversaries(day) for _ in range(2)] == [2, 2]
    told = [it.notifications.count() for it in (leap, plain, applicant)]
    assert told == [1, 1, 0]
    assert celebrated(day, most=5) == []  # neither has agreed to be found
