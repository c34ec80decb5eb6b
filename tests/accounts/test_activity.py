import datetime as dt

import pytest
from django.db import connection

from accounts.models import Activity, Verb
from accounts.services.activity import ensure_partitions, record_activity
from accounts.signals import activity_recorded


def test_the_bell_rings_after_commit_only(member, django_capture_on_commit_callbacks):
    heard = []

    def listen(sender, activity_id, **kwargs):
        heard.append(activity_id)

    activity_recorded.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            activity = record_activity(member=member, verb=Verb.VISITED)
            assert heard == []
    finally:
        activity_recorded.disconnect(listen)

    assert heard == [activity.pk]


@pytest.mark.django_db
def test_partitions_are_made_once_and_cover_the_whole_range():
    first, last = dt.date(2001, 11, 15), dt.date(2002, 1, 3)

    assert ensure_partitions(first, last) == 3
    assert ensure_partitions(first, last) == 0


def test_a_row_lands_in_the_partition_of_its_month(member):
    ensure_partitions(dt.date(2003, 5, 1), dt.date(2003, 5, 2))
    at = dt.datetime(2003, 5, 31, 23, 59, tzinfo=dt.UTC)

    record_activity(member=member, verb=Verb.VISITED, at=at)

    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM accounts_activity")
        assert cursor.fetchone()[0] == "accounts_activity_2003_05"
    assert Activity.objects.get(at=at).member == member
