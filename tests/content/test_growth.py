import pytest
from django.utils import timezone

from accounts.models import Space, Title
from accounts.services.titles import end_title, give_title
from content.models import Enrolment
from content.services.growth import growth_of
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course, make_item
from tests.factories.discussions import make_post, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(member):
    topic = make_topic(make_member("asker"))
    make_post(topic, member, like_count=3)
    private = make_space("private", access=Space.Access.JOINED)
    make_topic(member, space=private)
    essay = make_item("essay", author=member, access="free")
    essay.tags.add("notes")
    course = make_course("course")
    course.tags.add("sleep")
    Enrolment.objects.create(member=member, item=course, done_at=timezone.now())
    return member


def test_it_counts_what_the_reader_may_read(person, other_member):
    growth = growth_of(person, other_member, with_learning=False)
    assert (growth.topics, growth.replies, growth.thanks) == (0, 1, 3)
    assert growth.published == 1
    assert [it.name for it in growth.skills] == ["notes"]
    assert sum(point.value for point in growth.months.points) == 1


def test_what_was_learned_is_for_oneself_and_for_guides(person, other_member, client):
    def page(reader):
        client.force_login(reader)
        return client.get("/people/member/growth/").content.decode()

    assert "sleep" in page(person)
    assert "sleep" in page(make_member("guide", roles=["mentor"]))
    assert "sleep" not in page(other_member)


def test_it_costs_as_much_whatever_was_done(person, django_assert_num_queries):
    growth_of(person, person, with_learning=True)  # what is asked once a process
    with django_assert_num_queries(7):
        growth_of(person, person, with_learning=True)
    for number in range(3):
        make_item(f"more{number}", author=person, access="free").tags.add("x")
    with django_assert_num_queries(7):
        growth_of(person, person, with_learning=True)


def test_a_title_is_given_once_told_and_ended(member, other_member, client):
    title = Title.objects.create(name="Night owl", meaning="Answers at night")
    for _ in range(2):
        holder = give_title(title=title, member=member, by=other_member)
    assert member.notifications.get().kind == "title_given"
    client.force_login(other_member)
    assert "Night owl" in client.get("/people/member/").content.decode()

    end_title(holder=holder, by=other_member)
    assert "Night owl" not in client.get("/people/member/").content.decode()
    assert give_title(title=title, member=member, by=other_member).pk != holder.pk
