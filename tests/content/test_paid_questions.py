import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.errors import NotAllowed, NotEnough
from accounts.models import AuditRecord, Notification, Order, Refund
from accounts.privacy import erase_all, export_all
from accounts.services import held, ledger, own_limits, refunds, shares
from content.errors import (
    AnswerBegun,
    NotAskedAnyMore,
    NotTaken,
    TooManyFollowUps,
)
from content.models import AskingTerms, PaidQuestion
from content.services import paid_questions, read_along
from tests.factories.accounts import make_member
from tests.factories.billing import buy, notice, receive, start
from tests.factories.paid_questions import (
    ask_for_money,
    ask_for_points,
    give_points,
    make_expert,
    write,
)

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def clock(db):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def expert(db):
    return make_expert()


def points(member):
    return ledger.balance(member, kind=held.MEMBER, unit="points")


def in_books(kind):
    return ledger.house_balance(kind=kind, unit="CNY")


def kept():
    """What is left of the money at the gateway, before its fee."""
    return in_books("gateway test") + in_books("fees test")


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


# The machine ------------------------------------------------------------------


def test_the_expert_hears_of_it_only_after_it_is_paid(member, expert):
    question = write(member, expert)
    order, payment = start(member, paid_questions.offer_for(question=question))
    question.refresh_from_db()
    assert (question.state, told(expert)) == ("waiting", [])

    receive(*notice(payment))
    receive(*notice(payment))

    question.refresh_from_db()
    assert (question.state, question.order) == ("asked", order)
    assert question.due_at - question.asked_at == 4 * DAY
    assert told(expert) == ["paid_question_asked"]


def test_what_was_paid_is_held_until_the_answer_and_shared_then(member, expert):
    question = ask_for_money(member, expert)
    assert (in_books("held"), in_books("revenue")) == (-9900, 0)
    assert shares.owed(expert, "CNY") == 0

    for _ in range(2):
        paid_questions.answer(question=question, text="Sand.")

    question.refresh_from_db()
    assert question.state == "answered"
    assert (in_books("held"), in_books("revenue")) == (0, -9900)
    assert shares.owed(expert, "CNY") == 6930
    assert told(member) == ["paid_question_answered"]
    assert ledger.check() == {}


def test_points_go_to_the_expert_with_the_answer(member, expert):
    question = ask_for_points(member, expert)
    assert (points(member), points(expert)) == (0, 0)

    paid_questions.answer(question=question, text="Sand.")

    assert points(expert) == 100
    assert ledger.check() == {}


def test_who_has_too_few_points_asks_nothing(member, expert):
    question = write(member, expert)
    give_points(member, 99)

    with pytest.raises(NotEnough):
        paid_questions.pay_with_points(question=question)

    question.refresh_from_db()
    assert (question.state, points(member), told(expert)) == ("draft", 99, [])


def decline(question):
    paid_questions.decline(question=question, reason="Not my field")


def withdraw(question):
    paid_questions.withdraw(question=question)


def let_it_be(question):
    paid_questions.advance(question.due_at)


ENDS = {"declined": decline, "withdrawn": withdraw, "expired": let_it_be}


@pytest.mark.parametrize("state", ENDS)
def test_money_comes_back_once_without_an_answer(member, expert, state):
    question = ask_for_money(member, expert)

    ENDS[state](question)
    paid_questions.advance(question.due_at + DAY)

    question.refresh_from_db()
    assert question.state == state
    assert question.given_back_at
    assert question.order.state == Order.State.REFUNDED
    assert Refund.objects.count() == 1
    assert [in_books("held"), in_books("revenue"), kept()] == [0, 0, 0]
    assert shares.owed(expert, "CNY") == 0
    assert ledger.check() == {}


@pytest.mark.parametrize("state", ENDS)
def test_points_come_back_once_without_an_answer(member, expert, state):
    question = ask_for_points(member, expert)

    ENDS[state](question)
    paid_questions.advance(question.due_at + DAY)

    question.refresh_from_db()
    assert (question.state, points(member), points(expert)) == (state, 100, 0)
    assert question.given_back_at
    assert ledger.check() == {}


@pytest.mark.parametrize("state", ENDS)
def test_what_is_over_is_not_answered(member, expert, state):
    question = ask_for_points(member, expert)
    ENDS[state](question)

    with pytest.raises(NotAskedAnyMore):
        paid_questions.answer(question=question, text="Late.")

    assert points(expert) == 0


def test_the_clock_reminds_once_and_then_ends_it(clock, member, expert):
    question = ask_for_points(member, expert)
    for _ in range(2):
        paid_questions.advance()
    assert told(expert) == ["paid_question_asked"]

    clock.shift(3 * DAY)
    assert paid_questions.advance()["reminded"] == 1
    assert paid_questions.advance()["reminded"] == 0
    clock.shift(DAY - dt.timedelta(seconds=1))
    assert paid_questions.advance()["expired"] == 0
    clock.shift(dt.timedelta(seconds=1))
    with pytest.raises(NotAskedAnyMore):
        paid_questions.answer(question=question, text="Too late.")
    assert paid_questions.advance()["expired"] == 1
    assert paid_questions.advance() == {"expired": 0, "reminded": 0, "given back": 0}

    assert told(expert)[1:] == ["paid_question_due", "paid_question_ended"]
    assert told(member) == ["paid_question_ended"]
    assert points(member) == 100


def test_one_that_fails_does_not_keep_the_others(monkeypatch, member, expert):
    broken = ask_for_points(member, expert, has=200)
    other = write(member, expert, title="Another?")
    paid_questions.pay_with_points(question=other)
    expire = paid_questions.expire

    def fails(*, question, now):
        if question.pk == broken.pk:
            raise RuntimeError("the worker was killed")
        return expire(question=question, now=now)

    monkeypatch.setattr(paid_questions, "expire", fails)
    later = timezone.now() + 5 * DAY
    assert paid_questions.advance(later)["expired"] == 1

    monkeypatch.undo()
    assert paid_questions.advance(later)["expired"] == 1
    assert points(member) == 200


def test_nobody_withdraws_while_the_expert_writes(member, expert):
    question = ask_for_points(member, expert)
    paid_questions.begin_answer(question=question, text="S")

    with pytest.raises(AnswerBegun):
        paid_questions.withdraw(question=question)

    paid_questions.answer(question=question, text="Sand.")
    assert points(expert) == 100


def test_money_that_comes_for_a_question_taken_back_goes_back(member, expert):
    question = write(member, expert)
    _, payment = start(member, paid_questions.offer_for(question=question))
    paid_questions.withdraw(question=question)

    receive(*notice(payment))

    question.refresh_from_db()
    assert (question.state, told(expert)) == ("withdrawn", [])
    assert [in_books("held"), in_books("surplus"), kept()] == [0, 0, 0]
    assert ledger.check() == {}


def test_money_that_comes_after_points_goes_back(member, expert):
    question = write(member, expert)
    _, payment = start(member, paid_questions.offer_for(question=question))
    give_points(member, 100)
    paid_questions.pay_with_points(question=question)

    receive(*notice(payment))

    question.refresh_from_db()
    assert (question.paid_points, question.order) == (100, None)
    assert kept() == 0


def test_an_operators_refund_ends_it_and_takes_the_share_back(
    member, other_member, expert, operator
):
    running = ask_for_money(member, expert)
    answered = ask_for_money(other_member, expert)
    paid_questions.answer(question=answered, text="Sand.")

    for question in (running, answered):
        refunds.refund(order=question.order, by=operator, reason="a dispute")
        question.refresh_from_db()

    assert (running.state, answered.state) == ("withdrawn", "answered")
    assert running.given_back_at
    assert answered.given_back_at
    assert in_books("held") == 0
    assert shares.owed(expert, "CNY") == 0
    assert ledger.check() == {}


def test_a_part_given_back_before_the_answer_is_not_shared(member, expert, operator):
    question = ask_for_money(member, expert)
    refunds.refund(order=question.order, by=operator, amount=900, reason="kindness")

    paid_questions.answer(question=question, text="Sand.")

    assert (in_books("held"), in_books("revenue")) == (0, -9000)
    assert shares.owed(expert, "CNY") == 6300
    assert ledger.check() == {}


def test_the_share_is_the_one_promised_when_it_was_asked(member, expert):
    question = ask_for_money(member, expert)
    expert.share_agreements.filter(offer=None).update(per_mille=100)

    paid_questions.answer(question=question, text="Sand.")

    assert shares.owed(expert, "CNY") == 6930


def test_changed_terms_are_shown_before_anything_is_paid(member, expert):
    question = write(member, expert)
    assert not paid_questions.follow_terms(question=question)
    paid_questions.offer_for(question=question)
    AskingTerms.objects.update(price=19900)

    assert paid_questions.follow_terms(question=question)

    question.refresh_from_db()
    assert question.price == 19900
    assert paid_questions.offer_for(question=question).price == 19900


def test_without_an_agreement_no_money_is_taken(member):
    expert = make_expert(share=0)
    question = write(member, expert)

    with pytest.raises(NotTaken):
        paid_questions.offer_for(question=question)


def test_the_database_refuses_what_cannot_be(member, expert):
    question = write(member, expert)
    wrong = [{"state": "asked"}, {"state": "answered"}, {"rating": 5}]
    wrong.append({"expert": member})
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            PaidQuestion.objects.filter(pk=question.pk).update(**fields)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ask", [ask_for_money, ask_for_points])
def test_of_an_answer_and_the_deadline_at_once_exactly_one_wins(ask):
    member, expert = make_member(), make_expert()
    for turn in range(4):
        question = (
            ask(member, expert, title=f"Which soil {turn}?")
            if turn == 0
            else (_another(member, expert, ask, turn))
        )
        before = points(member) + points(expert)

        with ThreadPoolExecutor(2) as pool:
            wins = [
                pool.submit(_answer, question),
                pool.submit(_expire, question, question.due_at),
            ]
        won = [it.result() for it in wins]

        question.refresh_from_db()
        assert sorted(won) == [False, True]
        assert question.state == ("answered" if won[0] else "expired")
        assert in_books("held") == 0
        if ask is ask_for_points:
            assert points(member) + points(expert) == before + 100
    assert ledger.check() == {}


def _another(member, expert, ask, turn):
    question = write(member, expert, title=f"Which soil {turn}?")
    if ask is ask_for_money:
        buy(member, paid_questions.offer_for(question=question))
    else:
        give_points(member, 100, key=f"more{turn}")
        paid_questions.pay_with_points(question=question)
    question.refresh_from_db()
    return question


def _answer(question):
    try:
        paid_questions.answer(question=question, text="Sand.")
    except NotAskedAnyMore:
        return False
    finally:
        connection.close()
    return True


def _expire(question, now):
    try:
        return paid_questions.expire(question=question, now=now)
    finally:
        connection.close()


# Afterwards -------------------------------------------------------------------


def test_a_few_words_more_come_with_an_answer(member, expert):
    question = ask_for_points(member, expert)
    with pytest.raises(NotAskedAnyMore):
        paid_questions.follow_up(question=question, author=member, text="And?")
    paid_questions.answer(question=question, text="Sand.")

    for _ in range(paid_questions.MOST_FOLLOW_UPS):
        paid_questions.follow_up(question=question, author=member, text="And?")
    with pytest.raises(TooManyFollowUps):
        paid_questions.follow_up(question=question, author=member, text="And?")
    paid_questions.follow_up(question=question, author=expert, text="So.")

    assert told(expert).count("paid_question_more") == 3
    assert told(member).count("paid_question_more") == 1


def test_reading_along_is_shared_and_a_refund_takes_it_back(
    member, other_member, expert
):
    question = ask_for_money(member, expert, is_open=True)
    paid_questions.answer(question=question, text="Sand.")
    question.refresh_from_db()
    assert not read_along.may_read(question, other_member)

    order = buy(other_member, question.reading)

    assert order.amount == 990
    assert shares.owed(member, "CNY") == 297
    assert shares.owed(expert, "CNY") == 6930 + 495
    other_member.held_keys = None
    assert read_along.may_read(question, other_member)

    refunds.refund(order=order)
    assert shares.owed(member, "CNY") == 0
    assert shares.owed(expert, "CNY") == 6930
    other_member.held_keys = None
    assert not read_along.may_read(question, other_member)
    assert ledger.check() == {}


def test_reading_along_for_points_is_paid_once(member, other_member, expert):
    question = ask_for_points(member, expert, is_open=True)
    paid_questions.answer(question=question, text="Sand.")
    with pytest.raises(NotEnough):
        read_along.read_for_points(question=question, reader=other_member)
    give_points(other_member, 30)

    for _ in range(2):
        read_along.read_for_points(question=question, reader=other_member)

    assert [points(it) for it in (other_member, member, expert)] == [20, 3, 105]
    assert read_along.may_read(question, other_member)
    assert ledger.check() == {}


def test_who_chose_to_buy_nothing_reads_nothing_for_points(
    client, member, other_member, expert
):
    question = ask_for_points(member, expert, is_open=True)
    paid_questions.answer(question=question, text="Sand.")
    give_points(other_member, 30)
    own_limits.rest(member=other_member, days=7)
    client.force_login(other_member)

    address = reverse("content:paid_question_read", args=[question.pk])
    answer = client.post(address)

    assert answer.url == reverse("accounts:own_limits")
    assert points(other_member) == 30
    assert not read_along.may_read(question, other_member)


def test_an_operator_pays_points_back_once(
    client, member, other_member, expert, operator
):
    question = ask_for_points(member, expert, is_open=True)
    paid_questions.answer(question=question, text="Sand.")
    give_points(other_member, 30)
    read_along.read_for_points(question=question, reader=other_member)
    spent = [ledger.Line(held.MEMBER, -2, member), ledger.Line(held.HOUSE, 2)]
    ledger.post(key="spent", unit=ledger.POINTS, cause="spent", lines=spent)
    reading = question.read_along.get()
    client.force_login(operator)
    asks = {"action": "refund", "_selected_action": [reading.pk]}
    assert "reason" in client.post("/admin/content/readalong/", asks).text
    for _ in range(2):
        sent = {**asks, "asked": "1", "reason": "It was empty."}
        client.post("/admin/content/readalong/", sent)

    # The asker had spent two of the three that came in: the house bears them.
    assert [points(it) for it in (other_member, member, expert)] == [30, 0, 100]
    assert not read_along.may_read(question, other_member)
    assert not read_along.refund_points(reading=reading, by=operator, reason="Again")
    assert AuditRecord.objects.filter(act__contains="reader back").count() == 1
    assert ledger.check() == {}

    read_along.read_for_points(question=question, reader=other_member)  # anew
    assert read_along.may_read(question, other_member)
    again = question.read_along.get(refunded_at=None)
    with pytest.raises(NotAllowed):
        read_along.refund_points(reading=again, by=other_member, reason="Mine")


def test_a_private_question_is_not_read_along(member, other_member, expert):
    question = ask_for_points(member, expert)
    paid_questions.answer(question=question, text="Sand.")
    give_points(other_member, 30)

    with pytest.raises(NotTaken):
        read_along.read_for_points(question=question, reader=other_member)


@pytest.mark.parametrize("goes", ["asker", "expert"])
def test_who_goes_leaves_no_points_held_and_no_words(member, expert, goes):
    question = ask_for_points(member, expert, text="Canary")
    leaving = {"asker": member, "expert": expert}[goes]
    assert "Which soil?" in str(export_all(leaving))

    erase_all(leaving)

    question.refresh_from_db()
    assert question.state == "withdrawn"
    assert (question.text == "") == (goes == "asker")
    assert ledger.house_balance(kind=held.HELD, unit="points") == 0
    assert ledger.check() == {}


# The pages --------------------------------------------------------------------


def page(client, name, *args, status=200):
    response = client.get(reverse(f"content:{name}", args=args))
    assert response.status_code == status
    return response.content.decode()


def post(client, name, *args, **data):
    return client.post(reverse(f"content:{name}", args=args), data)


def test_from_the_list_of_experts_to_a_rated_answer(client, member, expert):
    client.force_login(member)
    assert "¥99" in page(client, "experts")
    assert "everything comes back" in page(client, "paid_question_ask", "expert")

    says = {"title": "Which soil?", "text": "Mine is *wet*."}
    response = post(client, "paid_question_ask", "expert", **says)
    question = PaidQuestion.objects.get()
    assert response.url == question.get_absolute_url()
    response = post(client, "paid_question_pay", question.pk, **{"with": "money"})
    assert f"?next=%2Fpaid-questions%2F{question.pk}%2F" in response.url
    assert client.get(response.url).status_code == 200
    question.refresh_from_db()
    buy(member, question.offer)

    client.force_login(expert)
    assert "Which soil?" in page(client, "paid_questions_mine")
    assert "<em>wet</em>" in page(client, "paid_question", question.pk)
    post(client, "paid_question_answer", question.pk, text="Sa", draft="1")
    assert "Sa</textarea>" in page(client, "paid_question", question.pk)
    client.force_login(member)
    assert "Sa</textarea>" not in page(client, "paid_question", question.pk)
    client.force_login(expert)
    post(client, "paid_question_answer", question.pk, text="Sand.")

    client.force_login(member)
    assert "Sand." in page(client, "paid_question", question.pk)
    post(client, "paid_question_rate", question.pk, stars="4", words="Helped")
    post(client, "paid_question_more", question.pk, text="How much?")
    shown = page(client, "paid_question", question.pk)
    assert "How much?" in shown
    assert "Helped" in shown


def test_too_few_points_are_said_beside_the_button(client, member, expert):
    question = write(member, expert)
    client.force_login(member)

    response = post(client, "paid_question_pay", question.pk, **{"with": "points"})

    assert response.status_code == 422
    assert "You do not have that many points." in response.content.decode()


def test_a_late_answer_is_not_lost(client, clock, member, expert):
    question = ask_for_points(member, expert)
    clock.shift(5 * DAY)
    client.force_login(expert)

    response = post(client, "paid_question_answer", question.pk, text="Much sand.")

    assert response.status_code == 422
    assert "Much sand." in response.content.decode()


def test_the_offer_is_for_the_asker_alone(client, member, other_member, expert):
    question = write(member, expert)
    offer = paid_questions.offer_for(question=question)
    client.force_login(other_member)

    assert client.get(offer.get_absolute_url()).status_code == 404


def test_who_reads_along_does_not_learn_who_asked(client, member, other_member, expert):
    question = ask_for_points(member, expert, is_open=True, text="Mine is secret.")
    paid_questions.answer(question=question, text="Hidden sand.")
    paid_questions.follow_up(question=question, author=member, text="And then?")
    give_points(other_member, 30)
    client.force_login(other_member)
    door = page(client, "paid_question", question.pk)
    assert "secret" not in door
    assert "Hidden sand" not in door

    post(client, "paid_question_read", question.pk)

    shown = page(client, "paid_question", question.pk)
    assert "Hidden sand" in shown
    assert "And then?" in shown
    assert str(member) not in shown.replace("members", "")


def test_a_double_click_writes_one_question(client, member, expert):
    client.force_login(member)
    key = "4dbfba2a-5a5f-4f3c-8b61-3f9f6ffed7b8"
    says = {"title": "Which?", "text": "Wet.", "form_key": key}

    for _ in range(2):
        post(client, "paid_question_ask", "expert", **says)

    assert PaidQuestion.objects.count() == 1


def test_an_expert_names_prices(client, expert):
    client.force_login(expert)
    says = {"is_open": "on", "currency": "CNY", "days": "2", "price": "199.50"}

    post(client, "asking_terms", **says)

    terms = AskingTerms.objects.get()
    assert (terms.price, terms.points, terms.days) == (19950, None, 2)
    refused = post(client, "asking_terms", **says | {"price": ""})
    assert refused.status_code == 422


def test_declining_asks_first(client, member, expert):
    question = ask_for_points(member, expert)
    client.force_login(expert)

    asked = post(client, "paid_question_decline", question.pk, reason="No time")
    question.refresh_from_db()
    assert (asked.status_code, question.state) == (200, "asked")

    post(client, "paid_question_decline", question.pk, reason="No time", sure="1")
    question.refresh_from_db()
    assert (question.state, question.reason) == ("declined", "No time")


def test_news_leads_only_to_what_may_be_seen(member, other_member, expert):
    question = ask_for_points(member, expert)
    draft = write(member, expert, title="Later?")
    numbers = [question.pk, draft.pk]

    assert set(paid_questions.shown_to(member, numbers)) == set(numbers)
    assert set(paid_questions.shown_to(expert, numbers)) == {question.pk}
    assert paid_questions.shown_to(other_member, numbers) == {}
    assert Notification.objects.filter(member=expert).count() == 1
