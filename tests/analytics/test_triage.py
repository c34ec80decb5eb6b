import datetime as dt

import pytest
from django.utils import timezone

from accounts.services import joining
from analytics.models import TriageRun
from analytics.services.triage import learn, mark_new_posts
from community.lib.dates import site_day
from content.models import Case, Decision, PostReport
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic

pytestmark = pytest.mark.django_db
Act = Decision.Act
TODAY = site_day()


@pytest.fixture
def topic():
    return make_topic(make_member("author"), space=make_space())


def decide(topic, number, *, undone=False):
    """So many decisions on held replies, every third of them an advertisement."""
    judge = make_member("judge", roles=["operator"])
    begun = timezone.now() - dt.timedelta(days=2)
    for turn in range(number):
        bad = turn % 3 == 0
        said = "Buy cheap pills now, add my number" if bad else "A note on the lesson"
        case = Case.objects.create(
            what=Case.What.REPLY,
            author=topic.author,
            topic=topic,
            arguments={"body": f"{said} {turn}"},
            closed_at=begun,
            outcome=Case.Outcome.REJECTED if bad else Case.Outcome.ACCEPTED,
        )
        Decision.objects.create(
            case=case,
            act=Act.REJECT if bad else Act.ACCEPT,
            by=judge,
            at=begun + dt.timedelta(seconds=turn),
            undone_at=timezone.now() if undone else None,
        )


def test_it_learns_marks_once_and_hides_nothing(topic, member):
    decide(topic, 150)
    assert learn(TODAY)["verdict"] == "useful"
    run = TriageRun.objects.get()
    assert run.numbers["texts"] == 38
    assert run.numbers["precision"][0] > run.numbers["refused"] / run.numbers["texts"]

    joining.admit(member=member)
    bad = make_post(topic, member, body="Buy cheap pills, add my number")
    make_post(topic, member, body="A note on what the lesson says")
    helper = make_member("helper", roles=["mentor"])
    make_post(topic, helper, body="Buy cheap pills, add my number")
    assert mark_new_posts() == 1
    assert mark_new_posts() == 0
    report = PostReport.objects.get()
    assert (report.post, report.member, report.reason) == (bad, None, "learned")
    bad.refresh_from_db()
    assert bad.hidden_at is None

    # Decided about and still new: it does not come back.
    Case.objects.filter(post=bad).update(closed_at=timezone.now(), outcome="dismissed")
    assert mark_new_posts() == 0


def test_with_few_decisions_it_marks_nothing(topic, member):
    decide(topic, 40)
    assert learn(TODAY)["verdict"] == "too_little"
    make_post(topic, member, body="Buy cheap pills, add my number")
    assert mark_new_posts() == 0


def test_undone_decisions_teach_nothing(topic):
    decide(topic, 150, undone=True)
    assert learn(TODAY) == {"decisions": 0, "verdict": "too_little"}


def test_the_newest_lesson_is_the_one_that_counts(topic, member):
    decide(topic, 150)
    learn(TODAY)
    TriageRun.objects.create(as_of=TODAY + dt.timedelta(days=1), verdict="nothing")
    make_post(topic, member, body="Buy cheap pills, add my number")
    assert mark_new_posts() == 0


def test_the_desk_reads_how_good_it_is(topic, admin_client):
    decide(topic, 150)
    learn(TODAY)
    page = admin_client.get("/admin/analytics/triagerun/").content.decode()
    assert "100%" in page
    assert "32%" in page  # of the held-out decisions were refused
    run = TriageRun.objects.get()
    page = admin_client.get(f"/admin/analytics/triagerun/{run.pk}/change/")
    assert "hides nothing" in page.content.decode()
