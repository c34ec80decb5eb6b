import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.services import retention
from accounts.services.notifications import tell

pytestmark = pytest.mark.django_db
KIND = Notification.Kind.REPLIED


def test_each_is_told_once_for_a_key_and_who_did_it_is_not(member, other_member):
    people = [member.pk, other_member.pk]
    for _ in range(2):
        tell(people, kind=KIND, key="post:1", actor=other_member)

    assert [news.member for news in Notification.objects.all()] == [member]


def test_many_are_told_by_one_statement(
    member, other_member, django_assert_num_queries
):
    with django_assert_num_queries(1):
        tell([member.pk, other_member.pk], kind=KIND, key="post:1")


def test_what_was_read_goes_after_a_season_and_what_was_not_after_a_year(
    member, monkeypatch
):
    monkeypatch.setattr(retention, "PART", 1)  # several rounds
    now, day = timezone.now(), dt.timedelta(days=1)
    ages = {  # key: told, read, to be mailed; so many days ago
        "read long ago": (100, 91, None),
        "unread for long": (366, None, None),
        "read lately": (364, 89, None),
        "unread": (364, None, None),
        "still to be mailed": (400, None, 1),
    }
    for key, (told, read, mailed) in ages.items():
        Notification.objects.create(
            member=member,
            kind=KIND,
            key=key,
            created_at=now - told * day,
            read_at=read and now - read * day,
            mail_at=mailed and now - mailed * day,
        )

    assert retention.enforce()["notifications"] == 2
    left = set(Notification.objects.values_list("key", flat=True))
    assert left == {"read lately", "unread", "still to be mailed"}
    assert retention.enforce()["notifications"] == 0
