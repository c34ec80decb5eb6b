"""The days on which members have been here for whole years."""

import calendar
import datetime as dt

from django.db.models import Q, QuerySet

from accounts.models import Notification, User
from accounts.services import directory
from accounts.services.notifications import tell

AT_ONCE = 1000


def tell_anniversaries(day: dt.date) -> int:
    """Congratulate those who joined on this day of an earlier year, each once a year;
    return how many they are."""
    here = User.objects.people().filter(is_active=True, is_applicant=False)
    numbers = list(_joined_on(here, day).values_list("pk", flat=True))
    for start in range(0, len(numbers), AT_ONCE):
        tell(
            numbers[start : start + AT_ONCE],
            kind=Notification.Kind.ANNIVERSARY,
            key=f"anniversary:{day.year}",
        )
    return len(numbers)


def celebrated(day: dt.date, *, most: int) -> list[User]:
    """Who of those that agreed to be found has an anniversary on this day."""
    return list(_joined_on(directory.listed(), day)[:most])


def _joined_on(members: QuerySet[User], day: dt.date) -> QuerySet[User]:
    """Who joined on the 29th of February is not forgotten in the years between."""
    dates = Q(date_joined__month=day.month, date_joined__day=day.day)
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        dates |= Q(date_joined__month=2, date_joined__day=29)
    return members.filter(dates, date_joined__year__lt=day.year)
