"""A person's page, following, and the list of people."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from taggit.models import Tag

from accounts.models import (
    Activity,
    Expert,
    Field,
    Follow,
    Purpose,
    Role,
    Space,
    Verb,
)
from accounts.privacy import erase_all
from accounts.services import consents, experts, follows, interests
from accounts.services.roles import grant_role
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


def make_expert(member, by, field="statistics") -> Expert:
    field, _ = Field.objects.get_or_create(slug=field, defaults={"name": field})
    expert = experts.save_expert(
        member=member, headline="Teaches statistics", fields=[field]
    )
    experts.add_credential(
        expert=expert, what="Doctorate", issuer="Fudan", year=2012, document=None
    )
    experts.ask(expert)
    until = timezone.now() + dt.timedelta(days=365)
    experts.verify(expert=expert, until=until, by=by)
    return Expert.objects.get(pk=expert.pk)


def page_of(client, person):
    return client.get(person.get_absolute_url()).content.decode()


# The page -----------------------------------------------------------------------


def test_the_mark_and_the_proofs_stand_only_while_verified(client, member, operator):
    expert = make_expert(member, operator)
    client.force_login(operator)
    assert "Verified expert" in page_of(client, member)
    assert "Doctorate" in page_of(client, member)

    yesterday = timezone.now() - dt.timedelta(days=1)
    Expert.objects.filter(pk=expert.pk).update(
        decided_at=yesterday - dt.timedelta(days=1), verified_until=yesterday
    )
    page = page_of(client, member)
    assert "Verified expert" not in page
    assert "Doctorate" not in page


def test_the_page_shows_what_this_reader_may_read(client, member, other_member):
    private = make_space("private", access=Space.Access.JOINED)
    make_topic(member, space=private, title="Among us")
    circle = make_space(access=Space.Access.MEMBERS)
    make_topic(member, space=circle, title="For all")
    hidden = make_topic(member, space=circle, title="Said too much")
    hidden.hidden_at = timezone.now()
    hidden.save()
    make_course("open", author=member, lessons=1)
    make_course("draft", author=member, published_at=None)
    grant_role(member=member, role=Role.MENTOR)
    member.refresh_from_db()

    visitor = page_of(client, member)
    client.force_login(other_member)
    page = page_of(client, member)

    assert "Open" in visitor
    assert "For all" not in visitor
    assert "For all" in page
    assert "Among us" not in page
    assert hidden.title not in page
    assert "Draft" not in page


def test_a_person_with_much_work_costs_no_more_queries(client, member, other_member):
    client.force_login(other_member)
    space = make_space(access=Space.Access.MEMBERS)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            page_of(client, member)
        return len(queries)

    make_topic(member, space=space)
    make_course("first", author=member)
    page_of(client, member)
    before = cost()
    for number in range(5):
        make_topic(member, space=space, title=f"Topic {number}")
        make_course(f"course-{number}", author=member)
    assert cost() == before


def test_a_volunteer_is_thanked_for_the_time_served(client, member, operator):
    grant_role(member=member, role=Role.VOLUNTEER)
    client.force_login(operator)
    assert "Helps as a volunteer" in page_of(client, member)

    member.role_grants.update(granted_at=timezone.now() - dt.timedelta(days=152))
    assert "Has given 5 months" in page_of(client, member)


# Following ----------------------------------------------------------------------


def test_following_twice_is_following_once_and_one_line(member, other_member):
    follows.follow(follower=member, followed=other_member)
    follows.follow(follower=member, followed=other_member)

    assert Follow.objects.count() == 1
    line = Activity.objects.get(verb=Verb.FOLLOWED)
    assert (line.object_kind, line.object_id) == ("person", other_member.pk)


def test_nobody_follows_themselves(client, member):
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(follower=member, followed=member)
    follows.follow(follower=member, followed=member)
    assert not Follow.objects.exists()
    client.force_login(member)
    assert client.post(f"{member.get_absolute_url()}follow/").status_code == 403


def test_the_button_follows_and_stops(client, member, other_member):
    client.force_login(member)
    path = f"{other_member.get_absolute_url()}follow/"

    client.post(path, {"follow": "yes"})
    assert "1 follower" in page_of(client, other_member)
    assert "Other" in client.get("/me/following/").content.decode()
    client.post(path, {"follow": "no"})
    assert "0 followers" in page_of(client, other_member)
    assert "You follow nobody yet" in client.get("/me/following/").content.decode()


def test_whom_one_follows_is_listed_once_the_latest_first(client, member, operator):
    followed = [make_member(name) for name in ("first", "second")]
    for person in followed:
        follows.follow(follower=operator, followed=person)
        follows.follow(follower=member, followed=person)
    client.force_login(member)

    page = client.get("/me/following/").context["page"]
    assert [person.username for person in page] == ["second", "first"]


def test_who_is_erased_follows_nobody(member, other_member):
    follows.follow(follower=member, followed=other_member)
    follows.follow(follower=other_member, followed=member)
    erase_all(member)

    assert not Follow.objects.exists()


# The list of people ---------------------------------------------------------------


def listed(member):
    consents.give(member=member, purpose=Purpose.DIRECTORY)
    return member


def names(client, query=""):
    page = client.get(f"/people/{query}").context["page"]
    return [person.username for person in page]


def test_whether_there_is_somebody_is_no_visitors_business(client, member):
    known = client.get(f"/people/{member.username}/")
    unknown = client.get("/people/nobody/")

    assert known.status_code == unknown.status_code == 302
    assert known.url.replace(member.username, "nobody") == unknown.url


def test_who_is_not_let_in_yet_sees_nobody(client, member, other_member):
    listed(other_member)
    member.is_applicant = True
    member.save()
    client.force_login(member)

    assert client.get("/people/").url == "/joining/"
    assert client.get(f"/people/{other_member.username}/").status_code == 403
    assert client.get("/people/nobody/").status_code == 403


def test_only_who_agreed_is_listed_and_gone_at_once(client, member, other_member):
    listed(other_member)
    client.force_login(member)
    assert names(client) == ["other"]

    consents.withdraw(member=other_member, purpose=Purpose.DIRECTORY)
    assert names(client) == []


def test_the_suspended_and_the_erased_are_not_listed(client, member, other_member):
    listed(other_member)
    gone = listed(make_member("gone"))
    other_member.suspended_at = timezone.now()
    other_member.save()
    erase_all(gone)
    client.force_login(member)

    assert names(client) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=统计", ["guyuan"]),
        ("?q=顾", ["guyuan"]),
        ("?q=HARR", ["harriet"]),
        ("?q=moss+writes", ["harriet"]),
        ("?q=nobody", []),
        ("?role=volunteer", ["harriet"]),
        ("?role=nonsense", ["harriet", "guyuan"]),
        ("?field=statistics", ["guyuan"]),
        ("?field=nothing", []),
    ],
)
def test_people_are_found(client, member, operator, query, found):
    harriet = make_member("harriet", name="Harriet Moss", about="Writes essays")
    grant_role(member=listed(harriet), role=Role.VOLUNTEER)
    guyuan = listed(make_member("guyuan", name="顾远", about="教统计学"))
    make_expert(guyuan, operator)
    client.force_login(member)

    assert names(client, query) == found


def test_the_list_costs_the_same_however_long_it_is(client, member, operator):
    client.force_login(member)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/people/")
        return len(queries)

    make_expert(listed(make_member("first")), operator)
    client.get("/people/")
    before = cost()
    for number in range(5):
        make_expert(listed(make_member(f"m{number}")), operator, field=f"f{number}")
    assert cost() == before


def test_the_subjects_one_follows_are_listed_and_left_again(client, member):
    soil = Tag.objects.create(name="Soil", slug="soil")
    interests.follow(member=member, tag=soil, is_on=True)
    client.force_login(member)
    assert "Soil" in client.get("/me/following/").text

    client.post(f"/me/following/subjects/{soil.pk}/stop/")

    assert "Soil" not in client.get("/me/following/").text


def test_nobody_leaves_the_subjects_of_another(client, member, other_member):
    soil = Tag.objects.create(name="Soil", slug="soil")
    interests.follow(member=other_member, tag=soil, is_on=True)
    client.force_login(member)

    answer = client.post(f"/me/following/subjects/{soil.pk}/stop/")

    assert answer.status_code == 404
    assert interests.of(other_member) == {soil.pk}
