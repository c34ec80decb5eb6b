import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Activity, Space, User, Verb
from accounts.signals import activity_recorded

MONTHS_AHEAD = 3


def record_activity(
    *,
    member: User,
    verb: Verb,
    target: Any = None,
    space: Space | int | None = None,
    count: int = 1,
    at: dt.datetime | None = None,
    **data: int,
) -> Activity:
    """Write one line to the activity log, in the transaction of the change itself.

    `target` is what it was done to: its `activity_kind` and primary key are kept.
    `space` is where, as a row or its number.
    After commit the bell `activity_recorded` rings; whoever misses it finds the
    row in the nightly sweep.
    """
    activity = Activity.objects.create(
        member=member,
        verb=verb,
        space_id=space.pk if isinstance(space, Space) else space,
        object_kind=getattr(target, "activity_kind", ""),
        object_id=target.pk if target is not None else None,
        count=count,
        at=at or timezone.now(),
        data=data,
    )
    transaction.on_commit(
        lambda: activity_recorded.send_robust(
            Activity, activity_id=activity.pk, at=activity.at, verb=activity.verb
        )
    )
    return activity


def ensure_partitions(first: dt.date, last: dt.date) -> int:
    """Make the log's monthly partitions from `first` to `last`; return how many.

    Safe to repeat and to run at the same time as writes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_activity_partitions(%s, %s)", [first, last])
        return cursor.fetchone()[0]


def ensure_coming_partitions() -> int:
    today = timezone.now().date()
    return ensure_partitions(today, today + dt.timedelta(days=31 * MONTHS_AHEAD))
