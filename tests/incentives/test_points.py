import datetime as dt
import re

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Activity, Verb
from accounts.services import ledger
from accounts.services.activity import record_activity
from incentives.models import Award, PointRule
from incentives.services.awarding import award_for, award_recent
from incentives.services.points import MEMBER, balance
from incentives.services.statements import CAUSES, statement

pytestmark = pytest.mark.django_db


class Lesson:
    activity_kind = "lesson"

    def __init__(self, pk):
        self.pk = pk


def do(member, verb=Verb.LESSON_DONE, pk=1, **data):
    return record_activity(member=member, verb=verb, target=Lesson(pk), **data)


def test_a_lesson_pays_once_however_often_it_is_done(member):
    for _ in range(2):
        award_for(do(member))
    award_recent()

    assert balance(member) == 5
    assert Award.objects.count() == 1


def test_the_bell_pays_after_the_commit(member, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        do(member)

    assert balance(member) == 5


def test_the_sweep_pays_what_the_bell_missed_and_no_more(member):
    do(member, pk=1)
    do(member, pk=2)

    assert award_recent() == 2
    assert award_recent() == 0
    assert balance(member) == 10


def test_an_answer_that_is_no_longer_accepted_gives_its_points_back(member):
    PointRule.objects.update(wait_days=0)
    do(member, Verb.ANSWER_ACCEPTED, asker=0, by=0)
    do(member, Verb.ANSWER_UNACCEPTED, asker=0, by=0)
    award_recent()
    award_recent()
    assert balance(member) == 0

    do(member, Verb.ANSWER_ACCEPTED, asker=0, by=0)
    award_recent()
    assert balance(member) == 15
    assert ledger.check() == {}


def test_points_that_are_gone_cannot_be_taken_back(member):
    PointRule.objects.update(wait_days=0)
    award_for(do(member, Verb.ANSWER_ACCEPTED, asker=0, by=0))
    spend = [ledger.Line(MEMBER, -10, member), ledger.Line("shop", 10)]
    ledger.post(key="spend", unit="points", cause="a test", lines=spend)

    award_for(do(member, Verb.ANSWER_UNACCEPTED, asker=0, by=0))

    assert balance(member) == 0


@pytest.mark.parametrize("role", ["asker", "by"])
def test_nobody_pays_themselves(member, role):
    award_for(do(member, Verb.ANSWER_ACCEPTED, **{role: member.pk}))

    assert balance(member) == 0


def test_the_rule_in_force_at_the_time_of_the_deed_applies(member):
    old = PointRule.objects.get(verb=Verb.LESSON_DONE)
    now = timezone.now()
    PointRule.objects.filter(pk=old.pk).update(
        since=now - dt.timedelta(days=9), until=now - dt.timedelta(hours=1)
    )
    PointRule.objects.create(
        verb=Verb.LESSON_DONE,
        title="More",
        points=50,
        since=now - dt.timedelta(hours=1),
    )
    early = do(member, pk=1, at=now - dt.timedelta(hours=2))
    late = do(member, pk=2, at=now)

    assert [it.points for it in award_for(early)] == [5]
    assert [it.points for it in award_for(late)] == [50]


def test_the_statement_says_why_in_the_readers_language(member):
    award_for(do(member))

    (line,) = statement(member, language="zh-hans")

    assert (line.points, line.balance, line.reason) == (5, 5, "完成一节课")


def test_the_statement_costs_the_same_for_many_lines(
    member, django_assert_max_num_queries
):
    for pk in range(12):
        award_for(do(member, pk=pk + 1))

    with django_assert_max_num_queries(2):
        assert len(statement(member, language="en")) == 12


def test_a_deed_without_a_rule_pays_nothing(member):
    assert award_for(do(member, Verb.VIEWED)) == []
    assert Activity.objects.count() == 1


def test_every_cause_that_moves_points_is_told_in_words():
    """What is not told so stands in the statement as it is written in the ledger."""
    services = [settings.BASE_DIR / "accounts/services/held.py"]
    for app in ("content", "incentives"):
        services += (settings.BASE_DIR / app / "services").glob("*.py")
    written = r'(?:\b(?:cause|shared)(?:: str)? ?= ?|_post\(key, )"([a-z ]+)"'
    causes = {
        cause
        for path in services
        for cause in re.findall(written, path.read_text(encoding="utf-8"))
    }

    assert len(causes) > 15
    # What was earned is told by its rule.
    assert causes - set(CAUSES) == {"earned"}
