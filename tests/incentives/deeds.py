"""Deeds of weeks past, and rules that pay for them."""

import datetime as dt

from django.utils import timezone

from accounts.models import Verb
from accounts.services.activity import record_activity
from community.lib.dates import site_time
from incentives.models import PointRule
from incentives.services.awarding import award_for

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


class Thing:
    def __init__(self, kind, pk):
        self.activity_kind, self.pk = kind, pk


def noon(days_later=0):
    """Of a Monday some weeks ago, so that a test's days lie in one week."""
    today = site_time(timezone.now()).replace(hour=12, minute=0, second=0)
    monday = today - (today.weekday() + 28) * DAY
    return monday + days_later * DAY


def do(member, verb=Verb.CHECKED_IN, pk=1, kind="thing", at=None, **more):
    at = at or noon()
    return record_activity(
        member=member, verb=verb, target=Thing(kind, pk), at=at, **more
    )


def on_days(member, *days, **more):
    return [do(member, at=noon(day), **more) for day in days]


def rule(verb=Verb.CHECKED_IN, points=10, **terms):
    terms = {"once_a_thing": False, "since": noon(-60), **terms}
    return PointRule.objects.create(verb=verb, title="Deed", points=points, **terms)


def worth(*deeds):
    return [sum(it.points for it in award_for(deed)) for deed in deeds]
