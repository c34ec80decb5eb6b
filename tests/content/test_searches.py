import datetime as dt
import re

import pytest
from django.core.cache import cache

from accounts.models import Role
from community.lib.dates import site_day
from content.models import Item, SearchDay, SearchMark
from content.services import search_index, searches
from content.services.searches import forget, note_search, searched
from tests.factories.accounts import make_member
from tests.factories.courses import make_item
from tests.factories.writing import make_staff

pytestmark = pytest.mark.django_db

WEEK = dt.timedelta(days=7)


@pytest.fixture
def five():
    return [make_member(f"m{n}") for n in range(5)]


def all_searched():
    return searched(site_day() - 4 * WEEK, site_day())


def search_each(members, words="glaze", *, in_vain=True):
    for member in members:
        note_search(member=member, words=words, in_vain=in_vain)


def test_what_five_members_looked_for_in_vain_is_shown(five):
    search_each(five)

    (found,) = all_searched()
    assert (found.words, found.members, found.in_vain) == ("glaze", 5, 5)


def test_what_four_looked_for_is_shown_to_nobody_however_often(five):
    for _ in range(3):
        search_each(five[:4])

    assert SearchDay.objects.get().members == 4
    assert all_searched() == []


def test_four_in_vain_among_five_are_not_told(five):
    search_each(five[:4])
    search_each(five[4:], in_vain=False)

    assert [(it.members, it.in_vain) for it in all_searched()] == [(5, 0)]


def test_the_same_few_in_several_weeks_are_still_few(five):
    for weeks in range(4):
        SearchDay.objects.create(
            day=site_day() - weeks * WEEK, words="glaze", members=3, in_vain=3
        )

    assert all_searched() == []


def test_spelling_it_otherwise_is_the_same_search(five):
    search_each(five[:3], "Raku  Glaze!")
    search_each(five[3:], "raku-glaze")

    assert [it.words for it in all_searched()] == ["raku glaze"]


def test_nothing_kept_names_the_member(five):
    search_each(five[:1], "my own name")

    kept = {field.name for field in SearchDay._meta.get_fields()}
    assert kept == {"id", "day", "words", "members", "in_vain"}
    mark = SearchMark.objects.values().get()
    assert set(mark) == {"id", "week", "who"}
    assert re.fullmatch("[0-9a-f]{64}", mark["who"])


def test_a_member_counts_once_a_week_though_the_cache_was_lost(five):
    for _ in range(5):
        search_each(five[:1])
        cache.clear()

    assert SearchDay.objects.get().members == 1
    assert all_searched() == []


def test_that_somebody_was_counted_is_forgotten_with_the_week(five):
    search_each(five[:1])
    forget(site_day())
    assert SearchMark.objects.count() == 1
    forget(site_day() + WEEK)
    assert not SearchMark.objects.exists()


def test_what_few_searched_for_is_forgotten_when_the_week_is_over(five):
    search_each(five, "glaze")
    search_each(five[:1], "secret")
    SearchDay.objects.create(day=site_day() - 30 * WEEK, words="old", members=9)

    assert forget(site_day()) == 1  # of long ago; the week is not over
    assert forget(site_day() + WEEK) == 1
    assert [it.words for it in SearchDay.objects.all()] == ["glaze"]


def test_the_search_page_counts_members_once_and_visitors_not_at_all(client, five):
    make_item("clay", title="Clay")
    for words in ("clay", "glaze", "glaze"):
        client.get("/search/", {"q": words})
    assert not SearchDay.objects.exists()
    client.force_login(five[0])
    for asked in ({"q": "glaze"}, {"q": "glaze"}, {"q": "clay", "page": 2}):
        client.get("/search/", asked)

    assert SearchDay.objects.get().words == "glaze"


def test_what_was_found_is_no_search_in_vain(client, five):
    make_item("clay", title="Clay")
    search_index.sweep()
    client.force_login(five[0])
    client.get("/search/", {"q": "clay"})
    client.get("/search/", {"q": "clay glaze"})

    counted = dict(SearchDay.objects.values_list("words", "in_vain"))
    assert counted == {"clay": 0, "clay glaze": 1}


def test_words_of_signs_alone_are_no_words(five):
    assert searches.normal("?! —") == ""
    note_search(member=five[0], words="?!", in_vain=True)
    assert not SearchDay.objects.exists()


def test_a_draft_begun_from_the_report_carries_the_subject(client):
    client.force_login(make_staff("mentor", Role.MENTOR))
    page = client.get("/studio/new/", {"tag": "glaze"}).content.decode()
    assert "“glaze”" in page

    client.post("/studio/new/", {"kind": "article", "title": "On it", "tag": "glaze"})

    assert list(Item.objects.get().tags.names()) == ["glaze"]
