import pytest
from django.utils import timezone
from taggit.models import Tag

from accounts.models import Space
from accounts.services import interests
from analytics.services.coverage import coverage
from recommend.services import serving
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def subjects():
    course = make_course("inks", lessons=1, published_at=timezone.now())
    course.tags.add("ink")
    make_space("stones").tags.add("stone")
    return {tag.name: tag for tag in Tag.objects.all()}


def test_the_worst_served_subject_stands_first(client, operator, subjects):
    for n in range(3):
        member = make_member(f"m{n}")
        interests.declare(member=member, tags=subjects.values(), experience="")
    make_topic(member, space=Space.objects.get())

    ink, stone = sorted(coverage(), key=lambda it: it.name)
    assert (ink.members, ink.items, ink.fresh_items) == (3, 1, 1)
    assert (stone.members, stone.items, stone.fresh_topics) == (3, 0, 1)
    client.force_login(operator)
    assert "stone" in client.get("/admin/analytics/coverage/").content.decode()


def test_home_begins_with_what_one_looks_for(client, subjects):
    for n in range(4):
        make_course(f"other{n}", lessons=1)
    member = make_member("new")
    interests.declare(member=member, tags=[subjects["ink"]], experience="new")

    first = serving.for_you(member)[0]

    assert (first.item.slug, first.is_declared) == ("inks", True)
    client.force_login(member)
    assert "you look for" in client.get("/").content.decode()
