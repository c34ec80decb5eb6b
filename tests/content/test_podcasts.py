"""A member's own podcast: what is open to them, and nothing once it is closed."""

import xml.etree.ElementTree as ET

import pytest
from django.core.files.base import ContentFile

from accounts.models import Entitlement
from accounts.privacy import erase_all, export_all
from content.models import Item, PodcastAddress
from content.services import courses, podcasts
from tests.factories.billing import make_paying
from tests.factories.courses import make_course, make_item, make_lesson

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def paid():
    """A course with a lesson to hear, one that opens later, and one to read."""
    course = make_course("tea", access=Item.Access.MEMBERSHIP)
    for place, days in enumerate([None, 4]):
        section = course.sections.create(title="x", position=place, opens_after=days)
        audio = ContentFile(b"0123456789", name="a.mp3")
        make_lesson(section, title=f"Heard {place}", kind="audio", media=audio)
    make_lesson(section, title="Read", position=1)
    return course


@pytest.fixture
def talk():
    item = make_item("talk", kind="recording", access=Item.Access.FREE)
    audio = ContentFile(b"talking", name="t.mp3")
    item.files.create(kind="audio", title="The talk", file=audio)
    item.files.create(kind="attachment", title="Slides", file="items/s.pdf")
    return item


@pytest.fixture
def address(member):
    return podcasts.address_of(podcasts.make_address(member=member))


def episodes(client, address):
    page = client.get(address)
    assert page["Content-Type"].startswith("application/rss+xml")
    found = ET.fromstring(page.content).iter("item")  # noqa: S314 - our own
    return {it.find("title").text: it.find("enclosure").get("url") for it in found}


def test_it_lists_what_is_open_and_begun(client, member, address, paid, talk):
    assert list(episodes(client, address)) == ["The talk"]
    make_paying(member)
    assert list(episodes(client, address)) == ["The talk"]
    courses.enrol(member=member, course=paid)
    assert set(episodes(client, address)) == {"The talk", "Tea: Heard 0"}


def test_a_file_is_asked_for_anew_each_time(client, member, address, paid):
    make_paying(member)
    courses.enrol(member=member, course=paid)
    (url,) = episodes(client, address).values()
    part = client.get(url, headers={"Range": "bytes=2-4"})
    assert part.status_code == 206
    assert part.getvalue() == b"234"
    later = paid.sections.last().lessons.first()
    assert client.get(f"{address}lessons/{later.pk}/").status_code == 403
    assert client.get(f"{address}pictures/{later.pk}/").status_code == 404

    Entitlement.objects.all().delete()
    assert client.get(url).status_code == 403
    assert episodes(client, address) == {}


def test_attachments_and_texts_are_no_episodes(client, address, talk, paid):
    slides = talk.files.get(kind="attachment")
    assert client.get(f"{address}files/{slides.pk}/").status_code == 404
    assert client.get(f"{address}files/999999/").status_code == 404


def test_the_address_is_shown_once_and_kept_as_a_digest(client, member):
    client.force_login(member)
    page = client.post("/learning/podcast/", {"make": "1"})
    shown = page.content.decode().split('id="address" value="')[1].split('"')[0]
    token = shown.rstrip("/").rsplit("/", 1)[1]
    assert page["Cache-Control"] == "no-store"
    assert token not in PodcastAddress.objects.get().digest
    assert token not in client.get("/learning/podcast/").content.decode()
    client.logout()
    assert client.get(shown).status_code == 200


def test_a_new_one_ends_the_old_and_it_can_be_ended(client, member, address):
    newer = podcasts.address_of(podcasts.make_address(member=member))
    assert client.get(address).status_code == 404
    assert client.get(newer).status_code == 200
    client.force_login(member)
    client.post("/learning/podcast/end/")
    assert client.get(newer).status_code == 404


def test_personal_data(client, member, address):
    assert export_all(member)["content"]["podcast address"][0]["made_at"]
    erase_all(member)
    assert client.get(address).status_code == 404
    assert not PodcastAddress.objects.exists()
