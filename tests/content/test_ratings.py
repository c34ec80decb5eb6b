"""Stars only from those who used what they judge, and how sure their mean is."""

import datetime as dt
import random
import statistics

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import privacy
from accounts.models import Activity, AuditRecord, Verb
from accounts.services.activity import ensure_partitions
from content.errors import NotUsed, OwnWork
from content.models import Enrolment, Item, QualityMark, Rating
from content.services import (
    courses,
    items,
    library,
    quality,
    ratings,
    search,
    search_index,
)
from content.steps import rate_items
from incentives.models import PointRule
from incentives.services import points
from incentives.steps import sweep
from tests.factories.accounts import make_member
from tests.factories.courses import make_course, make_item

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log(db):
    ensure_partitions(timezone.localdate(), timezone.localdate())


@pytest.fixture
def essay():
    return make_item("essay", access="members", author=make_member("author"))


@pytest.fixture
def reader(essay):
    reader = make_member("reader")
    items.mark_read(member=reader, item=essay)
    return reader


def test_who_has_read_it_gives_stars_once_and_may_change_them(essay, reader):
    ratings.rate(item=essay, member=reader, stars=2, words="Short.")
    ratings.rate(item=essay, member=reader, stars=5, words="Short, but good.")

    (rating,) = Rating.objects.all()
    assert (rating.stars, rating.words) == (5, "Short, but good.")
    assert rating.changed_at
    assert Activity.objects.filter(verb=Verb.RATED).count() == 1


def test_who_has_not_read_it_does_not_judge(essay, member):
    with pytest.raises(NotUsed):
        ratings.rate(item=essay, member=member, stars=1, words="")


def test_of_a_course_one_lesson_is_enough(member):
    course = make_course(lessons=2)
    with pytest.raises(NotUsed):
        ratings.rate(item=course, member=member, stars=4, words="")

    courses.mark_done(member=member, lesson=course.sections.get().lessons.first())

    assert ratings.rate(item=course, member=member, stars=4, words="").stars == 4


def test_authors_do_not_judge_their_own(essay):
    items.mark_read(member=essay.author, item=essay)

    with pytest.raises(OwnWork):
        ratings.rate(item=essay, member=essay.author, stars=5, words="")


@pytest.mark.parametrize("stars", [0, 6])
def test_there_are_one_to_five_stars(essay, reader, stars):
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.create(item=essay, member=reader, stars=stars)


def test_a_rating_is_helpful_once_and_not_to_oneself(essay, reader, member):
    rating = ratings.rate(item=essay, member=reader, stars=4, words="Good.")

    for _ in range(2):
        ratings.vote_helpful(rating=rating, member=member)
    with pytest.raises(OwnWork):
        ratings.vote_helpful(rating=rating, member=reader)

    rating.refresh_from_db()
    assert rating.helpful_count == 1


def test_the_pages_of_rating(client, essay, reader):
    client.force_login(reader)
    url = f"/library/{essay.slug}/ratings/"
    assert "No ratings yet" in client.get(url).content.decode()

    refused = client.post(f"/library/{essay.slug}/rate/", {"words": "Kept."})
    assert refused.status_code == 422
    assert "Kept." in refused.content.decode()
    client.post(f"/library/{essay.slug}/rate/", {"stars": "5", "words": "<b>Clear</b>"})

    page = client.get(url).content.decode()
    assert "&lt;b&gt;Clear&lt;/b&gt;" in page
    assert "estimated from only 1 rating" in page
    assert "surely" not in page


def test_the_author_replies_and_takes_it_back(client, essay, reader):
    rating = ratings.rate(item=essay, member=reader, stars=2, words="Too short.")
    client.force_login(essay.author)
    url = f"/ratings/{rating.pk}/reply/"

    client.post(url, {"words": "The second part is coming."})
    shown = client.get(f"/library/{essay.slug}/ratings/").content.decode()
    assert "The second part is coming." in shown
    client.post(url, {"words": ""})

    rating.refresh_from_db()
    assert (rating.reply, rating.replied_at) == ("", None)


def test_what_is_hidden_counts_no_more(essay, reader, operator):
    rating = ratings.rate(item=essay, member=reader, stars=1, words="Rude.")
    essay.refresh_from_db()
    assert essay.ratings == 1

    ratings.hide(rating=rating, by=operator, reason="Rude.")

    essay.refresh_from_db()
    assert (essay.ratings, essay.quality) == (0, None)
    assert ratings.shown_of(essay) == []


def test_hiding_asks_once_for_a_reason_and_is_undone(client, essay, reader, operator):
    rating = ratings.rate(item=essay, member=reader, stars=1, words="Rude.")
    client.force_login(operator)
    url, chosen = "/admin/content/rating/", {"_selected_action": [rating.pk]}
    asked = client.post(url, {**chosen, "action": "hide"})
    assert "Rude." in asked.content.decode()
    assert ratings.shown_of(essay) == [rating]

    told = {**chosen, "action": "hide", "asked": "1", "reason": "It insults."}
    client.post(url, told)
    assert ratings.shown_of(essay) == []
    record = AuditRecord.objects.get(act="hid a rating")
    assert (record.actor, record.reason) == (operator, "It insults.")

    client.post(url, {**chosen, "action": "show"})
    assert ratings.shown_of(essay) == [rating]


def test_erasing_takes_ratings_and_votes_along(essay, reader, member):
    ratings.rate(item=essay, member=reader, stars=3, words="My words.")
    other = make_member("other")
    items.mark_read(member=other, item=essay)
    theirs = ratings.rate(item=essay, member=other, stars=3, words="Theirs.")
    ratings.vote_helpful(rating=theirs, member=reader)

    privacy.erase_all(reader, keeps_contributions=False)

    theirs.refresh_from_db()
    assert Rating.objects.get() == theirs
    assert theirs.helpful_count == 0


# How good, how sure


def test_few_stars_are_drawn_to_the_mean_and_many_are_not():
    known = quality.Prior(mean=4.0, within=1.0, between=0.25)

    one, one_sd = quality.estimate(1, 1.0, known)
    many, many_sd = quality.estimate(400, 1.0, known)

    assert one == pytest.approx((1 + 4 * 4) / 5)  # prior worth four stars
    assert many == pytest.approx(1.03, abs=0.005)
    assert one_sd == pytest.approx(0.2**0.5)
    assert many_sd < 0.06


def test_the_intervals_hold_what_they_promise():
    """Made-up items whose true mean is known, judged by a few members each."""
    rng = random.Random(4)
    truth = {make_item(f"i{n}"): rng.gauss(3.6, 0.5) for n in range(200)}
    members = [make_member(f"m{n}") for n in range(12)]
    Rating.objects.bulk_create(
        Rating(item=item, member=member, stars=_stars(rng, mean))
        for item, mean in truth.items()
        for member in rng.sample(members, rng.randint(1, 12))
    )

    quality.update_all()

    inside = []
    for item, mean in truth.items():
        item.refresh_from_db()
        standing = quality.standing_of(item)
        inside.append(standing.low <= mean <= standing.high)
    assert 0.9 <= statistics.mean(inside) <= 0.99


def _stars(rng, mean):
    return min(5, max(1, round(rng.gauss(mean, 0.8))))


def test_the_night_and_the_moment_agree(essay, reader):
    ratings.rate(item=essay, member=reader, stars=5, words="")
    essay.refresh_from_db()
    at_once = essay.quality, essay.quality_sd, essay.ratings

    quality.update_all()

    essay.refresh_from_db()
    assert (essay.quality, essay.quality_sd, essay.ratings) == pytest.approx(at_once)
    assert essay.taken == Enrolment.objects.count() == 1
    assert quality.update_all() == 0


# What follows from it ---------------------------------------------------------------


def rated(name, *stars, **options):
    item = make_item(name, **options)
    Rating.objects.bulk_create(
        Rating(item=item, member=make_member(f"{name}-{n}"), stars=each)
        for n, each in enumerate(stars)
    )
    return item


def test_one_full_mark_does_not_beat_many_good_ones():
    once, often = rated("once", 5), rated("often", *[5, 4] * 20)
    bad, unrated = rated("bad", 1, 1, 2), make_item("unrated")
    quality.update_all()

    asked = library.Asked(order="rated")
    found = library.filtered(Item.objects.all(), make_member("reader"), asked)
    assert list(found) == [often, once, bad, unrated]
    by_all = Item.objects.order_by(quality.surely().desc())
    assert list(by_all) == [often, once, unrated, bad]


def test_of_what_is_found_alike_the_surely_better_comes_first(member):
    text = {"title": "Clay and water", "body": "Clay."}
    good = rated("good", *[5] * 20, **text)
    once = rated("once", 5, **text)
    bad = rated("bad", *[1] * 20, **text)
    make_item("new", **text)
    quality.update_all()
    search_index.sweep()

    found = [hit.url for hit in search.search("clay", member).hits]
    assert found[:2] == [good.get_absolute_url(), once.get_absolute_url()]
    assert found[-1] == bad.get_absolute_url()


def test_what_is_asked_for_weighs_more_than_stars(member):
    loved = rated("loved", *[5] * 20, title="Bread", body="A word about clay. " * 3)
    meant = rated("meant", *[2] * 20, title="Clay", body="Clay, and how to fire clay.")
    quality.update_all()
    search_index.sweep()
    found = [hit.url for hit in search.search("clay", member).hits]
    assert found == [meant.get_absolute_url(), loved.get_absolute_url()]


def test_reaching_a_level_pays_each_author_by_the_rule_once():
    author, beside = make_member("author"), make_member("beside")
    PointRule.objects.filter(verb=Verb.QUALITY_REACHED).delete()
    PointRule.objects.create(
        verb=Verb.QUALITY_REACHED,
        title="Surely good",
        points=30,
        since=timezone.now() - dt.timedelta(days=1),
    )
    item = rated("good", *[5] * 12, author=author)
    item.co_authors.create(member=beside)
    once = rated("once", 5, author=author)
    today = timezone.localdate()

    for _night in range(2):
        rate_items(today)
        sweep(today)
    assert [points.balance(it) for it in (author, beside)] == [30, 30]
    assert QualityMark.objects.get().item == item
    assert not once.quality_marks.exists()

    more = [make_member(f"more-{n}") for n in range(60)]
    Rating.objects.bulk_create(Rating(item=item, member=it, stars=5) for it in more)
    rate_items(today)
    sweep(today)
    assert points.balance(author) == 60
    assert sorted(item.quality_marks.values_list("stars", flat=True)) == [4.0, 4.5]


def test_a_level_stays_reached_and_drafts_reach_none():
    item = rated("good", *[5] * 12)
    draft = rated("draft", *[5] * 12, published_at=None)
    rate_items(timezone.localdate())
    Rating.objects.update(stars=1)
    rate_items(timezone.localdate())
    Rating.objects.update(stars=5)
    assert rate_items(timezone.localdate())["levels reached"] == 0
    assert item.quality_marks.count() == 1
    assert not draft.quality_marks.exists()
