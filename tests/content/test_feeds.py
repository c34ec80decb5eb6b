import datetime as dt
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Space
from content.models import Item, Revision
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course, make_item

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/library/feed.xml"


def entries(client, query=""):
    return ElementTree.fromstring(client.get(FEED + query).content).findall(  # noqa: S314
        f"{ATOM}entry"
    )


def titles(client, query=""):
    return [entry.findtext(f"{ATOM}title") for entry in entries(client, query)]


def test_a_feed_tells_what_visitors_may_know_of(client, member):
    now = timezone.now()
    inside = make_space("inside", access=Space.Access.JOINED)
    make_course("old", title="Old", published_at=now - dt.timedelta(days=3))
    item = make_item(
        "new",
        title="New & <bold>",
        summary="In short",
        body="Only for members.",
        access="membership",
        author=member,
    )
    item.tags.add("tea")
    make_item("hidden", title="Hidden", space=inside)
    make_item("later", title="Later", published_at=now + dt.timedelta(days=1))
    make_item("raw", title="Raw", kind=Item.Kind.MATERIAL)
    client.force_login(member)  # the same for everybody

    assert sorted(titles(client)) == ["New & <bold>", "Old"]
    assert titles(client, "?tag=tea") == ["New & <bold>"]
    assert titles(client, "?kind=course&sort=rated") == ["Old"]
    (entry,) = entries(client, "?tag=tea")
    link = entry.find(f"{ATOM}link").get("href")
    assert link.endswith(item.get_absolute_url())
    assert entry.findtext(f"{ATOM}summary") == "In short"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == str(member)
    assert "Only for members" not in client.get(FEED).content.decode()


def test_who_has_it_already_is_told_so(client):
    make_item("one")
    first = client.get(FEED)
    assert first["Content-Type"].startswith("application/atom+xml")
    again = client.get(FEED, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert client.post(FEED).status_code == 405


def test_a_feed_costs_the_same_however_much_there_is(client):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            client.get(FEED)
        return len(captured)

    make_item("one", author=make_member("a0")).tags.add("t0")
    cost()
    few = cost()
    for n in range(1, 9):
        make_item(f"more-{n}", author=make_member(f"a{n}")).tags.add(f"t{n}")
    assert cost() == few


def test_the_library_names_its_feed_as_it_is_narrowed_down(client):
    page = client.get("/library/?kind=news&page=2").content.decode()
    assert 'href="/library/feed.xml?kind=news"' in page


def test_what_xml_cannot_hold_breaks_no_feed(client):
    make_item("odd", title="A\x0btitle", summary="\x1fodd")
    assert titles(client) == ["Atitle"]


def test_an_entry_says_when_it_was_saved_last(client):
    item = make_item("essay")
    saved = timezone.now().replace(microsecond=0) - dt.timedelta(days=2)
    Revision.objects.create(item=item, number=1, texts={}, created_at=saved)

    (entry,) = entries(client)

    assert dt.datetime.fromisoformat(entry.findtext(f"{ATOM}updated")) == saved
    assert entry.findtext(f"{ATOM}published") != entry.findtext(f"{ATOM}updated")
