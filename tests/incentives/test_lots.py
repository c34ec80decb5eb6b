import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import LedgerAccount, Notification
from accounts.services import news
from community.lib.dates import site_day, start_of
from incentives.models import Grant
from incentives.services.lots import tell_how_long, usable_until
from incentives.services.points import grant, spend
from incentives.tasks import advance_points

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def until(days):
    """A midnight; so points can be used on the day before."""
    return start_of(site_day() + days * DAY)


def give(member, points, key, **when):
    return grant(member=member, points=points, key=key, cause="given back", **when)


def test_days_are_told_once_each_and_the_nearest_first(member):
    give(member, 5, "a", expires_at=until(40))
    give(member, 7, "b", expires_at=until(8))
    give(member, 2, "c", expires_at=until(8))
    give(member, 100, "lasts")

    assert usable_until(member) == [
        (site_day() + 7 * DAY, 9),
        (site_day() + 39 * DAY, 5),
    ]


def test_a_member_hears_once_a_month_how_long_points_can_be_used(member, other_member):
    give(member, 7, "a", expires_at=until(8))
    give(member, 5, "b", expires_at=until(20))
    give(member, 9, "far", expires_at=until(90))
    give(other_member, 3, "lasts")

    assert tell_how_long() == 1
    tell_how_long()

    row = Notification.objects.get()
    (line,) = news.lines(member, [row])
    assert "12 points that can be used until" in line.sentence
    assert line.address == "/points/"
    assert news.lines(other_member, [row]) == []


def test_news_of_points_that_were_used_are_left_out(member):
    give(member, 7, "a", expires_at=until(8))
    tell_how_long()
    spend(member=member, points=7, key="s", cause="x")

    assert news.lines(member, list(Notification.objects.all())) == []


def test_the_page_says_what_waits_and_until_when_points_can_be_used(client, member):
    client.force_login(member)
    give(member, 5, "a", matures_at=until(3))
    give(member, 7, "b", expires_at=until(8))

    page = client.get("/points/").content.decode()

    assert "5 more points are yours" in page
    assert "Can be used from" in page
    assert "Can be used until" in page


def test_the_clock_matures_and_ends_points(member):
    now = timezone.now()
    give(member, 5, "a", at=now - 2 * DAY, matures_at=now - DAY)
    give(member, 7, "b", at=now - 2 * DAY, expires_at=now - DAY)

    assert advance_points() == {"grants matured": 1, "points expired": 7}
    assert advance_points() == {"grants matured": 0, "points expired": 0}


def test_the_check_tells_as_json_what_cannot_be_proven(member, capsys):
    waiting = give(member, 5, "a", matures_at=until(3))
    give(member, 7, "b", expires_at=until(8))
    call_command("check_ledger", "--json")
    assert json.loads(capsys.readouterr().out)["wrong"] == {}

    Grant.objects.filter(pk=waiting.pk).update(pending=4)
    LedgerAccount.objects.filter(expiring=7).update(expiring=6)
    with pytest.raises(CommandError):
        call_command("check_ledger", "--json")

    assert list(json.loads(capsys.readouterr().out)["wrong"]) == [
        "accounts whose lots do not sum to what has an end",
        "members whose waiting grants are not what waits in the ledger",
    ]
