import pytest

from accounts.models import Notification
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
