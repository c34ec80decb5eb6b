import pytest
from django.utils import timezone

from accounts.models import Space
from content.models import Item
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


def test_only_what_everybody_may_read_is_on_the_map(client):
    author = make_member("author")
    public = make_space("open", access=Space.Access.PUBLIC)
    shown = make_topic(author, space=public, title="Shown")
    inside = make_topic(author, space=make_space("inside"), title="Inside")
    make_course("free", lessons=1, access=Item.Access.FREE)
    make_course("later", lessons=1, published_at=timezone.now().replace(year=2099))

    told = client.get("/sitemap.xml").content.decode()

    assert shown.get_absolute_url() in told
    assert "/courses/free/" in told
    assert "/spaces/open/" in told
    assert inside.get_absolute_url() not in told
    assert "later" not in told
    assert "example.com" not in told


def test_robots_are_told_what_is_not_theirs(client):
    told = client.get("/robots.txt").content.decode()

    assert "Disallow: /admin/" in told
    assert "Sitemap: http" in told


def test_a_shared_page_says_what_it_is(client):
    course = make_course("free", lessons=1, access=Item.Access.FREE, summary="In short")

    page = client.get(course.get_absolute_url()).content.decode()

    assert f'<meta property="og:title" content="{course.title}">' in page
    assert '<meta property="og:description" content="In short">' in page
