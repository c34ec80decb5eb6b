"""Uploads that lie in a bucket."""

from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from community.lib import buckets
from content.services.media import media_link
from tests.community.buckets import Store
from tests.factories.courses import make_item

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 inside"


@pytest.fixture
def store(settings):
    store = Store()
    bucket = buckets.Bucket("ours", store.url, "eu-west-1", "key", "secret")
    settings.BUCKET = bucket
    settings.STORAGES = {**settings.STORAGES, "default": buckets.storage(bucket)}
    yield store
    default_storage.connection.meta.client.close()
    store.close()


def attached():
    item = make_item(access="members")
    file = ContentFile(PDF, name="a.pdf")
    return item.files.create(kind="attachment", title="A", file=file)


def test_a_file_is_kept_in_the_bucket_and_goes_from_it(store):
    path = default_storage.save("items/a.pdf", ContentFile(PDF))
    assert store.files == {"/ours/items/a.pdf": PDF}

    default_storage.delete(path)
    assert store.files == {}


def test_who_may_have_a_file_gets_a_link_to_the_bucket_that_ends(store, client, member):
    client.force_login(member)
    answer = client.get(media_link(attached(), member))

    assert answer.status_code == 302
    assert answer["Cache-Control"] == "no-store"
    asked = parse_qs(urlsplit(answer.url).query)
    assert asked["X-Amz-Expires"] == [str(buckets.LINKS_LAST)]
    assert asked["response-content-disposition"] == ["attachment"]
    with urlopen(answer.url) as sent:  # noqa: S310 (our own store)
        assert sent.read() == PDF
        assert sent.headers["Content-Type"] == "application/pdf"


def test_who_may_not_gets_no_link(store, client, member, other_member):
    client.force_login(other_member)

    assert client.get(media_link(attached(), member)).status_code == 403


def test_pictures_come_from_here_for_the_pages_show_no_others(store, client):
    name = f"{'a' * 32}.webp"
    default_storage.save(f"covers/{name}", ContentFile(b"picture"))
    answer = client.get(f"/media/covers/{name}")

    assert b"".join(answer) == b"picture"
    assert client.get(f"/media/covers/{'b' * 32}.webp").status_code == 404


def test_pages_may_play_from_the_bucket_and_nowhere_else():
    assert buckets.origins(buckets.Bucket("")) == []
    assert buckets.origins(buckets.Bucket("ours", "https://store.example/")) == [
        "https://store.example"
    ]
    assert buckets.origins(buckets.Bucket("ours", region="eu-west-1")) == [
        "https://ours.s3.amazonaws.com",
        "https://ours.s3.eu-west-1.amazonaws.com",
    ]
