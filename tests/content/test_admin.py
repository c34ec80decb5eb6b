"""What people of the desk may not reach: each was a hole once."""

import pytest

from accounts.models import Role, Space
from accounts.services.roles import grant_role
from content.models import Lesson, Section
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor(client):
    mentor = make_member("mentor")
    grant_role(member=mentor, role=Role.MENTOR)
    client.force_login(mentor)
    return mentor


def test_a_mentor_does_not_write_into_the_course_of_another(client, mentor):
    foreign = make_course("foreign", author=make_member("author"), lessons=1)
    section = foreign.sections.get()

    client.post(
        "/admin/content/lesson/add/",
        {
            "section": section.pk,
            "title": "Mine",
            "kind": "text",
            "position": 1,
            "minutes": 5,
            "body": "x",
        },
    )
    client.post(
        "/admin/content/section/add/",
        {
            "item": foreign.pk,
            "title": "Mine",
            "position": 1,
            "lessons-TOTAL_FORMS": 0,
            "lessons-INITIAL_FORMS": 0,
        },
    )

    assert Lesson.objects.count() == 1
    assert Section.objects.count() == 1


@pytest.mark.parametrize("role", [Role.MENTOR, Role.VOLUNTEER])
def test_the_desk_shows_private_talk_to_nobody_outside_it(client, role):
    guide = make_member("guide")
    grant_role(member=guide, role=role)
    client.force_login(guide)
    private = make_space("private", access=Space.Access.JOINED)
    topic = make_topic(make_member("insider"), space=private, title="Among us")

    assert "Among us" not in client.get("/admin/content/topic/").content.decode()
    assert client.get(f"/admin/content/topic/{topic.pk}/change/").status_code == 302


def test_a_suspension_takes_the_desk_away(client, mentor):
    mentor.refresh_from_db()
    from django.utils import timezone

    mentor.suspended_at = timezone.now()
    mentor.save()

    assert client.get("/admin/content/item/").status_code == 403


def test_an_operator_cannot_become_somebody_by_their_e_mail(client):
    operator = make_member("operator")
    grant_role(member=operator, role=Role.OPERATOR)
    client.force_login(operator)
    other = make_member("other")

    page = client.get(f"/admin/accounts/user/{other.pk}/change/").content.decode()

    assert 'name="email"' not in page
    assert 'name="name"' in page


@pytest.mark.parametrize("number", ["9" * 30, "²", "0"])
def test_absurd_numbers_in_addresses_are_no_fault_of_ours(client, number):
    topic = make_topic(space=make_space("open", access=Space.Access.PUBLIC))

    answer = client.get(topic.get_absolute_url(), {"page": number})
    assert answer.status_code == 404
    client.force_login(topic.author)
    assert client.get(topic.get_absolute_url(), {"quote": number}).status_code == 200
