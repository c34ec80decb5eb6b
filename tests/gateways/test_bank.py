"""A transfer that an operator sees on the bank's statement."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import AuditRecord, Community, Order, Payment, Refund
from accounts.services import community, payments, reconciliation, refunds
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
