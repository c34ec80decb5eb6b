"""What a ladder of levels counts, for many members at once or for one."""

import datetime as dt
from collections.abc import Collection

from django.db.models import QuerySet, Sum

from community.lib.dates import site_day
from incentives.models import Award, Ladder, Tally
from incentives.models.levels import POINTS


def values_of(
    ladder: Ladder, at: dt.datetime, members: Collection[int] | None = None
) -> dict[int, int]:
    """{member: count}; who has nothing is not in it. All members, or only these."""
    rows, what = _of_points(ladder, at) if ladder.measure == POINTS else _of(ladder, at)
    if members is not None:
        rows = rows.filter(member__in=members)
    counted = rows.values_list("member").annotate(total=Sum(what))
    return {member: total for member, total in counted if total > 0}


def _of_points(ladder: Ladder, at: dt.datetime) -> tuple[QuerySet, str]:
    """Points earned that stand, whatever became of them: spending costs no level."""
    earned = Award.objects.filter(undone_at=None, awarded_at__lte=at).order_by()
    if ladder.days:
        earned = earned.filter(awarded_at__gt=at - dt.timedelta(days=ladder.days))
    return earned, "points"


def _of(ladder: Ladder, at: dt.datetime) -> tuple[QuerySet, str]:
    done = Tally.objects.filter(verb=ladder.measure, day__lte=site_day(at)).order_by()
    if ladder.days:
        done = done.filter(day__gt=site_day(at) - dt.timedelta(days=ladder.days))
    return done, "number"
