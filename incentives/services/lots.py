"""How long a member's points can be used, and telling them in time."""

import datetime as dt

from django.db.models import F, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext

from accounts.models import Lot, Notification, User
from accounts.services.held import MEMBER
from accounts.services.ledger import POINTS
from accounts.services.notifications import tell
from community.lib.dates import site_day

# Members hear of it so long before; not more often than once a month.
TOLD_BEFORE = dt.timedelta(days=30)


def _open() -> QuerySet[Lot]:
    return Lot.objects.filter(
        remaining__gt=0, account__kind=MEMBER, account__unit=POINTS
    )


def usable_until(member: User) -> list[tuple[dt.date, int]]:
    """(the day, how many can be used until then), the nearest first."""
    days: dict[dt.date, int] = {}
    lots = _open().filter(account__member=member).order_by("expires_at")
    for until, remaining in lots.values_list("expires_at", "remaining"):
        day = _last_day(until)
        days[day] = days.get(day, 0) + remaining
    return list(days.items())


def _last_day(until: dt.datetime) -> dt.date:
    """What ends with a midnight can be used on the day before."""
    return site_day(until - dt.timedelta(microseconds=1))


def tell_how_long(now: dt.datetime | None = None) -> int:
    """Tell who has points that end soon; how many members have some."""
    now = now or timezone.now()
    soon = _open().filter(expires_at__gt=now, expires_at__lte=now + TOLD_BEFORE)
    nearest = soon.annotate(member=F("account__member")).order_by(
        "member", "expires_at", "pk"
    )
    lots = list(nearest.distinct("member"))
    for lot in lots:
        tell(
            [lot.member],
            kind=Notification.Kind.POINTS_UNTIL,
            key=f"points:{site_day(now):%Y-%m}",
            target=lot,
        )
    return len(lots)


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (how many points until when, address)} of this member's lots: with one
    all that end in the weeks after it, which can be used as long as it."""
    found = {}
    mine = _open().filter(account__member=member)
    for lot in mine.filter(pk__in=numbers):
        weeks = (lot.expires_at, lot.expires_at + TOLD_BEFORE)
        soon = mine.filter(expires_at__range=weeks)
        points = soon.aggregate(all=Sum("remaining"))["all"]
        title = ngettext(
            "%(points)s point that can be used until %(date)s",
            "%(points)s points that can be used until %(date)s",
            points,
        ) % {"points": points, "date": date_format(_last_day(lot.expires_at))}
        found[lot.pk] = (title, "/points/")
    return found
