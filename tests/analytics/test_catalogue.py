"""The catalogue in numbers, on a library small enough to be counted by hand."""

import datetime as dt

import numpy as np
import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Activity, Field, Purpose, Role, User, Verb
from accounts.services import consents, interests
from accounts.services.activity import ensure_partitions
from analytics.catalogue_data import load
from analytics.catalogue_page import Intervals, Shares
from analytics.models import Figures
from analytics.services import catalogue, groups, make_next
from analytics.services.catalogue import make_report
from community.lib.dates import end_of, site_day
from content.models import SearchDay, TagSynonym
from content.services import quality
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import buy, make_plan
from tests.factories.courses import make_course, make_item, make_lesson
from tests.factories.writing import make_staff

pytestmark = pytest.mark.django_db

# Noon of this day stands still: no run is long enough to come into the next.
NOW = timezone.localtime().replace(hour=12, minute=0)
LONG_AGO = NOW - dt.timedelta(days=400)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOW, tick=False):
        yield


def make_members(number, *, agree=True, name="m", **fields):
    fields.setdefault("date_joined", LONG_AGO)
    members = User.objects.bulk_create(
        User(username=f"{name}{n}", email=f"{name}{n}@example.org", **fields)
        for n in range(number)
    )
    for member in members if agree else []:
        consents.give(member=member, purpose=Purpose.PROFILING)
    return members


def open_(members, *things, verb=Verb.VIEWED, days_ago=3):
    Activity.objects.bulk_create(
        Activity(
            member=member,
            verb=verb,
            object_kind=thing.activity_kind,
            object_id=thing.pk,
            at=NOW - dt.timedelta(days=days_ago),
        )
        for member in members
        for thing in things
    )


def tomorrow():
    return end_of(site_day())


def report():
    return catalogue.report(site_day())


@pytest.fixture
def fields():
    return [Field.objects.create(name=it, slug=it) for it in ("ink", "clay")]


@pytest.fixture
def library(fields):
    """Six of ink, two of clay, and one of neither; one of clay is new."""
    ink, clay = fields
    made = [make_item(f"ink{n}", field=ink, published_at=LONG_AGO) for n in range(6)]
    made += [make_item("clay0", field=clay, published_at=LONG_AGO)]
    made += [make_item("clay1", field=clay, published_at=NOW - dt.timedelta(days=9))]
    made += [make_item("bare", published_at=LONG_AGO)]
    for item in made[:6]:
        item.tags.add("ink", "craft")
    for item in made[6:8]:
        item.tags.add("clay", "craft")
    make_item("draft", field=ink, published_at=None)
    make_item("later", field=ink, published_at=NOW + dt.timedelta(days=2))
    return made


# What is counted --------------------------------------------------------------------


def test_shares_of_what_is_live_new_and_opened(library):
    open_(make_members(8), *library[:3], library[7])
    rows = {row["name"]: row for row in report()["balance"]["field"]["rows"]}

    assert {name: (it["live"], it["new"]) for name, it in rows.items()} == {
        "ink": (6, 0),
        "clay": (2, 1),
        "": (1, 0),
    }
    opened = {name: it["opened"] for name, it in rows.items()}
    assert opened == {"ink": 24, "clay": 8, "": 0}
    kinds = report()["balance"]["kind"]["rows"]
    assert [(row["name"], row["live"]) for row in kinds] == [("article", 9)]


def test_the_effective_number_of_a_whole_catalogue_is_counted_not_estimated(library):
    found = report()["balance"]["field"]
    shares = np.array([6, 2]) / 8

    assert found["live"] == pytest.approx(
        np.exp(-(shares * np.log(shares)).sum()), 1e-3
    )
    assert (found["new"], found["opened"]) == (None, None)  # too little


def test_a_member_counts_once_an_item_however_often_they_opened_it(library):
    members = make_members(5)
    for days in range(4):
        open_(members, library[0], days_ago=days)

    assert report()["opened"] == 5


def test_watching_a_recording_is_opening_it(library):
    open_(make_members(5), library[0], verb=Verb.WATCHED)

    assert report()["opened"] == 5


def test_opening_a_lesson_is_opening_its_course(fields):
    course = make_course("course", lessons=1, field=fields[0])
    open_(make_members(5), make_lesson(course.sections.get(), position=9))

    rows = report()["balance"]["field"]["rows"]
    assert [(row["name"], row["opened"]) for row in rows] == [("ink", 5)]


def test_what_was_long_ago_and_what_authors_do_with_their_own_is_left_out(library):
    members = make_members(6)
    long_ago = site_day() - dt.timedelta(days=201)
    ensure_partitions(long_ago, site_day())
    open_(members, library[0], days_ago=200)
    library[1].author = members[0]
    library[1].save()
    open_(members, library[1])

    assert report()["opened"] == 5


# Whose acts -------------------------------------------------------------------------


def test_who_does_not_agree_to_profiling_is_not_counted(library):
    open_(make_members(6), library[0])
    open_(make_members(9, agree=False, name="no"), library[0])

    found = report()
    assert (found["members"], found["openers"], found["opened"]) == (6, 6, 6)


def test_what_fewer_than_five_members_opened_is_not_told(library):
    open_(make_members(4), library[7])

    found = report()
    rows = {row["name"]: row["opened"] for row in found["balance"]["field"]["rows"]}
    assert rows == {"ink": 0, "clay": None, "": 0}
    assert (found["openers"], found["opened"]) == (None, None)


def test_a_group_of_four_is_no_group_nor_can_it_be_told_from_others(library):
    make_members(4, name="new", experience="new")
    make_members(5, name="old", experience="experienced")
    make_members(6, name="some", experience="some")

    found = [(it.by, it.key, len(it.members)) for it in groups.groups(tomorrow())]
    # With the experienced, too, the four would be what is left of all members.
    assert found == [
        ("experience", "some", 6),
        ("paying", "not paying", 15),
        ("since", "old", 15),
    ]


def test_an_interest_of_all_but_four_would_tell_of_the_four(library):
    members = make_members(14)
    follow(members[:10], library[0].tags.get(name="ink"))
    follow(members[:9], library[6].tags.get(name="clay"))

    found = [it.key for it in groups.groups(tomorrow()) if it.by == "interest"]
    assert found == ["clay"]


def test_groups_by_what_was_said_paid_and_joined(library):
    members = make_members(6, date_joined=NOW - dt.timedelta(days=3))
    plan = make_plan()
    for member in members:
        buy(member, plan)
        interests.declare(
            member=member, tags=[library[0].tags.get(name="ink")], experience="some"
        )

    found = {(it.by, it.key) for it in groups.groups(tomorrow())}
    assert found == {
        *(("experience", "some"), ("paying", "paying")),
        *(("since", "new"), ("interest", "ink")),
    }


# Diversity --------------------------------------------------------------------------


def test_members_may_meet_less_than_there_is(library):
    members = make_members(30)
    open_(members, *library[:6])

    found = report()["diversity"]

    assert found["there"]["fields"] > 1.7
    assert (found["met"]["fields"]["value"], found["met"]["fields"]["members"]) == (
        1,
        30,
    )
    assert found["coverage"] == pytest.approx(6 / 9, abs=1e-3)
    assert found["gini"]["value"] == pytest.approx(1 / 3, abs=0.01)
    assert found["met"]["distance"]["value"] < found["there"]["distance"]["value"]


def test_the_distance_of_the_catalogue_by_hand(library):
    """Of eight items with tags six share both, two share both; across, 1 of 3 is
    common. Two drawn are from across in 2 · 6/8 · 2/8 of all cases, 2/3 apart."""
    found = report()["diversity"]["there"]["distance"]["value"]

    assert found == pytest.approx(2 * 6 / 8 * 2 / 8 * 2 / 3, abs=1e-4)


def test_too_little_is_said_instead_of_guessed(library):
    open_(make_members(6), *library)

    found = report()["diversity"]
    assert (found["met"]["fields"], found["gini"], found["coverage"]) == (None,) * 3


# Popularity -------------------------------------------------------------------------


def test_chances_are_the_days_that_item_and_member_were_there_together(library):
    make_members(2)
    make_members(
        1, name="late", date_joined=tomorrow() - dt.timedelta(days=29, hours=9)
    )
    all_of = load(tomorrow())
    slow = [
        sum(
            min(item_days, member_days) / 90
            for item_days, has in zip(all_of.items.days, column, strict=True)
            for member_days in all_of.member_days
            if has
        )
        for column in all_of.fields.of_items.toarray().T
    ]

    found = all_of.chances(all_of.fields.of_items, np.arange(3))

    np.testing.assert_allclose(found, slow)
    assert sorted(all_of.member_days) == [30, 90, 90]


def test_what_was_there_for_days_only_is_not_taken_for_unpopular(library):
    """Clay is opened as often a day as ink, by as many members for each item."""
    members = make_members(60)
    for n in range(60):
        open_([members[n]], library[n % 6])
    open_(members[:10], library[6])
    open_(members[10:11], library[7])

    rows = {row["name"]: row["cells"][0] for row in report()["popular"]["field"]}

    assert rows["clay"][0] == pytest.approx(rows["ink"][0], rel=0.2)
    assert rows["clay"][2] - rows["clay"][1] > rows["ink"][2] - rows["ink"][1]


def test_each_group_has_its_own_rates(library):
    new = make_members(25, name="new", experience="new")
    old = make_members(25, name="old", experience="experienced")
    open_(new, *library[6:8])
    open_(old, *library[:6])

    found = report()["popular"]
    keys = [(group["by"], group["key"]) for group in found["groups"]]
    cells = {row["name"]: row["cells"] for row in found["field"]}
    of_new, of_old = (keys.index(("experience", k)) for k in ("new", "experienced"))
    assert cells["clay"][of_new][1] > cells["clay"][of_old][2]
    assert cells["ink"][of_old][1] > cells["ink"][of_new][2]


def test_what_stands_behind_a_closed_door_had_no_chance(library):
    closed = make_space("closed", access="joined")
    library[7].space = closed
    library[7].save()
    members = make_members(30)
    open_(members, *library)

    rows = {row["name"]: row["cells"][0][0] for row in report()["popular"]["field"]}
    assert rows["clay"] == pytest.approx(rows["ink"], rel=0.05)


def test_of_those_who_opened_it_so_many_came_to_its_end(library):
    members = make_members(30)
    open_(members, *library[:2], library[6])
    open_(members, *library[:2], verb=Verb.ITEM_READ)

    rows = {row["name"]: row["finished"] for row in report()["popular"]["field"]}
    assert rows["ink"][1] > rows["clay"][2]


# What to make next ------------------------------------------------------------------


def next_rows():
    cache.delete("quality_prior")
    return {row["name"]: row for row in report()["next"]}


def follow(members, tag):
    for member in members:
        interests.follow(member=member, tag=tag, is_on=True)


def test_the_wanted_and_poorly_served_stands_first(library):
    members = make_members(10)
    follow(members, library[0].tags.get(name="ink"))
    follow(members, library[6].tags.get(name="clay"))

    rows = next_rows()

    assert list(rows) == ["ink", "clay"]  # clay has a fresh one
    assert (rows["ink"]["follow"], rows["ink"]["fresh"], rows["ink"]["items"]) == (
        10,
        0,
        6,
    )
    assert (rows["clay"]["fresh"], rows["clay"]["worth"]) == (1, 0.8)
    assert rows["ink"]["score"] == 10
    assert rows["ink"]["low"] < 10 < rows["ink"]["high"]


def test_a_good_fresh_thing_serves_better_than_a_poor_one(library):
    follow(make_members(10), library[6].tags.get(name="clay"))
    scores = []
    for stars in (1.5, 4.9):
        library[7].quality, library[7].quality_sd, library[7].ratings = stars, 0.2, 30
        library[7].save()
        scores.append(next_rows()["clay"]["score"])

    assert scores[0] > scores[1]


def test_what_was_checked_lately_is_fresh(library):
    follow(make_members(10), library[0].tags.get(name="ink"))
    library[0].checked_on = site_day()
    library[0].save()

    assert next_rows()["ink"]["fresh"] == 1


def test_four_followers_make_no_line_and_are_not_told_beside_others(library):
    members = make_members(9)
    follow(members[:4], library[0].tags.get(name="ink"))
    assert next_rows() == {}

    open_(members[2:], *library[:2])

    row = next_rows()["ink"]
    assert (row["follow"], row["return_to"], row["score"] > 0) == (None, 7, True)


def test_who_follows_and_comes_back_is_one_member(library):
    members = make_members(8)
    follow(members, library[0].tags.get(name="ink"))
    open_(members, *library[:2])
    asked = make_next.demand(load(tomorrow()), {})

    place = load(tomorrow()).tags.names.index("ink")
    assert (asked.follow[place], asked.return_to[place], asked.either[place]) == (
        8,
        8,
        8,
    )


def searched_for(words, members, in_vain):
    SearchDay.objects.create(
        day=site_day(), words=words, members=members, in_vain=in_vain
    )


def test_searches_in_vain_count_for_the_subject_they_name(library):
    TagSynonym.objects.create(name="pottery", tag=library[6].tags.get(name="clay"))
    searched_for("how to fire pottery", 9, 7)
    searched_for("clay", 6, 6)
    searched_for("thinking", 8, 8)  # has "ink" in it, and does not mean it
    searched_for("found", 50, 0)

    rows = next_rows()

    assert {name: row["in_vain"] for name, row in rows.items()} == {
        "clay": 7,
        "thinking": 8,
    }
    assert (rows["thinking"]["slug"], rows["thinking"]["items"]) == (None, 0)


def test_chinese_names_are_found_inside_of_words(library):
    library[0].tags.add("陶艺")
    searched_for("怎样学陶艺", 6, 6)

    assert next_rows()["陶艺"]["in_vain"] == 6


def test_an_eagerly_opened_subject_is_wanted_more(library):
    members = make_members(40)
    for tag in ("ink", "clay"):
        follow(members, library[0 if tag == "ink" else 6].tags.get(name=tag))
    open_(members, library[6])
    library[7].delete()

    rows = next_rows()
    assert next(iter(rows)) == "clay"
    assert rows["clay"]["appetite"][1] > 1 > rows["ink"]["appetite"][2]


def test_the_interval_of_a_score_by_hand():
    """Nine members, nothing else unknown: a standard error of a third."""
    value, low, high = make_next.score(9, (1, 1, 1), 2, 0)

    assert (value, low) == (3, pytest.approx(3 * np.exp(-1.96 / 3)))
    assert high == pytest.approx(9 / low)


def test_unrated_things_are_worth_the_mean_of_all(library):
    assert quality.prior() == quality.UNKNOWN
    offered = make_next.supply(load(tomorrow()))

    assert offered.worth.max() == pytest.approx(quality.UNKNOWN.mean / 5)


# What is kept -----------------------------------------------------------------------


def test_an_earlier_day_replaces_no_later_one(library):
    make_report(site_day())
    assert make_report(site_day() - dt.timedelta(days=9)) == {"kept": "a later day"}

    assert Figures.objects.get().as_of == site_day()


def test_the_same_day_gives_the_same_figures(library):
    open_(make_members(30), *library)

    assert report() == report()


def test_an_empty_house_has_a_report():
    made = report()

    assert (made["items"], made["next"], made["popular"]["field"]) == (0, [], [])


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PLANNER])
def test_nothing_counted_yet_is_said(client, role):
    client.force_login(make_staff("staff", role))
    page = client.get("/admin/analytics/catalogue/").content.decode()

    assert "Nothing is counted yet" in page


def test_reviewers_do_not_see_it(client, member):
    client.force_login(make_staff("staff", Role.REVIEWER))
    assert client.get("/admin/analytics/catalogue/").status_code == 403
    client.force_login(make_member("nobody"))
    assert client.get("/admin/analytics/catalogue/").status_code == 302


# The page ---------------------------------------------------------------------------


def page_of(client, operator, **headers):
    make_report(site_day())
    client.force_login(operator)
    return client.get("/admin/analytics/catalogue/", headers=headers).content.decode()


def test_the_page_says_what_to_make_why_and_where(client, operator, library):
    follow(make_members(9), library[0].tags.get(name="ink"))
    searched_for("raku glaze", 6, 6)

    page = page_of(client, operator)

    for said in (
        "9 members follow it.",
        "Things on it: 6; none new or checked in 90 days.",
        "In one week 6 members or more searched for it in vain.",
        "There is nothing on it yet.",
        'href="/studio/new/?tag=ink"',
        'href="/library/?tag=ink"',
        'href="/studio/new/?tag=raku+glaze"',
        'href="/search/?q=raku+glaze"',
        "too little data",
    ):
        assert said in page


def test_the_page_tells_rates_with_their_intervals_by_group(client, operator, library):
    open_(make_members(30, experience="new"), *library)

    page = page_of(client, operator, accept_language="zh-hans")

    for said in ("接下来做什么", "每一百次机会中打开的次数", "按自述的经验", "均衡"):
        assert said in page
    assert "<svg" in page
    assert "too little" not in page


def test_the_page_asks_for_one_row_whatever_is_in_it(
    client, operator, library, django_assert_max_num_queries
):
    page_of(client, operator)
    with django_assert_max_num_queries(12):
        client.get("/admin/analytics/catalogue/")


def test_intervals_far_wider_than_the_values_are_cut_at_the_edge():
    chart = Intervals([("a", 10, 5, 400), ("b", 4, 1, 9)])
    first, second = chart.lines

    assert first.start + first.length == chart.width - chart.edge
    assert (first.at, chart.ends) == (chart.width / 2, ("0", "20.0 →"))
    assert second.start < second.at < second.start + second.length


def test_no_share_at_all_draws_no_bar():
    row = {"name": "ink", "live": 0.5, "new": 0.0, "opened": None}
    (line,) = Shares([row]).lines

    assert [(bar.series, bar.width) for bar in line.bars] == [("live", 360), ("new", 0)]
