"""Every main page, in every way of looking at it: valid, accessible, light, calm."""

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.services.community import forget
from accounts.services.roles import grant_role
from content.models import Item, Lesson, Section
from tests.browser.reader import MODES
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_offer
from tests.factories.discussions import make_topic

HTML = "<h2>A heading</h2><p>Words.</p><pre><code>a long line of code</code></pre>"


@pytest.fixture
def pages():
    """The addresses of a small community with one of everything."""
    forget()
    mentor = make_member("mentor", about="Teaches slowly.")
    grant_role(member=mentor, role=Role.MENTOR, by=mentor)
    course = Item.objects.create(
        slug="course",
        kind=Item.Kind.COURSE,
        title="Reading slowly",
        summary="Twelve sittings.",
        description_html=HTML,
        access=Item.Access.MEMBERSHIP,
        author=mentor,
        state=Item.State.LIVE,
        published_at=timezone.now(),
    )
    section = Section.objects.create(item=course, title="Part one")
    lesson = Lesson.objects.create(
        section=section, title="How to begin", body_html=HTML, is_preview=True
    )
    locked = Lesson.objects.create(section=section, title="Further", body_html=HTML)
    space = make_space("circle", access="public")
    topic = make_topic(mentor, space=space, replies=2, kind="question")
    offer = make_offer("year", description="Every course\nEvery answer")
    shared = [
        *("/", "/library/", "/library/?q=nothing", "/spaces/", "/plans/"),
        *(course.get_absolute_url(), lesson.get_absolute_url()),
        *("/spaces/circle/", topic.get_absolute_url(), "/people/mentor/"),
        f"/share/item/{course.pk}/",
    ]
    return {
        "visitor": [*shared, "/accounts/login/", "/accounts/signup/"],
        "member": [
            *shared,
            *(
                "/me/profile/",
                "/me/security/",
                "/me/facts/",
                "/me/membership/",
                "/gift/",
                "/me/privacy/",
                "/me/orders/",
                "/points/",
            ),
            *("/people/", "/me/following/", "/me/author/", "/me/expert/"),
            *("/spaces/circle/new/", offer.get_absolute_url()),
            *("/accounts/logout/", "/accounts/password/change/"),
        ],
        "operator": ["/styleguide/", "/studio/", locked.get_absolute_url()],
    }


def walk(window, paths):
    """What is wrong with which page: all of it at once, not the first."""
    return {
        path: problems for path in paths if (problems := window.go(path).check_page())
    }


pytestmark = pytest.mark.parametrize("mode", MODES)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_visitors(reader, mode, scripts, pages):
    assert walk(reader(mode, scripts=scripts), pages["visitor"]) == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_members(reader, mode, scripts, member, pages):
    window = reader(mode, member=member, scripts=scripts)
    assert walk(window, pages["member"]) == {}


def test_operators(reader, mode, operator, pages):
    assert walk(reader(mode, member=operator), pages["operator"]) == {}


def test_a_missing_page(reader, mode):
    assert reader(mode).go("/no/such/page/", status=404).check_page() == []
