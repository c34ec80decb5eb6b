import json

import pytest
from django.utils import timezone

from accounts.models import Space
from accounts.services import community
from content.models import Item, Topic
from content.services.discussions import accept_answer
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_offer
from tests.factories.courses import make_course, make_item
from tests.factories.discussions import make_post, make_topic

pytestmark = pytest.mark.django_db


def test_only_what_everybody_may_read_is_on_the_map(client):
    author = make_member("author")
    public = make_space("open", access=Space.Access.PUBLIC)
    shown = make_topic(author, space=public, title="Shown")
    inside = make_topic(author, space=make_space("inside"), title="Inside")
    make_course("free", lessons=1, access=Item.Access.FREE)
    article = make_item("read-me", kind=Item.Kind.ARTICLE)
    material = make_item("imported", kind=Item.Kind.MATERIAL)
    make_course("later", lessons=1, published_at=timezone.now().replace(year=2099))

    told = client.get("/sitemap.xml").content.decode()

    assert shown.get_absolute_url() in told
    assert "/courses/free/" in told
    assert article.get_absolute_url() in told
    assert material.get_absolute_url() not in told
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
    assert 'property="og:image" content="http' in page


def facts_on(page) -> dict:
    text = page.content.decode().partition('<script type="application/ld+json">')[2]
    return json.loads(text.partition("</script>")[0])


def test_search_engines_read_what_a_course_is_and_costs(client, operator):
    course = make_course(
        "paid", lessons=1, access=Item.Access.SOLD, author=operator, language="en"
    )
    make_offer("paid", what=course.key, price=9950, currency="CNY")

    facts = facts_on(client.get(course.get_absolute_url()))

    assert facts["@type"] == "Course"
    assert facts["name"] == course.title
    assert facts["isAccessibleForFree"] is False
    assert facts["offers"][0]["price"] == "99.50"
    assert facts["author"]["name"] == str(operator)


def test_search_engines_read_a_question_with_its_accepted_answer(client, member):
    public = make_space("open", access=Space.Access.PUBLIC)
    topic = make_topic(
        member, space=public, kind=Topic.Kind.QUESTION, title="</script>"
    )
    answer = make_post(topic, make_member("wise"), body="Like this.")
    accept_answer(post=answer, by=member)

    question = facts_on(client.get(topic.get_absolute_url()))["mainEntity"]

    assert question["name"] == "</script>"
    assert question["acceptedAnswer"]["text"] == "Like this."


def test_search_engines_read_who_runs_this(client):
    facts = facts_on(client.get("/"))

    assert facts["@type"] == "Organization"
    assert facts["name"] == community.current().name
