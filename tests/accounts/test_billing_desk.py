"""What an operator does with money in the admin."""

import csv
import datetime as dt
import re
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import (
    AuditRecord,
    Campaign,
    Channel,
    Difference,
    Dispute,
    LedgerAccount,
    Notice,
    Order,
    Payment,
    Payout,
    Receipt,
    Refund,
    RefundRequest,
    ShareAgreement,
    Subscription,
)
from accounts.services import (
    differences,
    disputes,
    ledger,
    refund_requests,
    refunds,
    shares,
)
from community.lib.money import shown as as_money
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def page(row, act="change"):
    meta = row._meta
    return f"/admin/{meta.app_label}/{meta.model_name}/{row.pk}/{act}/"


def test_a_part_is_given_back_with_a_reason(desk, member):
    order = buy(member, make_offer())
    url = f"/admin/accounts/order/{order.pk}/refund/"
    assert "99.00" in desk.get(url).content.decode()

    refused = desk.post(url, {"amount": "99.01", "reason": "ill"})
    assert refused.status_code == 422
    assert "more than is left" in refused.content.decode()
    desk.post(url, {"amount": "40.5", "reason": "ill"})

    made = Refund.objects.get()
    assert (made.amount, made.reason, made.by.username) == (4050, "ill", "operator")


def test_a_request_is_answered_with_and_without_money(desk, member):
    orders = [buy(member, make_offer(str(n), what=f"item:{n}")) for n in (1, 2)]
    asked = [refund_requests.ask(order=order, words="please") for order in orders]

    for row, amount in zip(asked, ("99", ""), strict=True):
        url = f"/admin/accounts/refundrequest/{row.pk}/answer/"
        desk.post(url, {"words": "Well", "amount": amount})

    states = Order.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["refunded", "paid"]
    assert not RefundRequest.objects.filter(answered_at=None).exists()


def test_a_difference_is_resolved_with_a_note(desk, member):
    order = buy(member, make_offer())
    differences.found("state", order.payments.get(), ours="1", theirs="2")
    row = Difference.objects.get()
    assert str(row) in desk.get("/admin/").content.decode()

    desk.post(f"/admin/accounts/difference/{row.pk}/resolve/", {"note": "a mistake"})

    row.refresh_from_db()
    assert (row.note, row.resolved_by.username) == ("a mistake", "operator")


def test_a_creator_is_paid_out_what_is_owed(desk, member):
    author = make_member("author")
    ShareAgreement.objects.create(creator=author, per_mille=500, starts_on="2020-01-01")
    buy(member, make_offer(creator=author))
    account = LedgerAccount.objects.get(kind="payable")
    url = f"/admin/accounts/creatoraccount/{account.pk}/pay-out/"

    for wrong in ("49.51", "0", "0.001", "-1"):
        assert desk.post(url, {"amount": wrong}).status_code == 422
    desk.post(url, {"amount": "49.50", "note": "T-1"})

    assert shares.owed(author, "CNY") == 0
    assert Payout.objects.get().by.username == "operator"
    left = desk.post(url, {"amount": "1"}, follow=True)
    assert "Nothing is owed." in left.content.decode()
    assert Payout.objects.count() == 1


def test_the_books_are_taken_along(desk, member, operator, settings):
    order = buy(member, make_offer(title="=1+1"))
    refunds.refund(order=order, amount=550)
    # In Shanghai it is the first of December by then.
    late = dt.datetime(2026, 11, 30, 17, tzinfo=dt.UTC)
    Receipt.objects.update(issued_at=late)
    settings.TIME_ZONE = "Asia/Shanghai"
    operator.time_zone = "Europe/Berlin"
    operator.save()

    response = desk.post(
        "/admin/accounts/receipt/",
        {
            "action": "export",
            "_selected_action": [it.pk for it in Receipt.objects.all()],
        },
    )

    text = b"".join(response).decode("utf-8-sig")
    header, receipt, note = csv.reader(text.splitlines())
    number = str(Receipt.objects.get(kind="receipt"))
    payment = order.payments.get()
    what = [order.number, "'=1+1", "Member (@member)"]
    paid = ["CNY", "test", payment.gateway_reference]
    assert receipt == [
        *(number, "Receipt", "", "2026-12-01", *what, "99.00", *paid, "0.59")
    ]
    assert note[1:] == [
        *("Credit note", number, "2026-12-01", *what, "-5.50", *paid, "0.00")
    ]
    assert len(header) == len(receipt)


def test_a_creators_account_tells_what_it_consists_of(desk, member):
    author = make_member("author")
    ShareAgreement.objects.create(creator=author, per_mille=550, starts_on="2020-01-01")
    buy(member, make_offer(creator=author))
    account = LedgerAccount.objects.get(kind="payable")
    url = f"/admin/accounts/creatoraccount/{account.pk}/"
    piles = {pile.title: pile for pile in desk.get("/admin/").context["piles"]}
    (task,) = piles["Creators to be paid"].tasks
    assert (task.title, task.detail) == ("Author", "54.45 CNY")

    paid = desk.post(f"{url}pay-out/", {"amount": "45.54"})
    assert paid.status_code == 422  # which transfer it was has to be said
    desk.post(f"{url}pay-out/", {"amount": "45.54", "note": "T-1"})

    page = desk.get(f"{url}change/").content.decode()
    for fact in ("55 %", "earned 54.45 CNY", "paid out 45.54 CNY", "T-1", "8.91 CNY"):
        assert fact in page, fact


def test_a_mistyped_payout_is_undone_once(desk, member):
    author = make_member("author")
    ShareAgreement.objects.create(creator=author, per_mille=500, starts_on="2020-01-01")
    buy(member, make_offer(creator=author))
    made = shares.pay_out(creator=author, amount=4900, currency="CNY", by=author)
    url = f"/admin/accounts/payout/{made.pk}/undo/"
    assert url in desk.get(page(made)).content.decode()

    assert desk.post(url, {"reason": "It was 9.40"}).status_code == 302
    assert desk.post(url, {"reason": "It was 9.40"}).status_code == 422

    assert shares.owed(author, "CNY") == 4950
    assert shares.statement(author)[0].paid_out == 0
    assert shares.payouts_to(author) == []
    assert ledger.check() == {}
    assert AuditRecord.objects.get(act="undid a payout").reason == "It was 9.40"
    assert url not in desk.get(page(made)).content.decode()


@pytest.mark.parametrize(
    "model", [Order, Payment, Notice, Receipt, Subscription, Refund]
)
def test_every_row_of_money_can_be_read(desk, member, model):
    order = buy(member, make_plan())
    desk.post(
        f"/admin/accounts/order/{order.pk}/refund/", {"amount": "1", "reason": "x"}
    )

    row = model.objects.first()

    assert desk.get(f"/admin/accounts/{model._meta.model_name}/").status_code == 200
    assert desk.get(page(row)).status_code == 200


def test_a_kept_notice_is_handled_again_from_its_page(desk, member):
    buy(member, make_offer())
    notice = Notice.objects.get()

    Notice.objects.update(handled_at=None)
    url = f"/admin/accounts/notice/{notice.pk}/handle/"

    desk.get(url)  # as a browser does that reads ahead
    assert Notice.objects.get().handled_at is None
    response = desk.post(url, {"form_key": uuid4()}, follow=True)

    assert "Done." in response.content.decode()
    assert Notice.objects.get().handled_at
    assert Order.objects.filter(state="paid").count() == 1


def test_a_form_that_comes_twice_counts_once(desk, member):
    order = buy(member, make_offer())
    url = f"/admin/accounts/order/{order.pk}/refund/"
    key = desk.get(url).context["form_key"]

    for _ in range(2):
        desk.post(url, {"amount": "30", "reason": "ill", "form_key": key})
    desk.post(url, {"amount": "30", "reason": "ill", "form_key": uuid4()})

    assert Payment.objects.get(order=order).refunded == 6000


def test_a_refused_form_can_be_sent_again(desk, member):
    order = buy(member, make_offer())
    url = f"/admin/accounts/order/{order.pk}/refund/"
    form = {"reason": "ill", "form_key": uuid4()}

    assert desk.post(url, {**form, "amount": "99.01"}).status_code == 422
    desk.post(url, {**form, "amount": "99.00"})

    assert Payment.objects.get(order=order).refunded == 9900


def test_what_an_offer_sold_cannot_be_changed_afterwards(desk, member):
    offer = make_offer(days=365)
    buy(member, offer)

    desk.post(page(offer), {"title": "Other", "price": 1, "days": 7, "slug": "other"})

    offer.refresh_from_db()
    assert offer.days == 365


def test_money_is_shown_as_people_write_it(desk, member):
    author = make_member("author")
    ShareAgreement.objects.create(creator=author, per_mille=500, starts_on="2020-01-01")
    order = buy(member, make_plan(price=12345, creator=author))
    refunds.refund(order=order, amount=100)
    payment = order.payments.get()
    disputes.catch_up(payment, Dispute.State.OPEN)
    channel = Channel.objects.create(kind=Channel.Kind.FORUM, name="Fairs")
    Campaign.objects.create(channel=channel, name="Fair", cost=12345)
    pages = {
        "order": ["123.45 CNY", "1.00 CNY"],
        "offer": ["123.45 CNY"],
        "campaign": ["123.45 CNY"],
        "payment": ["123.45 CNY", "0.74 CNY"],
        "receipt": ["123.45 CNY"],
        "refund": ["1.00 CNY"],
        "dispute": ["122.45 CNY"],
        "subscription": ["123.45 CNY"],
        "creatoraccount": [as_money(shares.owed(author, "CNY"), "CNY")],
        "transfer": ["123.45 CNY"],
    }

    for name, amounts in pages.items():
        model = apps.get_model("accounts", name)
        rows = f"/admin/accounts/{name}/"
        shown = desk.get(rows).content.decode()
        for row in model.objects.all():
            if name not in {"offer", "campaign"}:
                shown += desk.get(f"{rows}{row.pk}/change/").content.decode()
        for amount in amounts:
            assert amount in shown, (name, amount)
        assert not re.search(r">\s*-?(12345|12245|61\d\d|100)( CNY)?\s*<", shown), name


def test_prices_are_typed_as_people_write_them(desk):
    offer = make_offer(price=9900)
    form = desk.get(page(offer)).context["adminform"].form
    assert 'value="99.00"' in str(form["price"])
    sent = {
        **{
            field.name: "" if field.value() is None else field.value() for field in form
        },
        "share_agreements-TOTAL_FORMS": 0,
        "share_agreements-INITIAL_FORMS": 0,
    }

    def send(**changes):
        response = desk.post(page(offer), {**sent, **changes})
        offer.refresh_from_db()
        return response

    assert send().status_code == 302
    assert offer.price == 9900
    assert LogEntry.objects.get().change_message == "[]"
    for price, currency, minor in [
        *(("199", "CNY", 19900), ("0.01", "CNY", 1), ("199", "JPY", 199)),
        ("0", "CNY", 0),
    ]:
        why = {"hypothesis": "As many will buy it."}
        assert send(price=price, currency=currency, **why).status_code == 302
        assert (offer.price, offer.currency) == (minor, currency)
    for wrong in ("0.001", "-1", "", "99999999999", "a"):
        refused = send(price=wrong)
        assert refused.status_code == 200
        assert refused.context["adminform"].form.errors["price"], wrong
    assert offer.price == 0


def test_an_amount_stands_once_on_its_page(desk, member):
    order = buy(member, make_offer())
    form = desk.get(page(order)).context["adminform"]
    labels = [
        cell.field["label"] for fieldset in form for line in fieldset for cell in line
    ]

    assert labels.count("price") == 1


def test_an_offers_page_costs_the_same_however_many_shares_it_has(desk):
    offer = make_offer()

    def share(number):
        creator = make_member(f"creator-{number}")
        ShareAgreement.objects.create(creator=creator, offer=offer, per_mille=10)
        desk.get(page(offer))
        with CaptureQueriesContext(connection) as asked:
            assert str(creator) in desk.get(page(offer)).content.decode()
        return len(asked)

    assert len({share(number) for number in range(4)}) == 1


def test_with_whom_shares_were_agreed_is_not_changed(desk, member, other_member):
    offer = make_offer()
    made = ShareAgreement.objects.create(creator=member, offer=offer, per_mille=10)
    form = desk.get(page(offer)).context["adminform"].form.initial
    sent = {name: "" if value is None else value for name, value in form.items()}
    prefix = "share_agreements"
    rows = {
        f"{prefix}-TOTAL_FORMS": "1",
        f"{prefix}-INITIAL_FORMS": "1",
        f"{prefix}-0-id": made.pk,
        f"{prefix}-0-offer": offer.pk,
        f"{prefix}-0-creator": other_member.pk,
        f"{prefix}-0-per_mille": "20",
        f"{prefix}-0-starts_on": f"{made.starts_on}",
    }

    answer = desk.post(page(offer), {**sent, "price": "99.00", **rows})

    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.creator, made.per_mille) == (member, 20)
