"""The front page and the member's home, full and bare."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from accounts.services.roles import grant_role
from content.models import Enrolment, Item
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_offer
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


def make_course(slug, **fields):
    fields.setdefault("title", slug.title())
    return Item.objects.create(
        slug=slug,
        kind=Item.Kind.COURSE,
        state=Item.State.LIVE,
        published_at=timezone.now(),
        **fields,
    )


def fill(number):
    for i in range(number):
        mentor = make_member(f"mentor{i}")
        grant_role(member=mentor, role=Role.MENTOR, by=mentor)
        course = make_course(f"course{i}", author=mentor, access=Item.Access.MEMBERSHIP)
        space = make_space(f"space{i}", access="public")
        make_topic(mentor, space=space, title=f"Topic {i}")
        make_offer(f"plan{i}")
    return course


def test_a_bare_community_welcomes_without_an_empty_list(client):
    page = client.get("/").content.decode()
    assert "still being filled" in page
    assert "What it costs" not in page


def test_visitors_see_what_is_there_and_what_it_costs(client):
    fill(1)
    page = client.get("/").content.decode()
    for said in ("Course0", "Topic 0", "Mentor0", "¥99"):
        assert said in page


def test_members_only_talk_stays_off_the_front_page(client):
    make_topic(space=make_space("inner"), title="Among ourselves")
    assert "Among ourselves" not in client.get("/").content.decode()


def test_the_front_page_is_shared_by_visitors_but_not_its_light(client):
    client.get("/")
    client.cookies["theme"] = "dark"
    assert b'data-theme="dark"' in client.get("/").content


def test_a_second_visitor_costs_no_query(client, django_assert_num_queries):
    fill(1)
    client.get("/")
    with django_assert_num_queries(0):
        client.get("/")


def test_home_asks_as_often_for_much_as_for_little(
    client, member, django_assert_max_num_queries
):
    client.force_login(member)
    course = fill(4)
    Enrolment.objects.create(item=course, member=member)
    client.get("/")  # what a process asks once
    with django_assert_max_num_queries(17):
        page = client.get("/").content.decode()
    assert course.title in page
    assert "Topic 3" in page


def test_fifty_items_cost_one_question_of_what_is_held(client, member):
    fill(50)
    client.force_login(member)

    for path in ("/", "/library/"):
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        about = [q["sql"] for q in asked if "accounts_entitlement" in q["sql"]]
        held = [sql for sql in about if not sql.startswith("PREPARE")]
        assert len(held) <= 1, path


def test_home_of_a_newcomer_points_to_the_library(client, member):
    client.force_login(member)
    assert "Begin with one course" in client.get("/").content.decode()
