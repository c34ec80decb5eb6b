"""Addresses that nobody follows by a link: a plain no, and no error of ours."""

import pytest
from django.test import Client

from accounts.models import Space
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db

LARGE = "9" * 25
STRANGE = [
    f"/lessons/{LARGE}/",
    f"/topics/{LARGE}-x/",
    f"/topics/{LARGE}/unread/",
    "/topics/%(topic)s-x/?page=999999999",
    "/topics/%(topic)s-x/?page=99999999",
    f"/topics/%(topic)s-x/?quote={LARGE}",
    f"/spaces/open/?after=2026-01-01T00:00:00Z_{LARGE}",
    "/spaces/open/?after=9999-12-31T23:59:59-23:59_1",
    "/spaces/open/?after=0001-01-01T00:00:00%%2B23:59_1",
    f"/courses/course/discussion/?after=2026-01-01T00:00:00Z_{LARGE}",
    *(f"/media/{folder}/.." for folder in ("avatars", "covers", "brand")),
    "/media/avatars/%%2e%%2e",
    "/media/covers/" + "a" * 300,
    f"/library/?page={LARGE}",
    f"/library/?author={LARGE}",
    "/library/?q=%%F0%%9F%%98%%80",
    f"/people/?page={LARGE}",
    "/people/%%FF/",
    f"/receipts/{LARGE}-{LARGE}/",
    f"/sitemap.xml?p={LARGE}",
    *(f"/share/{kind}/{LARGE}/" for kind in ("item", "lesson", "topic", "x")),
    f"/media/shown/item/{LARGE}-x.png",
]
STRANGE_POSTS = [
    f"/lessons/{LARGE}/done/",
    f"/topics/{LARGE}/reply/",
    f"/posts/{LARGE}/like/",
    f"/recommend/{LARGE}/not-interested/",
    f"/joining/applications/{LARGE}/",
]


@pytest.fixture
def topic():
    space = make_space("open", access=Space.Access.PUBLIC)
    make_course("course", lessons=1, access="free")
    return make_topic(make_member("author"), space=space)


@pytest.mark.parametrize("address", STRANGE)
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_strange_address_is_answered(topic, member, address, signed_in):
    client = Client()
    if signed_in:
        client.force_login(member)
    assert client.get(address % {"topic": topic.pk}).status_code < 500


@pytest.mark.parametrize("address", STRANGE_POSTS)
def test_a_strange_form_is_answered(client, member, address):
    client.force_login(member)
    assert client.post(address, {"body": "x"}).status_code in {302, 404, 422}
