"""Asking a quiet learner how it goes: by one tap, and not again for a week."""

import datetime as dt

from django.db import transaction

from accounts.models import Notification, User
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib.dates import site_day
from content.models import Cohort, Nudge

REST = dt.timedelta(days=7)


@transaction.atomic
def nudge(*, cohort: Cohort, member: User, by: User) -> bool:
    """Whether they were asked: not if somebody did in the last seven days, whichever
    cohort it was in, and not once they have finished."""
    hold_members(member.pk)
    learns = cohort.learners.filter(member=member, done_at=None)
    day = site_day()
    rested = Nudge.objects.filter(member=member, rests_until__gt=day)
    if not learns.exists() or rested.exists():
        return False
    made = Nudge.objects.create(
        cohort=cohort, member=member, by=by, day=day, rests_until=day + REST
    )
    tell(
        [member.pk],
        kind=Notification.Kind.COHORT_NUDGE,
        key=f"nudge:{made.pk}",
        target=cohort,
        actor=by,
    )
    return True


def asked_lately(members: list[int]) -> dict[int, dt.datetime]:
    """Who rests, and since when."""
    rows = Nudge.objects.filter(member__in=members, rests_until__gt=site_day())
    return dict(rows.order_by().values_list("member_id", "at"))
