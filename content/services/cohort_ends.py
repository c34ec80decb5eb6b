"""The end of a cohort: its learners are told, and asked how it was."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib.dates import site_day
from content.models import Cohort, Survey
from content.services import surveys

# An end that was missed for longer is no news.
LATE = dt.timedelta(days=14)


def close_due() -> int:
    """Those that ended yesterday, or in the days that were missed; how many."""
    today = site_day()
    over = Cohort.objects.filter(
        closed_at=None, ends_on__lt=today, ends_on__gte=today - LATE
    )
    numbers = list(over.order_by("pk").values_list("pk", flat=True))
    return sum(_close(number) for number in numbers)


@transaction.atomic
def _close(number: int) -> bool:
    """In one transaction with its news: killed, nothing of it was said."""
    members = User.objects.filter(enrolments__cohort=number)
    hold_members(*members.values_list("pk", flat=True))
    open_ones = Cohort.objects.select_for_update(skip_locked=True, of=("self",))
    cohort = open_ones.filter(pk=number, closed_at=None, ends_on__lt=site_day()).first()
    if cohort is None:
        return False
    cohort.closed_at = timezone.now()
    cohort.save(update_fields=["closed_at"])
    tell(
        members.values_list("pk", flat=True),
        kind=Notification.Kind.COHORT_OVER,
        key=f"cohort-over:{number}:{cohort.ends_on.isoformat()}",
        target=cohort,
    )
    learnt = members.filter(
        lesson_progress__lesson__section__item=cohort.course_id,
        lesson_progress__done_at__isnull=False,
    )
    surveys.ask_each(
        occasion=Survey.Occasion.COHORT, members=learnt.distinct(), target=cohort
    )
    return True
