"""Items that are no courses: what each kind shows and to whom, and the shelves."""

import datetime as dt
import io
import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.models import Activity, Field, Space, Verb
from accounts.services.activity import ensure_partitions
from accounts.services.follows import follow
from community.lib import pictures
from content.models import (
    CaseStudy,
    CoAuthor,
    Enrolment,
    Item,
    News,
    Recording,
    Report,
)
from content.services import items, library, search_index
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_paying
from tests.factories.courses import make_course, make_item

pytestmark = pytest.mark.django_db

TWO_PARTS = "The beginning.\n\n<!--more-->\n\nThe secret ending."


def page(client, item):
    return client.get(item.get_absolute_url()).content.decode()


# What is open, and what of it is shown before


def test_a_closed_article_shows_its_free_part_and_says_where_it_ends(client):
    article = make_item(body=TWO_PARTS, access=Item.Access.MEMBERSHIP)

    shown = page(client, article)

    assert "The beginning." in shown
    assert "Here the free part ends" in shown
    assert "secret" not in shown


def test_who_pays_reads_the_whole_text(client, member):
    article = make_item(body=TWO_PARTS, access=Item.Access.MEMBERSHIP)
    make_paying(member)
    client.force_login(member)

    shown = page(client, article)

    assert "The beginning." in shown
    assert "The secret ending." in shown
    assert "more--" not in shown


def test_without_a_mark_nothing_is_given_away(client):
    shown = page(client, make_item(body="All of it.", access=Item.Access.MEMBERSHIP))

    assert "All of it." not in shown
    assert "This is not open to you yet" in shown


def test_a_level_opens_what_needs_it(client, member):
    article = make_item(body="For the third.", access="level", level_needed=3)
    client.force_login(member)
    assert "Open to members from level 3 on." in page(client, article)

    member.level = 3
    member.save()

    assert "For the third." in page(client, article)


def test_a_level_has_to_be_named():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_item(access="level")


@pytest.mark.parametrize("state", ["draft", "submitted", "in_review", "archived"])
def test_what_is_not_live_is_not_there(client, state):
    article = make_item(title="Hidden piece", state=state)

    assert client.get(article.get_absolute_url()).status_code == 404
    assert article.title not in client.get("/library/").content.decode()


def test_what_is_scheduled_is_there_from_its_time_on(client, time_machine):
    tomorrow = timezone.now() + dt.timedelta(days=1)
    article = make_item(published_at=tomorrow)
    assert client.get(article.get_absolute_url()).status_code == 404

    time_machine.move_to(tomorrow + dt.timedelta(minutes=1))

    assert client.get(article.get_absolute_url()).status_code == 200


def test_live_without_a_date_cannot_be():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_item(published_at=None, state="live")


# Kinds


def test_a_case_is_told_in_its_five_parts(client):
    case = make_item("case", kind=Item.Kind.CASE, access=Item.Access.FREE)
    words = {part: f"The {part} of it." for part in CaseStudy.PARTS}
    items.tell_case(CaseStudy.objects.create(item=case, **words))

    shown = page(client, case)

    assert re.findall(r"<h2>(\w+)</h2>", shown)[:5] == [
        *("Context", "Problem", "Method", "Result", "Lesson")
    ]
    assert "The result of it." in shown


def test_of_a_closed_case_everybody_reads_the_context(client):
    case = make_item("case", kind=Item.Kind.CASE, access=Item.Access.MEMBERSHIP)
    words = {part: f"The {part} of it." for part in CaseStudy.PARTS}
    items.tell_case(CaseStudy.objects.create(item=case, **words))

    shown = page(client, case)

    assert "The context of it." in shown
    assert "The problem of it." not in shown


def test_news_names_its_source_and_day(client):
    news = make_item("news", kind=Item.Kind.NEWS, access=Item.Access.FREE)
    News.objects.create(
        item=news,
        source="The Times",
        url="https://t.example/",
        happened_on="2026-11-02",
    )

    shown = page(client, news)

    assert '<a href="https://t.example/" rel="noopener nofollow">The Times</a>' in shown
    assert "Nov. 2, 2026" in shown


def test_a_report_names_its_edition_once_a_series(client):
    first = make_item("r1", kind=Item.Kind.REPORT, access=Item.Access.FREE)
    second = make_item("r2", kind=Item.Kind.REPORT)
    Report.objects.create(item=first, edition="Autumn 2026", series="salaries")

    assert "Autumn 2026" in page(client, first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.create(item=second, edition="Autumn 2026", series="salaries")


def test_files_are_linked_for_those_only_who_may_have_them(client, member):
    talk = make_item("talk", kind=Item.Kind.RECORDING, access=Item.Access.MEMBERSHIP)
    Recording.objects.create(item=talk, held_on="2026-11-02", minutes=50)
    for kind, name in (("video", "talk.webm"), ("attachment", "slides.pdf")):
        talk.files.create(kind=kind, title=name, file=ContentFile(b"%PDF-", name=name))
    assert "/media/" not in page(client, talk).partition("<main")[2]

    make_paying(member)
    client.force_login(member)
    shown = page(client, talk)

    assert "<video" in shown
    (link,) = re.findall(r'<li><a href="(/media/lessons/[^"]+)"', shown)
    assert b"".join(client.get(link).streaming_content) == b"%PDF-"
    client.force_login(make_member("another"))
    assert client.get(link).status_code == 403


def test_a_column_lists_what_appeared_in_it(client):
    column = make_item("column", kind=Item.Kind.COLUMN, access=Item.Access.FREE)
    make_item("one", title="First piece", column=column)
    make_item("two", title="Not yet", column=column, published_at=None)

    shown = page(client, column)

    assert "First piece" in shown
    assert "Not yet" not in shown


def test_reading_counts_once(client, member):
    ensure_partitions(timezone.localdate(), timezone.localdate())
    article = make_item(access=Item.Access.MEMBERS)
    client.force_login(member)

    for _ in range(2):
        assert client.post(f"/library/{article.slug}/read/").status_code == 302

    assert Enrolment.objects.get().done_at
    assert Activity.objects.filter(member=member, verb=Verb.ITEM_READ).count() == 1
    assert "I have read it" not in page(client, article)


# Covers


def upload(size=(1600, 900), kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return SimpleUploadedFile("cover.png", out.getvalue(), "image/png")


def test_a_cover_comes_in_three_widths_and_takes_the_old_one_along(
    client, django_capture_on_commit_callbacks
):
    article = make_item(access=Item.Access.FREE)
    items.set_cover(item=article, made=pictures.cover(upload()))
    old = article.cover_path(400)
    with django_capture_on_commit_callbacks(execute=True):
        items.set_cover(item=article, made=pictures.cover(upload()))

    widths = re.findall(r"(/media/covers/\S+) (\d+)w", page(client, article))

    assert [width for _, width in widths] == ["400", "800", "1200"]
    picture = b"".join(client.get(widths[0][0]).streaming_content)
    assert Image.open(io.BytesIO(picture)).size == (400, 225)
    assert not default_storage.exists(old)


def test_a_cover_that_is_too_small_is_refused():
    with pytest.raises(pictures.NotAPicture):
        pictures.cover(upload(size=(300, 200)))


# The shelves


@pytest.fixture
def shelves():
    data = Field.objects.create(slug="data", name="Data")
    statistics = Field.objects.create(slug="statistics", name="Statistics", parent=data)
    return {
        "course": make_course("course", lessons=1, access="free", taken=3),
        "essay": make_item("essay", field=data, difficulty="new", access="members"),
        "case": make_item(
            "a-case", kind="case", field=statistics, quality=4.5, quality_sd=0.1
        ),
        "film": make_item(
            "film", format="video", access="membership", language="zh-hans"
        ),
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", {"course", "essay", "case", "film"}),
        ("kind=case", {"case"}),
        ("field=data", {"essay", "case"}),
        ("field=statistics", {"case"}),
        ("level=new", {"essay"}),
        ("format=video", {"film"}),
        ("language=zh-hans", {"film"}),
        ("show=free", {"course", "essay", "case"}),
        ("q=film", {"film"}),
        ("kind=nonsense&sort=evil&level=0", {"course", "essay", "case", "film"}),
    ],
)
def test_the_library_is_narrowed_down(client, shelves, asked, found):
    search_index.sweep()
    answer = client.get(f"/library/?{asked}")

    shown = {entry.item.pk for entry in answer.context["entries"]}
    assert shown == {shelves[name].pk for name in found}


@pytest.mark.parametrize(("sort", "first"), [("rated", "case"), ("taken", "course")])
def test_the_library_is_sorted(client, shelves, sort, first):
    entries = client.get(f"/library/?sort={sort}").context["entries"]

    assert entries[0].item == shelves[first]


def followed(client):
    page = client.get("/library/?show=followed")
    return {entry.item.slug for entry in page.context["entries"]}


def test_what_one_follows_is_a_shelf_of_its_own(client, member, shelves):
    teacher, helper = make_member("teacher"), make_member("helper")
    make_item("by-teacher", author=teacher)
    CoAuthor.objects.create(item=shelves["case"], member=helper)
    shelves["essay"].tags.add("statistics")
    assert followed(client) == set()

    client.force_login(member)
    assert followed(client) == set()
    client.post("/tags/statistics/follow/")
    assert followed(client) == {"essay"}
    for person in (teacher, helper):
        follow(follower=member, followed=person)
    assert followed(client) == {"essay", "by-teacher", "a-case"}


def test_home_tells_what_is_new_of_what_one_follows_and_nothing_else(client, member):
    teacher = make_member("teacher")
    follow(follower=member, followed=teacher)
    room = make_space("room", access=Space.Access.JOINED)
    days_ago = {n: timezone.now() - dt.timedelta(days=n) for n in (1, 40)}
    new = {"author": teacher, "published_at": days_ago[1]}
    make_item("new", title="Just out", **new)
    make_item("old", title="Long out", **new | {"published_at": days_ago[40]})
    make_item("closed", title="Not for you", **new, space=room)
    make_item("other", title="By another", **new | {"author": make_member("another")})
    client.force_login(member)

    told = client.get("/").context["home"].followed

    assert [item.title for item in told] == ["Just out"]


def test_news_says_on_the_shelf_where_it_is_from(client):
    news = make_item("opened", kind="news")
    News.objects.create(item=news, source="The Gazette", happened_on="2026-03-05")

    assert "The Gazette" in client.get("/library/").content.decode()


def test_a_recording_says_on_the_shelf_how_long_it_is(client):
    film = make_item("film", kind="recording", body="A line.")
    Recording.objects.create(item=film, held_on="2026-03-05", minutes=73)

    assert "73 min" in client.get("/library/").text


def test_the_library_costs_the_same_with_more_on_its_shelves(client, shelves):
    client.get("/library/")
    with CaptureQueriesContext(connection) as few:
        client.get("/library/")
    for number in range(12):
        item = make_item(f"more-{number}", kind="news", access="membership")
        item.tags.add("more")
        News.objects.create(item=item, source="A paper", happened_on="2026-03-05")
    with CaptureQueriesContext(connection) as many:
        client.get("/library/")

    assert len(many) == len(few)


INDEXES = {
    library.Asked(): "item_live",
    library.Asked(kind="news"): "item_live_kind",
    library.Asked(order="rated"): "item_live_quality_low",
    library.Asked(order="taken"): "item_live_taken",
    library.Asked(shown="followed"): "item_live",
}


def test_a_hundred_thousand_items_are_listed_by_index(member):
    now = timezone.now()
    Item.objects.bulk_create(
        Item(
            kind="news" if n % 50 == 0 else "article",
            slug=f"item-{n}",
            title=f"Item {n}",
            state="live",
            published_at=now - dt.timedelta(minutes=n),
            quality=n % 97,
            quality_sd=0.2,
            taken=n % 89,
        )
        for n in range(100_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE content_item")
    listed = Item.objects.readable_by(member).listed()

    for asked, index in INDEXES.items():
        plan = library.filtered(listed, member, asked)[:24].explain()
        assert f"using {index} " in plan
        assert "Sort" not in plan
