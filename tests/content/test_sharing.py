"""What leaves the house: the link that says who shared what, pictures, figures."""

import io
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Channel, Community, Referral, Space, TrackedLink, User
from accounts.services import community, recruiting
from content import posters
from content.models import Item, Topic
from content.services import reading, sharing
from content.services.discussions import hide_topic
from tests.accounts.test_recruiting import BROWSER, join
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course, make_item, make_lesson
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_item("essay", title="从零到一", summary="一份手册。")


def link_on(client, address):
    page = client.get(address).content.decode()
    return page.partition('id="share-link" type="text" readonly value="')[2].split('"')[
        0
    ]


def picture_on(client, address):
    page = client.get(address).content.decode()
    return re.findall(r'og:image" content="http://[^/]+([^"]+)"', page)[0]


def opened(answer):
    assert answer["Content-Type"] == "image/png"
    return Image.open(io.BytesIO(answer.content))


# The link --------------------------------------------------------------------------


def test_a_member_shares_by_a_link_of_their_own_for_each_thing(client, member, item):
    other = make_item("other")
    client.force_login(member)

    link = link_on(client, sharing.shown(item).share_url)

    assert "/l/" in link
    assert link_on(client, sharing.shown(item).share_url) == link
    assert link_on(client, sharing.shown(other).share_url) != link
    assert recruiting.own_link(member).code not in link


def test_the_link_follows_a_thing_to_another_address(client, member, item):
    client.force_login(member)
    link = link_on(client, sharing.shown(item).share_url)
    item.slug = "renamed"
    item.save()

    assert link_on(client, sharing.shown(item).share_url) == link
    assert client.get(f"/l/{link.split('/')[-2]}/").url == "/library/renamed/"


def test_a_visitor_shares_the_plain_address(client, item):
    assert link_on(client, sharing.shown(item).share_url).endswith("/library/essay/")
    assert not TrackedLink.objects.exists()


def test_who_comes_by_it_is_led_there_and_brought_by_the_member(client, member):
    course = make_course("从零到一", lessons=1)
    client.force_login(member)
    code = link_on(client, sharing.shown(course).share_url).split("/")[-2]

    newcomer = Client(**BROWSER)
    answer = newcomer.get(f"/l/{code}/", follow=True)
    join(newcomer)

    assert answer.redirect_chain[-1][0] == course.get_absolute_url()
    assert Referral.objects.get().referrer == member


def test_the_author_reads_what_came_of_sharing_and_nobody_is_named(client, operator):
    author = make_member("author", name="Ada")
    course = make_course("course", author=author)
    section = course.sections.create(title="One")
    lesson = make_lesson(section, is_preview=True)
    for n, thing in enumerate((course, course, lesson)):
        sharer = make_member(f"sharer{n}", name=f"Sharer {n}")
        address = sharing.address_for(sharer, sharing.shown(thing))
        newcomer = Client(**BROWSER)
        newcomer.get(address)
        if n:
            join(newcomer, email=f"lin{n}@example.org")
    make_course("another")

    found = sharing.shares_of(course)
    client.force_login(author)
    page = client.get(f"/studio/items/{course.pk}/").content.decode()

    assert (found.links, found.visits, found.joined) == (3, 3, 2)
    assert "Sign-ups by their links" in page
    assert "Sharer" not in page


def test_a_link_shares_one_thing_of_somebody(member):
    channel = Channel.objects.first()
    for thing in (
        {"object_kind": "item"},
        {"object_id": 1, "owner": member},
        {"object_kind": "item", "object_id": 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            TrackedLink.objects.create(code="x", channel=channel, **thing)


def test_links_end_with_their_member_and_are_in_their_data(member, item):
    from accounts import own_data

    sharing.address_for(member, sharing.shown(item))
    told = own_data.export(member)["own links"]
    own_data.erase(User.objects.get(pk=member.pk))

    assert [row["path"] for row in told] == ["/library/essay/"]
    assert TrackedLink.objects.get().ended_at


# What may be known -----------------------------------------------------------------


def test_what_is_shared_is_what_visitors_may_know_of(member, operator):
    inside = make_space("inside", access=Space.Access.MEMBERS)
    later = timezone.now() + timezone.timedelta(days=1)
    for number, fields in enumerate(
        (
            *({"access": access, "level_needed": 3} for access in Item.Access),
            {"space": make_space("open", access=Space.Access.PUBLIC)},
            *({"space": inside}, {"published_at": later}, {"state": "draft"}),
            {"state": "archived"},
        )
    ):
        make_item(f"item-{number}", **fields)
    known = set(Item.objects.readable_by(AnonymousUser()))

    shown = {item for item in Item.objects.all() if sharing.shown(item)}

    assert shown == known
    assert len(shown) == len(Item.Access) + 1


def test_a_topic_is_shared_where_visitors_read_it(member):
    spaces = {access: make_space(access, access=access) for access in Space.Access}
    for space in spaces.values():
        make_topic(member, space=space)
        make_topic(member, item=make_item(f"in-{space.slug}", space=space))
    make_topic(member, item=make_item("draft", state="draft"))
    hide_topic(topic=make_topic(member, space=spaces["public"]), reason="spam")
    nobody = AnonymousUser()

    shown = {
        topic.pk
        for topic in Topic.objects.all()
        if sharing.shown(reading.read_topic(topic.pk, nobody, 1))
    }

    assert shown == set(Topic.objects.visible_to(nobody).values_list("pk", flat=True))
    assert len(shown) == 2


def test_a_lesson_is_shared_as_far_as_it_is_open():
    course = make_course("sold", access=Item.Access.SOLD)
    section = course.sections.create(title="One")
    preview, closed = make_lesson(section, is_preview=True), make_lesson(section)
    free = make_lesson(make_course("free", access="free").sections.create(title="x"))

    assert sharing.shown(preview)
    assert sharing.shown(free)
    assert sharing.shown(closed) is None


def test_a_page_for_members_has_the_picture_of_the_community(client, member):
    inside = make_space("inside", access=Space.Access.MEMBERS)
    item = make_item("secret", space=inside)
    client.force_login(member)

    page = client.get(item.get_absolute_url()).content.decode()

    assert "/share/" not in page
    assert picture_on(client, item.get_absolute_url()).startswith("/brand/")


# Pictures --------------------------------------------------------------------------


def test_a_thing_without_a_cover_has_a_picture_of_its_title(client, item):
    address = picture_on(client, item.get_absolute_url())

    answer = client.get(address)

    assert opened(answer).size == (1200, 630)
    assert "immutable" in answer["Cache-Control"]
    assert client.get(f"/media/shown/item/{item.pk}-old.png").url == address


@pytest.mark.parametrize(
    "change",
    [
        lambda: Item.objects.update(title="Another"),
        lambda: Community.objects.update_or_create(pk=1, defaults={"name": "Tea"}),
        lambda: Community.objects.update_or_create(
            pk=1, defaults={"accent": "#17598f"}
        ),
    ],
    ids=["title", "name of the community", "colour"],
)
def test_what_a_picture_shows_is_in_its_address(item, change):
    before = sharing.shown(item).picture_path
    drawn = posters.picture(sharing.shown(item))

    change()
    community.forget()
    after = sharing.shown(Item.objects.get())

    assert after.picture_path != before
    assert posters.picture(after) != drawn
    community.forget()


@pytest.fixture
def covered():
    item = make_item("covered", cover="c" * 32)
    file = io.BytesIO()
    Image.new("RGB", (1200, 675), "#00a000").save(file, "PNG")
    default_storage.save(item.cover_path(1200), ContentFile(file.getvalue()))
    yield item
    default_storage.delete(item.cover_path(1200))


def test_a_cover_is_its_own_picture_and_stands_on_the_poster(client, covered):
    poster = opened(client.get(sharing.shown(covered).poster_url))

    assert picture_on(client, covered.get_absolute_url()).startswith("/media/covers/")
    assert poster.getpixel((500, 300)) == (0, 160, 0)


def test_a_poster_is_drawn_once(covered):
    shown = sharing.shown(covered)
    first = posters.poster(shown, "http://localhost/l/abc/")
    default_storage.delete(covered.cover_path(1200))

    cache.clear()  # it has no place where sessions are kept
    assert posters.poster(shown, "http://localhost/l/abc/") == first


def test_a_poster_is_the_members_own_and_kept_by_nobody_else(client, member, item):
    address = sharing.shown(item).poster_url
    plain = client.get(address)
    client.force_login(member)
    own = client.get(address)

    assert opened(own).size == (1080, 1620)
    assert own.content != plain.content
    assert "private" in own["Cache-Control"]
    assert client.get(address, HTTP_IF_NONE_MATCH=own["ETag"]).status_code == 304


@pytest.mark.parametrize("title", ["👍🏽", "长" * 160, "w" * 160, "的 " * 80])
def test_any_title_can_be_drawn(title):
    shown = sharing.shown(make_item("any", title=title, summary=title * 2))

    assert posters.picture(shown)
    assert posters.poster(shown, "http://localhost/" + "x" * 300)
