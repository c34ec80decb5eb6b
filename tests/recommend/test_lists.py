import datetime as dt

import pytest
from django.utils import timezone
from taggit.models import Tag

from accounts.models import Purpose, User, Verb
from accounts.services import consents, interests
from accounts.services.activity import ensure_partitions, record_activity
from content.models import Item, Rating
from content.services import quality
from content.services.courses import enrol
from content.services.items import mark_read
from recommend.models import PopularItem, Recommendation, RecommendRun
from recommend.services import serving
from recommend.services.training import train
from tests.factories.accounts import make_member
from tests.factories.courses import make_course, make_item

pytestmark = pytest.mark.django_db
CIRCLE = 5  # courses of each of two circles of taste


@pytest.fixture
def courses():
    return [make_course(f"c{n}") for n in range(2 * CIRCLE)]


@pytest.fixture
def people(courses):
    """Forty members of two tastes; each has used all of their circle but one, and a
    part of that only lately, so that there is something to judge by."""
    now = timezone.now()
    ensure_partitions((now - dt.timedelta(days=90)).date(), now.date())
    members = []
    for n in range(40):
        member = make_member(f"p{n}")
        consents.give(member=member, purpose=Purpose.PROFILING)
        mine = courses[:CIRCLE] if n < 20 else courses[CIRCLE:]
        for place, course in enumerate(mine):
            if place == n % CIRCLE:
                continue
            days = 5 if place == (n + 1) % CIRCLE else 60
            record_activity(
                member=member,
                verb=Verb.VIEWED,
                target=course,
                at=now - dt.timedelta(days=days),
            )
        members.append(member)
    return members


def titles(suggestions):
    return [it.item.slug for it in suggestions]


def test_a_night_serves_everybody_the_course_of_their_circle_first(people, courses):
    run = train(timezone.localdate())

    assert run.served == "filter"
    assert run.quality["filter"]["ndcg"][1] > run.quality["popularity"]["ndcg"][1]
    first = serving.for_you(people[0])[0]
    assert first.item == courses[0]
    assert first.because in courses[1:CIRCLE]
    assert serving.related(courses[0], people[0])[0] in courses[1:CIRCLE]


def test_a_list_leaves_out_what_is_begun_dismissed_or_not_to_be_seen(people, courses):
    train(timezone.localdate())
    member = people[0]
    assert titles(serving.for_you(member))[0] == "c0"

    enrol(member=member, course=courses[0])
    assert "c0" not in titles(serving.for_you(member))

    other = serving.for_you(member)[0].item
    serving.dismiss(member=member, item=other)
    assert other.slug not in titles(serving.for_you(member))

    third = serving.for_you(member)[0].item
    third.state = Item.State.DRAFT
    third.save()
    assert third.slug not in titles(serving.for_you(member))


def test_who_did_not_agree_is_not_in_the_data_and_sees_what_is_popular(people):
    private = people[3]
    consents.withdraw(member=private, purpose=Purpose.PROFILING)
    run = train(timezone.localdate())

    assert run.members == len(people) - 1
    suggestions = serving.for_you(private)
    assert suggestions
    assert all(it.because is None for it in suggestions)


def test_a_withdrawn_consent_takes_the_list_away_at_once(people):
    train(timezone.localdate())
    assert Recommendation.objects.filter(member=people[0]).exists()

    consents.withdraw(member=people[0], purpose=Purpose.PROFILING)

    assert not Recommendation.objects.filter(member=people[0]).exists()


def test_an_empty_night_leaves_yesterdays_lists(people):
    good = train(timezone.localdate())

    empty = train(timezone.localdate() - dt.timedelta(days=4000))

    assert empty.served == "yesterday"
    assert RecommendRun.objects.get(is_current=True) == good
    assert titles(serving.for_you(people[0]))[0] == "c0"


def test_a_night_that_lost_most_of_its_data_changes_nothing(people):
    good = train(timezone.localdate())
    for member in people[:35]:
        consents.withdraw(member=member, purpose=Purpose.PROFILING)

    poor = train(timezone.localdate())

    assert poor.served == "yesterday"
    assert RecommendRun.objects.get(is_current=True) == good


@pytest.mark.parametrize("days", [400, -3])
def test_a_wrong_date_changes_nothing(people, days):
    good = train(timezone.localdate())

    wrong = train(timezone.localdate() + dt.timedelta(days=days))

    assert wrong.served == "yesterday"
    assert RecommendRun.objects.get(is_current=True) == good


def test_a_bot_does_not_make_an_item_popular(people):
    spam = make_course("spam")
    for _ in range(300):
        record_activity(member=people[0], verb=Verb.VIEWED, target=spam)

    train(timezone.localdate())

    assert titles(serving.for_you(make_member("newcomer"), limit=11))[-1] == "spam"


def test_a_consent_withdrawn_while_the_night_runs_counts(people):
    train(timezone.localdate())
    member = people[0]
    member.consents.update(withdrawn_at=timezone.now())  # its news came too late

    assert all(it.because is None for it in serving.for_you(member))


def test_a_community_where_nobody_did_anything_sees_what_is_new(courses):
    suggestions = serving.for_you(make_member("first"), limit=3)

    assert len(suggestions) == 3
    assert all(it.is_new for it in suggestions)


def test_not_only_courses_are_suggested(courses):
    article = make_item("fresh", published_at=timezone.now())
    make_item("paper", kind=Item.Kind.MATERIAL)
    member = make_member("first")

    assert titles(serving.for_you(member, limit=1)) == ["fresh"]

    mark_read(member=member, item=article)
    assert {"fresh", "paper"}.isdisjoint(titles(serving.for_you(member)))


def test_too_few_to_judge_by_means_popularity(courses):
    member = make_member("alone")
    consents.give(member=member, purpose=Purpose.PROFILING)
    record_activity(member=member, verb=Verb.VIEWED, target=courses[0])

    run = train(timezone.localdate())

    assert run.served == "popularity"
    assert titles(serving.for_you(make_member("newcomer")))[0] == "c0"


def test_a_night_repeated_makes_the_same_lists(people):
    train(timezone.localdate())
    fields = ("member", "rank", "item", "reason_item")
    first = list(Recommendation.objects.order_by(*fields).values_list(*fields))

    train(timezone.localdate())

    again = list(Recommendation.objects.order_by(*fields).values_list(*fields))
    assert first == again
    assert RecommendRun.objects.filter(is_current=True).count() == 1


def test_serving_costs_few_queries(people, courses, django_assert_num_queries):
    train(timezone.localdate())

    serving.for_you(people[0], limit=1)  # asks once what the reader holds
    with django_assert_num_queries(1):
        serving.for_you(people[0], limit=1)
    with django_assert_num_queries(3):
        serving.for_you(people[0], limit=6)
    with django_assert_num_queries(1):
        serving.related(courses[0], people[0])


def test_of_what_is_used_alike_the_surely_better_is_suggested_first(people, courses):
    """And what one delighted reader liked is not surely better."""
    for course, number, stars in ((courses[2], 1, 5), (courses[3], 20, 5)):
        Rating.objects.bulk_create(
            Rating(item=course, member=member, stars=stars)
            for member in people[:number]
        )
    quality.update_all()
    train(timezone.localdate() - dt.timedelta(days=1))
    liked = PopularItem.objects.order_by("rank").values_list("item", flat=True)
    assert list(liked[:2]) == [courses[3].pk, courses[2].pk]


def test_what_fits_a_declared_interest_alike_is_suggested_by_its_quality(courses):
    member = make_member("curious")
    for course in courses[:3]:
        course.tags.add("clay")
    for number in range(12):
        Rating.objects.create(
            item=courses[1], member=make_member(f"r{number}"), stars=5
        )
        Rating.objects.create(
            item=courses[2], member=User.objects.get(username=f"r{number}"), stars=1
        )
    quality.update_all()
    interests.follow(member=member, tag=Tag.objects.get(), is_on=True)
    found = [it.item for it in serving.for_you(member) if it.is_declared]
    assert found == [courses[1], courses[0], courses[2]]
