"""A transfer that an operator sees on the bank's statement."""

import datetime as dt

import pytest
from django.core import mail as outbox
from django.utils import timezone

from accounts.models import (
    AuditRecord,
    Community,
    Offer,
    Order,
    Payment,
    Refund,
    Transfer,
)
from accounts.services import community, ledger, payments, reconciliation, refunds
from tests.factories.billing import make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(client, member, settings):
    settings.PAYMENT_GATEWAYS = ["bank"]
    Community.objects.update_or_create(
        pk=1, defaults={"bank_details": "DE02 1203\nDKB"}
    )
    community.forget()
    client.force_login(member)
    client.post(f"/checkout/{make_offer().slug}/", {"gateway": "bank"})
    return Payment.objects.select_related("order").get()


def confirm(payment, operator, amount=9900):
    return payments.confirm_transfer(payment=payment, amount=amount, by=operator)


def test_the_page_says_where_to_and_what_to_write(client, payment):
    page = client.get(f"/orders/{payment.order.number}/pay/{payment.pk}/")

    text = page.content.decode()
    assert "DE02 1203" in text
    assert payment.reference in text
    assert 'http-equiv="refresh"' not in text  # nobody is led away while copying


def test_the_order_waits_two_weeks_and_leads_to_that_page(client, payment):
    page = client.get(payment.order.get_absolute_url()).content.decode()

    assert f"/orders/{payment.order.number}/pay/{payment.pk}/" in page
    assert payment.order.expires_at > timezone.now() + dt.timedelta(days=13)


def test_what_is_scarce_is_kept_for_three_days_only(client, payment):
    client.post(f"/checkout/{make_offer('few', left=1).slug}/", {"gateway": "bank"})
    scarce = Payment.objects.select_related("order").latest("pk")

    page = client.get(f"/orders/{scarce.order.number}/pay/{scarce.pk}/")

    assert "There are only a few of it" in page.content.decode()
    kept = scarce.order.expires_at - timezone.now()
    assert dt.timedelta(days=2) < kept <= dt.timedelta(days=3)


def test_money_that_has_come_opens_what_was_bought(payment, operator):
    confirm(payment, operator)
    confirm(payment, operator)

    assert Order.objects.get().state == Order.State.PAID
    assert payment.order.member.entitlements.count() == 1


def test_too_little_opens_nothing(payment, operator):
    confirm(payment, operator, amount=9000)

    assert Order.objects.get().state == Order.State.OPEN


@pytest.fixture
def desk(client, payment, operator):
    client.force_login(operator)
    return client


def come(desk, payment, amount):
    url = f"/admin/accounts/payment/{payment.pk}/confirm/"
    return desk.post(url, {"amount": amount}, follow=True)


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_another_amount_is_not_called_done(desk, payment):
    for impossible in ("0", "1e30"):
        assert come(desk, payment, impossible).status_code == 422

    response = come(desk, payment, "98.99")

    assert told(response)[0].startswith("Another amount has come")
    (difference,) = payment.differences.all()
    assert response.redirect_chain[-1][0].endswith(f"/{difference.pk}/change/")
    assert Order.objects.get().state == Order.State.OPEN
    assert not AuditRecord.objects.filter(act__contains="transfer").exists()


def test_what_was_confirmed_is_confirmed_no_more(desk, payment):
    assert told(come(desk, payment, "99.00")) == ["Done."]
    page = desk.get(f"/admin/accounts/payment/{payment.pk}/change/").content.decode()

    assert come(desk, payment, "99.00").status_code == 422
    assert f"/payment/{payment.pk}/confirm/" not in page
    assert AuditRecord.objects.filter(act="confirmed a transfer").count() == 1


def decide(desk, difference, act, note="Asked the bank"):
    url = f"/admin/accounts/difference/{difference.pk}/{act}/"
    return desk.post(url, {"note": note}, follow=True)


def test_a_transfer_that_came_short_is_taken_as_the_price(desk, payment):
    come(desk, payment, "98")
    come(desk, payment, "98.99")
    (difference,) = payment.differences.all()
    assert (difference.ours, difference.theirs) == ("99.00 CNY", "98.99 CNY")

    assert told(decide(desk, difference, "accept"))[-1] == "Done."

    assert Order.objects.get().state == Order.State.PAID
    assert ledger.house_balance(kind="gateway bank", unit="CNY") == 9899
    assert ledger.house_balance(kind="fees bank", unit="CNY") == 1
    difference.refresh_from_db()
    assert difference.note == "Asked the bank"
    record = AuditRecord.objects.get(act="accepted a transfer")
    assert (record.reason, record.facts["amount"]) == ("Asked the bank", 9899)
    assert decide(desk, difference, "send-back").status_code == 422
    assert decide(desk, difference, "resolve", "again").status_code == 422


def test_what_is_too_much_is_taken_without_a_fee(desk, payment):
    come(desk, payment, "100")

    decide(desk, payment.differences.get(), "accept")

    assert ledger.house_balance(kind="gateway bank", unit="CNY") == 9900


def test_a_transfer_that_came_short_is_sent_back(
    desk, payment, django_capture_on_commit_callbacks
):
    come(desk, payment, "98.99")
    with django_capture_on_commit_callbacks(execute=True):
        decide(desk, payment.differences.get(), "send-back")

    assert Order.objects.get().state == Order.State.OPEN
    assert ledger.house_balance(kind="gateway bank", unit="CNY") == 0
    assert Transfer.objects.count() == 2
    (mail,) = outbox.outbox
    assert "¥98.99 came from you" in mail.body

    assert told(come(desk, payment, "99.00")) == ["Done."]


def test_the_right_amount_closes_what_was_listed(desk, payment):
    come(desk, payment, "98.99")
    come(desk, payment, "99.00")

    difference = payment.differences.get()
    assert difference.resolved_at
    page = desk.get(f"/admin/accounts/difference/{difference.pk}/change/")
    assert "/send-back/" not in page.content.decode()


def test_what_buys_nothing_any_more_can_only_be_sent_back(desk, payment):
    come(desk, payment, "98.99")
    Order.objects.update(state=Order.State.EXPIRED)
    Offer.objects.update(left=0)

    refused = decide(desk, payment.differences.get(), "accept")

    assert refused.status_code == 422
    assert "send the money back" in refused.content.decode()
    assert not Transfer.objects.exists()


def test_transfers_are_looked_for_by_name_and_amount(desk, payment):
    (pile,) = [
        pile
        for pile in desk.get("/admin/").context["piles"]
        if pile.title == "Bank transfers to look for"
    ]
    (task,) = pile.tasks
    assert "99.00 CNY · Member" in task.detail
    assert f"/payment/{payment.pk}/confirm/" in desk.get(task.url).content.decode()
    assert str(payment.reference) in desk.get(pile.all_url).content.decode()
    order = desk.get(f"/admin/accounts/order/{payment.order_id}/change/")
    assert f"/payment/{payment.pk}/change/" in order.content.decode()

    for words, count in {
        "99.00": 1,
        "99": 1,
        "Member": 1,
        "98.99": 0,
        "Nobody": 0,
    }.items():
        found = desk.get("/admin/accounts/payment/", {"q": words}).context["cl"]
        assert found.result_count == count, words


def test_several_transfers_are_confirmed_together(desk, payment):
    form = {"action": "confirm_payments", "_selected_action": [payment.pk]}
    url = "/admin/accounts/payment/"
    question = desk.post(url, form).content.decode()
    assert "99.00 CNY" in question

    refused = f"{payment} · 99.00 CNY · Member: This payment waits for no transfer."
    for answer in ("Done for 1.", refused):
        response = desk.post(url, {**form, "asked": "1"}, follow=True)
        assert told(response) == [answer]

    assert Order.objects.get().state == Order.State.PAID


def test_a_refund_by_hand_is_never_on_its_way(desk, payment, operator):
    confirm(payment, operator)
    made = refunds.refund(order=payment.order)

    page = desk.get("/admin/accounts/refund/").content.decode()
    assert "To be transferred by hand" in page
    piles = {pile.title: pile for pile in desk.get("/admin/").context["piles"]}
    assert piles["Money that has not gone back yet"].tasks[0].title == str(made)


def test_a_refund_waits_until_somebody_transferred_it(
    payment, operator, django_capture_on_commit_callbacks
):
    confirm(payment, operator)
    with django_capture_on_commit_callbacks(execute=True):
        made = refunds.refund(order=payment.order)
    made.refresh_from_db()
    assert made.state == Refund.State.ASKED
    assert "say here that it is done" in made.problem

    refunds.mark_done(refund=made, note="transferred")

    Payment.objects.update(created_at=timezone.now() - dt.timedelta(hours=3))
    Refund.objects.update(done_at=timezone.now() - dt.timedelta(hours=3))
    assert reconciliation.reconcile()["differences"] == 0


def test_nobody_can_send_a_notice_in_its_name(client, payment):
    assert client.post("/payments/bank/notice/", b"{}", "text/plain").status_code == 400


def test_without_an_account_the_page_says_whom_to_ask(client, payment):
    Community.objects.update(bank_details="")
    community.forget()

    page = client.get(f"/orders/{payment.order.number}/pay/{payment.pk}/")

    assert "has not said yet which account" in page.content.decode()
