import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import NotEnough
from accounts.models import Activity, Verb
from accounts.privacy import export_all
from accounts.services import held, ledger
from content.services import discussions
from incentives.models import Bounty
from incentives.services import bounties
from incentives.services.points import balance
from incentives.services.statements import statement
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic
from tests.factories.paid_questions import give_points

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def question(member):
    give_points(member, 50)
    return make_topic(member, kind="question", space=make_space(access="public"))


@pytest.fixture
def answer(question, other_member):
    return make_post(question, other_member)


@pytest.fixture
def bounty(question, member):
    return bounties.put_up(member=member, topic=question.pk, points=40)


def waiting():
    return ledger.house_balance(kind=held.HELD, unit="points")


def latest(verb):
    return Activity.objects.filter(verb=verb).order_by("-at").first()


def soon(days=4):
    return timezone.now() + days * DAY


def test_points_are_held_at_once(member, bounty):
    assert (balance(member), waiting()) == (10, 40)
    with pytest.raises(NotEnough):
        bounties.put_up(member=member, topic=bounty.topic, points=11)
    assert Bounty.objects.count() == 1


def test_the_answer_that_the_asker_accepts_wins_it_once(
    member, other_member, bounty, answer
):
    discussions.accept_answer(post=answer, by=member)
    for _ in range(2):
        bounties.hear_recent()

    assert bounties.settle()["bounties paid"] == 0
    assert bounties.settle(soon())["bounties paid"] == 1
    assert bounties.settle(soon())["bounties paid"] == 0

    assert (balance(other_member), balance(member), waiting()) == (40, 10, 0)
    kinds = {it.kind for it in other_member.notifications.all()}
    assert kinds == {"bounty_won", "answer_accepted"}
    assert ledger.check() == {}


def test_the_bell_is_heard(member, bounty, answer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        discussions.accept_answer(post=answer, by=member)

    bounty.refresh_from_db()
    assert bounty.state == "won"


def test_without_an_accepted_answer_it_comes_back(member, bounty):
    assert bounties.settle(soon(29))["bounties given back"] == 0
    assert bounties.settle(soon(31))["bounties given back"] == 1
    assert bounties.settle(soon(31))["bounties given back"] == 0

    assert (balance(member), waiting()) == (50, 0)
    assert ledger.check() == {}


def test_an_acceptance_taken_back_in_time_pays_nobody(
    member, other_member, bounty, answer
):
    discussions.accept_answer(post=answer, by=member)
    bounties.hear_recent()
    discussions.unaccept_answer(post=answer, by=member)
    for _ in range(2):  # the sweep hears of the acceptance again
        bounties.hear_recent()

    bounties.settle(soon())

    bounty.refresh_from_db()
    assert (bounty.state, bounty.winner, balance(other_member)) == ("held", None, 0)


def test_deeds_heard_in_the_wrong_order_end_the_same(member, bounty, answer):
    discussions.accept_answer(post=answer, by=member)
    discussions.unaccept_answer(post=answer, by=member)

    bounties.hear(latest(Verb.ANSWER_UNCHOSEN))
    bounties.hear(latest(Verb.ANSWER_CHOSEN))

    bounty.refresh_from_db()
    assert bounty.state == "held"


def test_once_paid_it_stays_paid(member, other_member, bounty, answer):
    discussions.accept_answer(post=answer, by=member)
    bounties.hear_recent()
    bounties.settle(soon())

    discussions.unaccept_answer(post=answer, by=member)
    bounties.hear_recent()
    bounties.settle(soon(40))

    assert balance(other_member) == 40


def test_another_answer_accepted_in_its_place_wins(member, bounty, answer):
    better = make_post(answer.topic, make_member("better"))
    discussions.accept_answer(post=answer, by=member)
    discussions.unaccept_answer(post=answer, by=member)
    discussions.accept_answer(post=better, by=member)
    bounties.hear_recent()

    bounties.settle(soon())

    assert balance(better.author) == 40


def test_a_guides_mark_gives_nobodys_points_away(bounty, answer, operator):
    discussions.accept_answer(post=answer, by=operator)
    bounties.hear_recent()

    bounty.refresh_from_db()
    assert bounty.state == "held"


def test_nobody_wins_with_an_answer_of_their_own(member, bounty, question):
    own = make_post(question, member)
    discussions.accept_answer(post=own, by=member)
    bounties.hear_recent()

    bounty.refresh_from_db()
    assert bounty.state == "held"


def test_who_adds_to_a_bounty_and_answers_wins_only_the_others_part(
    member, other_member, bounty, answer
):
    give_points(other_member, 20)
    own = bounties.put_up(member=other_member, topic=bounty.topic, points=20)
    discussions.accept_answer(post=answer, by=member)
    bounties.hear_recent()

    bounties.settle(soon())
    bounties.settle(soon(31))

    own.refresh_from_db()
    assert own.state == "returned"
    assert balance(other_member) == 60
    assert ledger.check() == {}


def test_what_is_put_up_after_the_acceptance_is_not_won_by_it(member, bounty, answer):
    discussions.accept_answer(post=answer, by=member)
    late = bounties.put_up(member=member, topic=bounty.topic, points=10)
    bounties.hear_recent()

    late.refresh_from_db()
    assert late.state == "held"


def test_the_database_refuses_what_cannot_be(member, bounty):
    for fields in (
        {"state": "won"},
        {"state": "paid"},
        {"points": 1},
        {"settled_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Bounty.objects.filter(pk=bounty.pk).update(**fields)


def test_the_statement_says_why(member, bounty):
    (line, *_) = statement(member, language="en")

    assert (line.points, line.reason) == (-40, "Put up for an answer")
    assert "bounties" in export_all(member)["incentives"]


def test_news_leads_only_to_what_may_be_seen(member, other_member, bounty, question):
    assert list(bounties.shown_to(other_member, [bounty.pk])) == [bounty.pk]

    discussions.hide_topic(topic=question, reason="spam")

    assert bounties.shown_to(other_member, [bounty.pk]) == {}


def test_from_the_question_to_a_bounty(client, member, question):
    client.force_login(member)
    address = f"/topics/{question.pk}/bounty/"
    assert address in client.get(question.get_absolute_url()).content.decode()
    assert "You have 50 points." in client.get(address).content.decode()

    refused = client.post(f"{address}add/", {"points": "51"})
    assert refused.status_code == 422
    assert "You do not have that many points." in refused.content.decode()
    key = "4dbfba2a-5a5f-4f3c-8b61-3f9f6ffed7b8"
    for _ in range(2):
        client.post(f"{address}add/", {"points": "30", "form_key": key})

    assert balance(member) == 20
    line = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "Bounty: 30 points" in line


def test_an_answered_question_takes_no_more(client, member, question, answer):
    discussions.accept_answer(post=answer, by=member)
    client.force_login(member)

    client.post(f"/topics/{question.pk}/bounty/add/", {"points": "30"})

    assert balance(member) == 50
