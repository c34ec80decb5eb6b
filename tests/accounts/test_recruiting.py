import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import (
    Activity,
    Campaign,
    Channel,
    Entitlement,
    LinkDay,
    Origin,
    Referral,
    TrackedLink,
    User,
    Verb,
)
from accounts.services import recruiting
from accounts.services.activity import ensure_partitions, record_activity
from analytics.models import Figures
from analytics.services.recruiting import funnel, make_report
from community.lib.dates import site_day
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_plan

pytestmark = pytest.mark.django_db

BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux) Firefox/140"}
FORM = {
    "name": "Lin Mei",
    "email": "lin@example.org",
    "password1": "a-long-new-secret",
    "terms": "on",
    "privacy": "on",
}


@pytest.fixture
def channel(db):
    return Channel.objects.create(kind=Channel.Kind.SOCIAL, name="Weibo")


def make_link(channel, code="abc2345", **fields):
    return TrackedLink.objects.create(code=code, channel=channel, **fields)


def join(client, email="lin@example.org"):
    client.post("/accounts/signup/", {**FORM, "email": email}, **BROWSER)
    return User.objects.get(email=email)


def test_a_link_counts_people_and_no_machines(channel):
    link = make_link(channel, path="/library/")

    for agent in ("Mozilla/5.0 Firefox", "Mozilla/5.0 Safari", "Googlebot/2.1", ""):
        answer = Client(HTTP_USER_AGENT=agent).get("/l/abc2345/")
        assert answer.url == "/library/"

    assert LinkDay.objects.get(link=link).visits == 2


@pytest.mark.parametrize("what", ["image", "empty", "iframe"])
def test_a_link_within_a_page_is_not_a_visit(channel, what):
    link = make_link(channel)
    reader = Client(**BROWSER, HTTP_SEC_FETCH_DEST=what)

    reader.get("/l/abc2345/")

    assert recruiting.COOKIE not in reader.cookies
    assert not LinkDay.objects.filter(link=link).exists()


def test_who_follows_a_link_has_visited(channel):
    make_link(channel)
    visitor = Client(**BROWSER, HTTP_SEC_FETCH_DEST="document")

    visitor.get("/l/abc2345/")

    assert recruiting.COOKIE in visitor.cookies


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "\\\\evil"])
def test_a_link_never_leads_elsewhere(channel, to):
    make_link(channel)
    assert Client(**BROWSER).get("/l/abc2345/", {"to": to}).url == "/"
    with pytest.raises(IntegrityError), transaction.atomic():
        make_link(channel, code="x", path="//evil.example")


def test_an_ended_link_is_kind(channel):
    make_link(channel, ended_at=timezone.now())
    for code in ("abc2345", "unknown"):
        answer = Client(**BROWSER).get(f"/l/{code}/", follow=True)
        assert "has ended" in answer.content.decode()


def test_first_and_last_touch_are_kept_with_the_member(channel):
    first = make_link(channel)
    forum = Channel.objects.create(kind=Channel.Kind.FORUM, name="V2EX")
    last = make_link(forum, code="def6789")
    client = Client(**BROWSER)
    client.get("/l/abc2345/")
    client.get("/l/def6789/")

    origin = Origin.objects.get(member=join(client))

    assert (origin.first_link, origin.last_link, origin.channel) == (first, last, forum)


def test_a_forged_cookie_says_nothing(channel):
    make_link(channel)
    client = Client(**BROWSER)
    client.cookies["came"] = '["abc2345",0,"abc2345",0]:forged'

    origin = Origin.objects.get(member=join(client))
    assert (origin.channel.kind, origin.last_link) == (Channel.Kind.DIRECT, None)


def test_who_was_brought_counts_once_they_have_stayed(member):
    code = recruiting.own_link(member).code
    client = Client(**BROWSER)
    client.get(f"/l/{code}/")
    newcomer = join(client)
    assert Referral.objects.get().referrer == member
    assert recruiting.reward_who_stayed() == 0

    with time_machine.travel(timezone.now() + dt.timedelta(days=31), tick=False):
        assert recruiting.reward_who_stayed() == 0  # gone quiet
        record_activity(member=newcomer, verb=Verb.VISITED)
        assert recruiting.reward_who_stayed() == 1
        assert recruiting.reward_who_stayed() == 0

    rewarded = Activity.objects.get(verb=Verb.REFERRAL_STAYED)
    assert rewarded.member == member


@pytest.mark.parametrize(
    ("mine", "theirs", "is_somebody_else"),
    [
        ("lin+me@example.org", "lin@example.org", False),
        ("li.n@gmail.com", "lin+1@googlemail.com", False),
        ("lin@qq.com", "lin@foxmail.com", False),
        ("li.n@example.org", "lin@example.org", True),
        ("lin@qq.com", "lin@gmail.com", True),
    ],
)
def test_nobody_brings_themselves(member, mine, theirs, is_somebody_else):
    User.objects.filter(pk=member.pk).update(email=mine)
    code = recruiting.own_link(member).code
    client = Client(**BROWSER)
    client.get(f"/l/{code}/")

    join(client, email=theirs)

    assert Referral.objects.exists() is is_somebody_else


def test_ones_own_link_has_its_page(client, member):
    client.force_login(member)
    page = client.get("/me/referrals/?to=/library/").content.decode()

    assert f"/l/{recruiting.own_link(member).code}/?to=/library/" in page
    assert "<svg" in page
    assert "evil" not in client.get("/me/referrals/?to=//evil.example").content.decode()


@pytest.fixture
def came(channel):
    """Four who came by a campaign's link a hundred days ago."""
    campaign = Campaign.objects.create(channel=channel, name="Spring", cost=9000)
    link = make_link(channel, campaign=campaign)
    long_ago = timezone.now() - dt.timedelta(days=100)
    Campaign.objects.update(starts_on=long_ago.date())
    LinkDay.objects.create(link=link, day=long_ago.date(), visits=50)
    ensure_partitions(long_ago.date(), timezone.localdate())
    people = [make_member(f"m{n}", date_joined=long_ago) for n in range(4)]
    for member in people:
        Origin.objects.create(
            member=member,
            channel=channel,
            last_link=link,
            first_at=long_ago,
            last_at=long_ago,
        )
    return people


def by_channel(as_of=None):
    """What is told of the only channel by which somebody came."""
    found = funnel("channel", as_of or site_day())
    (it,) = [source for source in found if source.visits]
    return it


def here_after(days):
    return next(it for it in by_channel().kept if it.days == days).here


def test_the_funnel_goes_from_the_click_to_staying(client, operator, came):
    for n, days in ((0, 90), (1, 89), (2, 29)):
        at = came[n].date_joined + dt.timedelta(days=days)
        record_activity(member=came[n], verb=Verb.REPLIED, at=at)
    buy(came[3], make_plan())

    for by in ("channel", "campaign"):
        (it,) = [source for source in funnel(by, site_day()) if source.visits]
        assert (it.visits, it.joined, it.paid, it.contributions) == (50, 4, 1, 3)
        assert [(k.here, k.old_enough) for k in it.kept] == [(1, 4), (2, 4), (0, 0)]
        (cost,) = it.costs
        assert (cost.amount, cost.a_kept_member) == (9000, 4500)
    make_report(site_day())
    link = TrackedLink.objects.get()
    client.force_login(operator)
    page = client.get("/admin/analytics/recruiting/").content.decode()
    assert "Weibo" in page
    assert "too early" in page
    shown = client.get(f"/admin/accounts/trackedlink/{link.pk}/change/")
    assert "<svg" in shown.content.decode()


def test_what_was_given_back_later_does_not_alter_who_was_here(came):
    first = came[0].date_joined
    held = buy(came[0], make_plan()).entitlements.get()
    held.starts_at, held.ends_at = first, first + dt.timedelta(days=365)
    held.save()
    for source in ("staff", "trial", "grace"):
        Entitlement.objects.create(
            member=came[1], what="membership", source=source, starts_at=first
        )
    assert (here_after(30), here_after(90)) == (1, 1)

    held.revoked_at = first + dt.timedelta(days=40)
    held.save()

    assert (here_after(30), here_after(90)) == (1, 0)


def test_costs_in_two_currencies_stand_side_by_side(came, channel):
    long_ago = came[0].date_joined.date()
    Campaign.objects.create(
        channel=channel, name="Abroad", cost=700, currency="USD", starts_on=long_ago
    )
    Campaign.objects.create(channel=channel, name="Of late", cost=500)
    at = came[0].date_joined + dt.timedelta(days=80)
    record_activity(member=came[0], verb=Verb.REPLIED, at=at)

    yuan, dollars = by_channel().costs
    assert (yuan.currency, yuan.amount, yuan.a_kept_member) == ("CNY", 9500, 9000)
    assert (dollars.currency, dollars.amount) == ("USD", 700)


def test_an_earlier_day_is_told_as_it_was_and_replaces_no_later_one(came):
    early = site_day() - dt.timedelta(days=60)
    assert [it.old_enough for it in by_channel(early).kept] == [4, 0, 0]

    make_report(site_day())
    make_report(early)

    assert Figures.objects.get().as_of == site_day()
