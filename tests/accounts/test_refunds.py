import datetime as dt

import pytest
import time_machine
from django.core import mail as outbox
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import gateways
from accounts.errors import AlreadyDecided, TooMuch
from accounts.gateways.base import Outcome, Said
from accounts.gateways.test import sign
from accounts.models import (
    Activity,
    Difference,
    Dispute,
    Entitlement,
    Notice,
    Order,
    Payment,
    Receipt,
    Refund,
    TestCharge,
    Verb,
)
from accounts.services import (
    gifts,
    ledger,
    mails,
    payments,
    receipts,
    reconciliation,
    refund_requests,
    refunds,
)
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer, make_plan, notice, receive, start

pytestmark = pytest.mark.django_db


def house(kind):
    return ledger.house_balance(kind=kind, unit="CNY")


def said(payment, **more):
    return Said(
        reference=payment.reference,
        outcome=Outcome.SUCCEEDED,
        amount=payment.amount,
        currency=payment.currency,
        **more,
    )


def is_open(order):
    return Entitlement.objects.in_force().filter(order=order).exists()


def is_old(payment):
    long_ago = payment.created_at - 2 * reconciliation.GIVE_IT_TIME
    Payment.objects.filter(pk=payment.pk).update(created_at=long_ago)


def test_a_part_goes_back_and_access_stays(member, operator):
    order = buy(member, make_offer())

    made = refunds.refund(order=order, amount=3000, by=operator, reason="was ill")
    refunds.send(made.pk)

    order.refresh_from_db()
    assert (order.state, is_open(order)) == (Order.State.PAID, True)
    assert (house("revenue"), house("refunds")) == (-9900, 3000)
    assert sum(TestCharge.objects.get().refunds.values()) == 3000
    made.refresh_from_db()
    assert made.state == Refund.State.DONE


def test_parts_that_make_a_whole_end_the_order(member):
    order = buy(member, make_offer())

    refunds.refund(order=order, amount=3000)
    refunds.refund(order=order)

    order.refresh_from_db()
    assert (order.state, is_open(order)) == (Order.State.REFUNDED, False)
    assert house("refunds") == 9900
    assert ledger.check() == {}


def test_never_more_goes_back_than_came(member):
    order = buy(member, make_offer())
    refunds.refund(order=order, amount=9000)

    with pytest.raises(TooMuch):
        refunds.refund(order=order, amount=901)


def test_a_gateway_that_does_not_answer_is_asked_again_and_pays_once(
    member, monkeypatch
):
    order = buy(member, make_offer())
    made = refunds.refund(order=order)

    def away(refund):
        raise payments.GatewayDown("no answer")

    gateway = payments.gateways.by_name("test")
    with monkeypatch.context() as patch:
        patch.setattr(type(gateway), "refund", staticmethod(away))
        refunds.send(made.pk)
    made.refresh_from_db()
    assert (made.state, made.problem) == (Refund.State.ASKED, "no answer")

    refunds.send_waiting()
    refunds.send_waiting()

    made.refresh_from_db()
    assert (made.state, made.problem) == (Refund.State.DONE, "")
    assert sum(TestCharge.objects.get().refunds.values()) == 9900


def test_a_refund_that_breaks_keeps_no_other_waiting(member, caplog):
    orders = [buy(member, make_offer(str(n), what=f"item:{n}")) for n in (1, 2, 3)]
    broken, *_others = [refunds.refund(order=order) for order in orders]
    TestCharge.objects.filter(reference=broken.payment.reference).delete()

    refunds.send_waiting()

    broken.refresh_from_db()
    assert broken.state == Refund.State.ASKED
    assert broken.problem.startswith("DoesNotExist: ")
    assert f"{broken} was not given back" in caplog.text
    waiting = Refund.objects.filter(state=Refund.State.ASKED)
    assert list(waiting) == [broken]


def test_what_the_gateway_gave_back_by_itself_is_booked_once(member):
    order, payment = start(member, make_offer())

    # The news of the refund comes first, then the old news of the payment.
    payments.settle(payment, said(payment, refunded=9900))
    payments.settle(payment, said(payment))
    payments.settle(payment, said(payment, refunded=9900))

    order.refresh_from_db()
    assert (order.state, is_open(order)) == (Order.State.REFUNDED, False)
    assert (house("revenue"), house("refunds")) == (-9900, 9900)
    assert Refund.objects.get().state == Refund.State.DONE


def test_a_dispute_holds_the_money_and_losing_it_closes_access(member):
    order, payment = start(member, make_offer())
    payments.settle(payment, said(payment, dispute="open"))
    assert (house("disputed"), is_open(order)) == (9900, True)

    payments.settle(payment, said(payment, dispute="lost"))
    payments.settle(payment, said(payment, dispute="lost"))

    order.refresh_from_db()
    assert (order.state, is_open(order)) == (Order.State.CHARGED_BACK, False)
    assert (house("disputed"), house("refunds"), house("gateway test")) == (0, 9900, 0)


def test_a_lost_dispute_has_its_paper_and_its_mail(
    member, django_capture_on_commit_callbacks
):
    order, payment = start(member, make_offer())
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            payments.settle(payment, said(payment, dispute="lost"))

    note = order.receipts.get(kind=Receipt.Kind.CREDIT_NOTE)
    assert (note.amount, note.dispute.payment) == (9900, payment)
    amounts = [line[7] for line in receipts.lines_of(order.receipts.all())]
    assert sorted(amounts) == ["-99.00", "99.00"]
    assert [m.subject for m in outbox.outbox].count("Your bank took back ¥99") == 1
    assert Activity.objects.filter(verb=Verb.REFUNDED).count() == 1


def test_a_dispute_about_a_part_takes_a_part(member):
    order, payment = start(member, make_offer())
    payments.settle(payment, said(payment, dispute="lost", disputed=4000))

    order.refresh_from_db()
    assert (order.state, is_open(order)) == (Order.State.PAID, True)
    assert house("refunds") == 4000

    # The gateway does not count the dispute when it says what it gave back.
    payments.settle(payment, said(payment, dispute="lost", refunded=5900))
    order.refresh_from_db()
    assert (order.state, is_open(order)) == (Order.State.REFUNDED, False)
    assert (house("refunds"), house("gateway test")) == (9900, 0)


def test_a_dispute_about_what_came_twice_leaves_the_order(member):
    order, first = start(member, make_offer())
    second = payments.begin(order, "test", Payment.Way.PHONE)
    payments.settle(first, said(first))
    payments.settle(second, said(second))

    payments.settle(second, said(second, dispute="lost"))

    order.refresh_from_db()
    assert (order.state, is_open(order)) == (Order.State.PAID, True)


def test_a_dispute_that_is_won_changes_nothing_in_the_end(member):
    order, payment = start(member, make_offer())

    payments.settle(payment, said(payment, dispute="won"))

    assert is_open(order)
    assert (house("disputed"), house("gateway test")) == (0, 9900)
    assert Dispute.objects.get().state == Dispute.State.WON


def test_another_amount_is_listed_for_a_person(member):
    _, payment = start(member, make_offer())

    for _ in range(2):
        payments.settle(
            payment, Said(payment.reference, Outcome.SUCCEEDED, 1, payment.currency)
        )

    difference = Difference.objects.get()
    assert (difference.kind, difference.ours) == ("amount", "99.00 CNY")


def test_money_that_belongs_to_nothing_is_listed(member):
    _, payment = start(member, make_offer())
    body, _ = notice(payment)
    stranger = body.replace(payment.reference.encode(), b"unknown")
    receive(stranger, sign(stranger))

    assert Difference.objects.get().kind == Difference.Kind.UNKNOWN
    assert Notice.objects.get().payment is None


def test_a_kept_notice_is_handled_after_a_crash(member, monkeypatch):
    order, payment = start(member, make_offer())

    def crash(*args, **kwargs):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(payments, "settle", crash)
        with pytest.raises(RuntimeError):
            receive(*notice(payment))
    assert Notice.objects.get().handled_at is None

    receive(*notice(payment))

    order.refresh_from_db()
    assert order.state == Order.State.PAID
    assert Notice.objects.get().handled_at


def test_a_notice_stays_as_it_came(member):
    _, payment = start(member, make_offer())
    receive(*notice(payment))

    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.update(body="{}")


def test_an_order_only_moves_along_its_ways(member):
    order = buy(member, make_offer())

    for state in ("open", "expired"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(state=state)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(amount=1, price=1)


def test_reconciliation_lists_what_the_gateway_does_not_know(member):
    _, payment = start(member, make_offer())
    receive(*notice(payment))
    TestCharge.objects.update(state="open")
    is_old(payment)

    for _ in range(2):
        counts = reconciliation.reconcile()

    assert counts == {"asked": 1, "silent": 0, "differences": 1}
    assert Difference.objects.get().kind == Difference.Kind.STATE


@pytest.mark.parametrize("days", [1, 30])
def test_a_refund_that_fails_at_the_bank_is_found_however_old_the_payment(
    member, days, django_capture_on_commit_callbacks
):
    _, payment = start(member, make_offer())
    receive(*notice(payment))
    long_ago = payment.created_at - dt.timedelta(days=400)
    Payment.objects.update(created_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        refunds.refund(order=payment.order)
    TestCharge.objects.update(refunds={})  # the bank sent it back

    now = timezone.now() + dt.timedelta(days=days)
    with time_machine.travel(now, tick=False):
        reconciliation.reconcile()

    assert Difference.objects.get().kind == Difference.Kind.REFUND


def test_one_strange_answer_holds_up_no_other(member, other_member, monkeypatch):
    for who in (member, other_member):
        is_old(start(who, make_offer(who.username))[1])

    def ask(_gateway, payment):
        if payment.order.member == member:
            raise AttributeError("no such field")
        return said(payment)

    monkeypatch.setattr(type(gateways.by_name("test")), "ask", ask)

    assert reconciliation.reconcile()["silent"] == 1
    assert Payment.objects.get(order__member=other_member).state == "succeeded"


def test_reconciliation_mends_what_nobody_told_us(member):
    order, payment = start(member, make_offer())
    notice(payment)
    is_old(payment)

    reconciliation.reconcile()

    order.refresh_from_db()
    assert order.state == Order.State.PAID


def test_receipts_are_numbered_without_a_gap(member):
    offer = make_offer()
    first = buy(member, offer)
    with transaction.atomic():
        buy(member, offer)
        transaction.set_rollback(True)
    buy(member, offer)
    refunds.refund(order=first, amount=100)
    receipts.issue(first)

    papers = Receipt.objects.order_by("number").values_list("number", "kind", "amount")
    assert list(papers) == [
        (1, "receipt", 9900),
        (2, "receipt", 9900),
        (3, "credit_note", 100),
    ]


def test_asking_for_the_money_back_is_answered_once(member, operator):
    order = buy(member, make_offer())
    asked = refund_requests.ask(order=order, words="I bought the wrong one")
    assert not refund_requests.may_ask(order)

    refund_requests.answer(request=asked, by=operator, words="Of course", amount=9900)
    with pytest.raises(AlreadyDecided):
        refund_requests.answer(request=asked, by=operator, words="No", amount=None)

    order.refresh_from_db()
    assert order.state == Order.State.REFUNDED
    mails.deliver_waiting()
    assert sum("About your order" in m.subject for m in outbox.outbox) == 1


def test_a_refunded_gift_closes_at_the_one_who_redeemed_it(member):
    order = buy(member, make_plan(), is_gift=True)
    friend = make_member("friend")
    gifts.redeem(code=order.gift.code.lower().replace("-", " "), member=friend)
    assert Entitlement.objects.in_force().get().member == friend

    refunds.refund(order=order)

    assert not Entitlement.objects.in_force().exists()
