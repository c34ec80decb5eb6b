import csv

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import Count, F
from django.test import Client
from django.utils import timezone

from accounts.models import (
    Activity,
    Appeal,
    Application,
    Conversation,
    Dispute,
    Entitlement,
    Order,
    Payment,
    Refund,
    User,
    Verb,
)
from accounts.services import audit, ledger, payments, refunds
from community.demo import media
from community.sidebar import GROUPS
from content.models import (
    Asked,
    Enrolment,
    Feedback,
    Item,
    Lesson,
    LessonProgress,
    PaidQuestion,
    Poll,
    Post,
    PostReport,
    Suggestion,
    Topic,
    TopicHeat,
)
from content.services import desk
from incentives.models import Award, Bounty, HoldOut
from incentives.services.awarding import award_recent
from incentives.services.points import MEMBER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR_DIR = settings.MEDIA_ROOT = tmp_path
    return tmp_path


def fill(**options):
    call_command("demo", members=60, no_night=True, **options)


def test_the_rows_of_a_demo_agree_with_each_other(var):
    fill()

    assert ledger.check() == {}
    assert User.objects.count() == 63
    paid = Order.objects.filter(state="paid")
    assert Entitlement.objects.filter(order__in=paid).count() == paid.count() - 1 > 0
    assert paid.get(entitlements=None).gift.redeemed_at is None
    topics = Topic.objects.annotate(posts_there=Count("posts"))
    assert topics.exists()
    assert not topics.exclude(last_number=F("posts_there")).exists()
    posts = Post.objects.annotate(likes_there=Count("likes"))
    assert not posts.exclude(like_count=F("likes_there")).exists()
    done = LessonProgress.objects.filter(done_at__isnull=False).count()
    assert done == Activity.objects.filter(verb=Verb.LESSON_DONE).count()
    finished = Enrolment.objects.filter(done_at__isnull=False).first()
    total = Lesson.objects.filter(section__item=finished.item).count()
    mine = finished.member.lesson_progress.filter(
        lesson__section__item=finished.item, done_at__isnull=False
    )
    assert mine.count() == total


def test_the_desk_of_a_demo_has_something_on_it(var):
    fill()
    waiting = {item.kind for item in desk.queue()}
    assert waiting == {Item.Kind.ARTICLE, Item.Kind.CASE}
    assert any(item.is_scheduled for item in Item.objects.filter(state="live"))
    assert desk.ageing(only_due=True)


def test_the_demo_has_drafted_a_campaign_that_can_be_looked_at(client):
    fill()
    client.force_login(User.objects.get(username="operator"))

    trial = HoldOut.objects.get()

    for page in (
        f"incentives/campaign/{trial.campaign_id}",
        f"analytics/trial/{trial.pk}",
    ):
        assert client.get(f"/admin/{page}/change/").status_code == 200


def test_every_page_about_money_in_a_demo_has_something_on_it():
    fill()
    looked_at = {label for label, _icon in GROUPS["Money"]} | {
        *("accounts.application", "accounts.personalreading"),
    }

    models = [apps.get_model(label) for label in looked_at]
    empty = {it for it in models if not it._meta.proxy and not it.objects.exists()}

    assert empty == set()
    assert ledger.check() == {}
    assert set(Dispute.objects.values_list("state", flat=True)) == {
        *("open", "won", "lost")
    }
    states = set(Application.objects.values_list("state", flat=True))
    assert states == {"waiting", "accepted", "queued", "declined"}
    assert audit.verify() == ""


def test_a_demo_too_small_for_stories_tells_none():
    call_command("demo", members=3, no_night=True)
    assert not Application.objects.exists()
    assert ledger.check() == {}


def test_what_the_demo_sold_can_be_given_back():
    fill()
    sold = Payment.objects.filter(order__state="paid", refunded=0, dispute=None)
    payment = sold.select_related("order").order_by("pk")[0]

    made = refunds.refund(order=payment.order)
    refunds.send_waiting()

    made.refresh_from_db()
    assert (made.state, made.problem) == (Refund.State.DONE, "")
    assert payments.ask_about(payment).fee == payment.fee > 0
    assert ledger.check() == {}


def test_the_sweep_finds_nothing_left_to_pay():
    fill()
    awarded = sum(Award.objects.values_list("points", flat=True))

    assert -ledger.house_balance(kind="points issued", unit="points") == awarded
    assert award_recent() == 0
    assert ledger.house_balance(kind=MEMBER, unit="points") == 0


def test_the_truth_names_every_simulated_member(var):
    fill(truth=var / "truth.csv")

    rows = list(csv.DictReader((var / "truth.csv").read_text().splitlines()))
    assert len(rows) == 60
    assert {row["responds_to"] for row in rows} == {"nothing", "lessons", "talk"}


def test_the_printed_logins_sign_in(var, client):
    fill()

    text = (var / "demo-logins.txt").read_text()
    password = text.rsplit("password: ", 1)[1].strip()
    for line in text.splitlines()[1:-1]:
        form = {"login": line.split()[0], "password": password}
        answer = Client().post("/accounts/login/", form)
        assert answer.status_code == 302, line


def test_a_site_with_members_is_left_alone(member):
    with pytest.raises(CommandError, match="empty site"):
        fill()


def test_the_recordings_are_what_players_expect():
    assert media.bell()[:4] == b"RIFF"
    video = media.slides(seconds=11)
    assert video[:4] == bytes.fromhex("1A45DFA3")
    assert video.count(bytes.fromhex("1F43B675")) == 3


def test_the_members_of_a_demo_have_done_something_with_each_other():
    call_command("demo", members=90, no_night=True)

    polls = list(Poll.objects.all())
    assert {poll.kind for poll in polls} == {"single", "multiple", "ranked"}
    assert all(poll.voters == poll.ballots.count() > 0 for poll in polls)
    assert [poll.is_over for poll in polls].count(True) == 1
    secret = Poll.objects.get(is_anonymous=True)
    assert not secret.ballots.exclude(chosen=[]).exists()

    asked = Asked.objects.filter(answered_at__isnull=False)
    kinds = set(asked.values_list("survey__kind", flat=True))
    assert kinds == {"csat", "nps", "satisfaction"}
    assert Asked.objects.filter(probability__gt=0, probability__lte=1).exists()

    assert TopicHeat.objects.exclude(proposal="none").exists()
    assert PostReport.objects.filter(member__isnull=False).count() == 2
    assert Appeal.objects.filter(decided_at=None).count() == 2
    assert Feedback.objects.filter(due_at__lt=timezone.now(), state="new").exists()
    assert Suggestion.objects.filter(state="held").exists()
    assert Conversation.objects.exists()
    assert Bounty.objects.exists()
    states = set(PaidQuestion.objects.values_list("state", flat=True))
    assert states == {"asked", "answered"}
    assert not Post.objects.filter(created_at__gt=timezone.now()).exists()
    assert ledger.check() == {}
    assert audit.verify() == ""
