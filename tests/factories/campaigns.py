import datetime as dt

from django.utils import timezone

from accounts.models import User
from incentives.models import Campaign, HoldOut, PointRule

DAY = dt.timedelta(days=1)


def make_campaign(**fields) -> Campaign:
    fields.setdefault("name", "Come back")
    fields.setdefault("goal", "Who went quiet takes part again.")
    fields.setdefault("audience", Campaign.Audience.EVERYONE)
    fields.setdefault("title", "Good to see you")
    fields.setdefault("ends_at", timezone.now() + 14 * DAY)
    return Campaign.objects.create(**fields)


def make_hold_out(**fields) -> HoldOut:
    """With a salt of its own, so that a test deals the same groups each time."""
    fields.setdefault("percent", 20)
    fields.setdefault("until", timezone.localdate() + 14 * DAY)
    fields.setdefault("salt", "pepper")
    return HoldOut.objects.create(**fields)


def make_rule(**fields) -> PointRule:
    fields.setdefault("verb", "topic_started")
    fields.setdefault("title", "Started a topic")
    fields.setdefault("points", 3)
    fields.setdefault("since", timezone.now() - 100 * DAY)
    return PointRule.objects.create(**fields)


def make_crowd(number: int, **fields) -> list[User]:
    """Without passwords, which take their time."""
    return User.objects.bulk_create(
        User(username=f"m{n}", email=f"m{n}@example.org", **fields)
        for n in range(number)
    )
