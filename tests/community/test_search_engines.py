import datetime as dt
import json

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Space
from accounts.services import community
from content.models import Item, LearningPath, Recording, Revision, Topic
from content.services.discussions import accept_answer
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_offer
from tests.factories.courses import make_course, make_item, make_lesson
from tests.factories.discussions import make_post, make_topic
from tests.factories.events import make_event

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
    event = make_event()
    draft = make_event(publish=False)
    of_the_few = make_event(space=make_space("few", access=Space.Access.JOINED))

    told = client.get("/sitemap.xml").content.decode()

    assert shown.get_absolute_url() in told
    assert "/courses/free/" in told
    assert article.get_absolute_url() in told
    assert material.get_absolute_url() not in told
    assert "/spaces/open/" in told
    assert event.get_absolute_url() in told
    assert draft.get_absolute_url() not in told
    assert of_the_few.get_absolute_url() not in told
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


KINDS = {
    Item.Kind.ARTICLE: "Article",
    Item.Kind.CASE: "Article",
    Item.Kind.NEWS: "NewsArticle",
    Item.Kind.REPORT: "Report",
    Item.Kind.COLUMN: "CreativeWorkSeries",
    Item.Kind.RECORDING: "VideoObject",
    Item.Kind.COURSE: "Course",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_is_when_it_came_and_where_it_stands(client, kind):
    item = make_item("thing", kind=kind, language="zh-hans", access=Item.Access.FREE)
    saved = timezone.now().replace(microsecond=0)
    Revision.objects.create(item=item, number=1, texts={}, created_at=saved)
    if kind == Item.Kind.RECORDING:
        Recording.objects.create(item=item, held_on=saved.date(), minutes=42)

    page = client.get(item.get_absolute_url())
    facts, text = facts_on(page), page.content.decode()

    assert facts["@type"] == KINDS[kind]
    assert facts["datePublished"] == item.published_at.isoformat()
    assert dt.datetime.fromisoformat(facts["dateModified"]) == saved
    assert facts["image"].startswith("http")
    assert ("duration" in facts) is (kind == Item.Kind.RECORDING)
    address = f"{settings.SITE_URL}{item.get_absolute_url()}"
    assert f'<link rel="canonical" href="{address}">' in text
    assert f'<meta property="og:url" content="{address}">' in text
    assert '<meta property="og:type" content="article">' in text
    assert '<meta property="og:locale" content="zh_CN">' in text
    assert '<meta property="article:published_time"' in text
    assert f"/library/feed.xml?kind={kind}" in text


def test_a_path_lists_its_steps_in_their_order(client):
    path = LearningPath.objects.create(title="All", slug="all", goal="x", is_shown=True)
    for place, slug in enumerate(("one", "two")):
        path.steps.create(item=make_course(slug, lessons=1), position=place)

    page = client.get(path.get_absolute_url())

    steps = facts_on(page)["itemListElement"]
    assert [(step["position"], step["name"]) for step in steps] == [
        (1, "One"),
        (2, "Two"),
    ]
    assert 'og:title" content="All"' in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("?kind=news&utm_source=x", "/library/?kind=news"),
        ("?sort=rated&page=1", "/library/"),
    ],
)
def test_a_page_of_the_library_has_one_address(client, asked, address):
    page = client.get(f"/library/{asked}").content.decode()
    assert f'<link rel="canonical" href="{settings.SITE_URL}{address}">' in page


def test_lessons_that_visitors_may_read_are_on_the_map(client):
    free = make_course("free", lessons=1, access=Item.Access.FREE)
    sold = make_course("sold", lessons=1, access=Item.Access.SOLD)
    waits = make_course("waits", lessons=1, access=Item.Access.FREE)
    waits.sections.update(opens_after=3)
    led = make_course("led", lessons=1, access=Item.Access.FREE, in_cohorts_only=True)
    preview = make_lesson(sold.sections.get(), is_preview=True)

    told = client.get("/sitemap.xml").content.decode()

    first = [course.sections.get().lessons.first() for course in (free, sold)]
    shown = {preview.get_absolute_url(), first[0].get_absolute_url()}
    hidden = {
        course.sections.get().lessons.first().get_absolute_url()
        for course in (sold, waits, led)
    }
    assert all(f"{address}<" in told for address in shown)
    assert not any(f"{address}<" in told for address in hidden)


def test_the_map_says_when_something_was_changed(client):
    item = make_item("essay")
    saved = timezone.now() - dt.timedelta(days=2)
    Revision.objects.create(item=item, number=1, texts={}, created_at=saved)

    told = client.get("/sitemap.xml").content.decode()

    assert f"<lastmod>{saved.date().isoformat()}" in told
