"""Learning paths: what is next, what waits, and who sees what stands on them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Space
from content.models import Enrolment, Item, LearningPath
from content.services.paths import shown_to, way_of
from content.services.prerequisites import set_prerequisites
from tests.factories.accounts import make_space
from tests.factories.courses import make_course, make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def path():
    path = LearningPath.objects.create(
        title="From zero", slug="from-zero", goal="Do it alone", is_shown=True
    )
    items = (make_course("one"), make_item("two"), make_course("three"))
    for position, item in enumerate(items):
        path.steps.create(item=item, position=position)
    return path


def finish(member, slug):
    Enrolment.objects.create(
        member=member, item=Item.objects.get(slug=slug), done_at=timezone.now()
    )


def next_of(path, reader):
    stage = way_of(path, reader).next_stage
    return stage and stage.entry.item.slug


def test_the_next_step_is_the_first_that_is_not_done(path, member):
    assert next_of(path, AnonymousUser()) == "one"
    finish(member, "one")
    assert next_of(path, member) == "two"
    finish(member, "two")
    finish(member, "three")

    way = way_of(path, member)
    assert way.next_stage is None
    assert way.done == 3


def test_what_waits_for_another_is_not_next(path, member):
    base = make_course("base")
    set_prerequisites(course=Item.objects.get(slug="one"), needs=[base])

    assert next_of(path, member) == "two"
    finish(member, "base")
    assert next_of(path, member) == "one"


def test_what_a_reader_may_not_see_is_not_on_their_path(path, member):
    hidden = make_space("secret", access=Space.Access.JOINED)
    Item.objects.filter(slug="one").update(space=hidden)
    Item.objects.filter(slug="two").update(state=Item.State.DRAFT)

    slugs = [stage.entry.item.slug for stage in way_of(path, member).stages]
    assert slugs == ["three"]
    assert shown_to(member).get().length == 1

    Item.objects.update(space=hidden)
    assert not shown_to(member).exists()


def test_the_page_says_what_is_next(client, path, member):
    finish(member, "one")
    client.force_login(member)

    page = client.get(path.get_absolute_url()).content.decode()
    assert "Next step: <span>Two</span>" in page
    assert "From zero" in client.get("/paths/").content.decode()
    assert path.get_absolute_url() in client.get("/sitemap.xml").content.decode()


def test_a_longer_path_asks_no_more(
    client, path, member, django_assert_max_num_queries
):
    client.force_login(member)
    for number in range(20):
        path.steps.create(item=make_item(f"more-{number}"), position=9 + number)
    client.get(path.get_absolute_url())

    with django_assert_max_num_queries(10):
        client.get(path.get_absolute_url())


def test_operators_make_one_at_the_desk(client, operator):
    client.force_login(operator)
    item = make_item("first")

    client.post(
        "/admin/content/learningpath/add/",
        {
            "title": "Way",
            "slug": "way",
            "goal": "Arrive",
            "position": 0,
            "is_shown": "on",
            "steps-TOTAL_FORMS": 1,
            "steps-INITIAL_FORMS": 0,
            "steps-0-item": item.pk,
            "steps-0-position": 0,
        },
    )

    assert [step.item.slug for step in LearningPath.objects.get().steps.all()] == [
        "first"
    ]
