"""Heated talk is shown to those who guide its place, and nothing else happens to it."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, Space
from accounts.services.roles import grant_role
from content import privacy
from content.errors import TakenByOther
from content.models import Case, Post, Topic, TopicHeat
from content.services import heat, reports
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic

ANGRY = "You are an idiot, shut up."


@pytest.fixture
def space(db):
    return make_space("circle", access=Space.Access.PUBLIC)


@pytest.fixture
def topic(space):
    return quarrel_in(space)


@pytest.fixture
def guide(db):
    return make_guide("guide")


def make_guide(name):
    guide = make_member(name)
    grant_role(member=guide, role=Role.VOLUNTEER)
    guide.refresh_from_db()
    return guide


def quarrel_in(space, *, posts=8, minutes=1, body=ANGRY, name=""):
    """Two who answer each other; the last post is a minute old."""
    two = [make_member(f"one{name}"), make_member(f"other{name}")]
    began = timezone.now() - dt.timedelta(minutes=posts * minutes + 1)
    topic = make_topic(two[0], space=space, created_at=began, body="Hello.")
    for number in range(1, posts + 1):
        at = began + dt.timedelta(minutes=number * minutes)
        make_post(topic, two[number % 2], body=body, created_at=at)
    return topic


def age(topic, **by):
    """As if all of it had happened so much earlier."""
    for post in topic.posts.all():
        post.created_at -= dt.timedelta(**by)
        post.save()
    topic.refresh_from_db()
    topic.last_post_at -= dt.timedelta(**by)
    topic.created_at -= dt.timedelta(**by)
    topic.save()


def shown_to(client, guide):
    client.force_login(guide)
    response = client.get("/studio/queue/heat/")
    assert response.status_code == 200
    return response.context["topics"]


def test_a_fast_quarrel_proposes_slow_mode(topic):
    assert heat.measure() == 1
    row = topic.heat
    assert row.proposal == "slow"
    assert set(row.parts) == {"pace", "reports", "words", "shouting"}


def test_a_slow_quarrel_proposes_a_word(space):
    topic = quarrel_in(space, posts=5, minutes=15)
    heat.measure()
    assert topic.heat.proposal == "word"


def test_calm_talk_proposes_nothing(space, client, guide):
    topic = quarrel_in(space, body="I see it differently.")
    heat.measure()
    assert topic.heat.proposal == "none"
    assert shown_to(client, guide) == []


def test_open_reports_make_heat_and_decided_ones_do_not(space):
    topic = quarrel_in(space, body="I see it differently.", posts=3, minutes=20)
    heat.measure()
    case = reports.case_of(topic.posts.last())
    for name in ("a", "b"):
        member = make_member(name)
        reports.report(post=topic.posts.last(), by=member, reason="abuse")
    Case.objects.filter(pk=case.pk).update(weight=2)
    heat.measure()
    assert TopicHeat.objects.get().proposal == "word"
    Case.objects.update(closed_at=timezone.now(), outcome="dismissed")
    heat.measure()
    assert TopicHeat.objects.get().proposal == "none"


def test_what_was_hidden_counts_no_more(topic):
    heat.measure()
    topic.posts.filter(number__gt=1).update(hidden_at=timezone.now())
    heat.measure()
    assert TopicHeat.objects.get().proposal == "none"


def test_only_topics_in_which_something_happened_are_measured_again(space):
    topic = quarrel_in(space, body="I see it differently.")
    assert heat.measure() == 1
    assert heat.measure() == 0
    make_post(topic, make_member("third"), body="Hello")
    assert heat.measure() == 1


def test_cooled_topics_leave_by_themselves(topic, client, guide):
    heat.measure()
    assert len(shown_to(client, guide)) == 1
    age(topic, hours=3)
    assert shown_to(client, guide) == []
    heat.measure()
    assert not TopicHeat.objects.exists()


def test_only_the_latest_posts_of_a_long_topic_count(space):
    topic = quarrel_in(space, posts=4)
    member = make_member("third")
    for _ in range(heat.MOST_POSTS):
        make_post(topic, member, body="I see it differently.")
    heat.measure()
    assert topic.heat.parts["words"] == 0


def test_old_topics_are_not_looked_at(space):
    age(quarrel_in(space), hours=3)
    assert heat.measure() == 0


def test_the_work_does_not_grow_with_the_number_of_topics(space):
    def statements():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            heat.measure()
        return len(queries)

    quarrel_in(space, name="1")
    one = statements()
    for name in "234":
        quarrel_in(space, name=name)
    assert statements() == one <= 8


def test_measuring_writes_nothing_but_heat(topic):
    """No post is removed or changed on a mood: nothing else is ever written."""
    before = list(Post.objects.values()), list(Topic.objects.values())
    with CaptureQueriesContext(connection) as queries:
        heat.measure()
        age_of = TopicHeat.objects.get()
        heat.leave_alone(row=age_of, by=make_member("someone"))
        heat.measure()
    written = {
        sql.split('"')[1]
        for sql in (it["sql"] for it in queries)
        if sql.startswith(("INSERT", "UPDATE", "DELETE"))
    }
    assert {name for name in written if name.startswith("content_")} == {
        "content_topicheat"
    }
    assert before == (list(Post.objects.values()), list(Topic.objects.values()))
    assert not Case.objects.exists()


def test_nothing_about_a_person_is_kept(topic):
    heat.measure()
    row = TopicHeat.objects.get()
    assert all(isinstance(value, float | int) for value in row.parts.values())
    people = {f.name for f in TopicHeat._meta.fields if f.related_model}
    assert people == {"topic", "seen_by"}
    assert row.seen_by is None


def test_guides_see_why_and_whom_to_talk_to(topic, client, guide):
    heat.measure()
    (shown,) = shown_to(client, guide)
    assert shown.reasons[0].startswith("Insults or accusations")
    assert {str(voice.member) for voice in shown.voices} == {"One", "Other"}
    page = client.get("/studio/queue/heat/").content.decode()
    assert topic.get_absolute_url() in page
    assert "Slow mode" in page


def test_members_learn_nothing_of_it(topic, client):
    heat.measure()
    client.force_login(make_member("curious"))
    assert client.get("/studio/queue/heat/").status_code == 403
    assert client.post(f"/studio/queue/heat/{topic.pk}/take/").status_code == 404


def test_guides_see_only_the_talk_of_places_they_can_read(guide, client):
    topic = quarrel_in(make_space("private", access=Space.Access.JOINED))
    heat.measure()
    assert shown_to(client, guide) == []
    assert client.post(f"/studio/queue/heat/{topic.pk}/leave/").status_code == 404


def test_taking_it_shows_the_name_and_leads_to_the_topic(topic, client, guide):
    heat.measure()
    client.force_login(guide)
    response = client.post(f"/studio/queue/heat/{topic.pk}/take/")
    assert response.url == topic.get_absolute_url()
    client.force_login(make_guide("second"))
    assert (
        "Guide writes a word there."
        in client.get("/studio/queue/heat/").content.decode()
    )
    client.post(f"/studio/queue/heat/{topic.pk}/take/")
    assert TopicHeat.objects.get().seen_by == guide


def test_what_was_taken_can_be_left_to_others(topic, client, guide):
    heat.measure()
    client.force_login(guide)
    client.post(f"/studio/queue/heat/{topic.pk}/take/")
    client.post(f"/studio/queue/heat/{topic.pk}/take/", {"undo": "1"})
    row = TopicHeat.objects.get()
    assert (row.seen_by, row.seen_at) == (None, None)


def test_measuring_again_leaves_who_has_taken_it(topic, guide):
    heat.measure()
    heat.take(row=topic.heat, by=guide)
    make_post(topic, make_member("third"), body=ANGRY)
    heat.measure()
    assert TopicHeat.objects.get().seen_by == guide


def test_what_is_left_alone_is_quiet_for_a_day_even_when_it_cools(topic, client, guide):
    heat.measure()
    client.force_login(guide)
    client.post(f"/studio/queue/heat/{topic.pk}/leave/")
    age(topic, hours=3)
    heat.measure()
    make_post(topic, make_member("third"), body=ANGRY)
    make_post(topic, make_member("fourth"), body=ANGRY)
    heat.measure()
    assert TopicHeat.objects.get().proposal != "none"
    assert shown_to(client, guide) == []
    TopicHeat.objects.update(quiet_until=timezone.now())
    assert len(shown_to(client, guide)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_take_it_at_once_are_one():
    topic = quarrel_in(make_space("circle", access=Space.Access.PUBLIC))
    heat.measure()
    guides = [make_guide("left"), make_guide("right")]

    def take(guide):
        try:
            return heat.take(row=TopicHeat.objects.get(pk=topic.pk), by=guide)
        except TakenByOther:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        taken = [row for row in pool.map(take, guides) if row]
    assert len(taken) == 1
    assert TopicHeat.objects.get().seen_by == taken[0].seen_by


def test_who_leaves_the_community_is_named_there_no_more(topic, guide):
    heat.measure()
    heat.take(row=topic.heat, by=guide)
    assert privacy.export(guide)["heated talks seen to"]
    privacy.anonymise(guide)
    row = TopicHeat.objects.get()
    assert (row.seen_by, row.seen_at) == (None, None)


def test_today_names_what_nobody_has_seen(topic, client):
    heat.measure()
    operator = make_member("operator")
    grant_role(member=operator, role=Role.OPERATOR)
    client.force_login(operator)

    def pile():
        piles = client.get("/admin/").context["piles"]
        return next(it for it in piles if it.title == "Talk that grows heated")

    assert [task.url for task in pile().tasks] == ["/studio/queue/heat/"]
    heat.take(row=topic.heat, by=operator)
    assert pile().count == 0
