import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import TooMuch
from accounts.models import ShareAgreement
from accounts.services import ledger, refunds, shares
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(db):
    return make_member("author")


@pytest.fixture
def course(author):
    return make_offer("course", what="item:1", days=None, creator=author)


def agree(author, per_mille, **fields):
    fields.setdefault("starts_on", dt.date(2020, 1, 1))
    return ShareAgreement.objects.create(creator=author, per_mille=per_mille, **fields)


def owed(author):
    return shares.owed(author, "CNY")


def test_a_share_is_earned_when_an_order_is_paid(member, author, course):
    agree(author, 700)

    buy(member, course)

    assert owed(author) == 6930
    assert ledger.house_balance(kind="share costs", unit="CNY") == 6930
    assert ledger.check() == {}


def test_the_agreement_of_the_offer_counts_before_that_of_all(member, author, course):
    agree(author, 700)
    agree(author, 500, offer=course)

    buy(member, course)

    assert owed(author) == 4950


def test_only_the_agreement_in_force_on_the_day_counts(member, author, course):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    agree(author, 700, ends_on=yesterday)
    agree(author, 300, starts_on=yesterday)

    buy(member, course)

    assert owed(author) == 2970


def agreement(creator, offer, per_mille, first, last=None):
    day = dt.date(2026, 1, 1)
    return ShareAgreement(
        creator=creator,
        offer=offer,
        per_mille=per_mille,
        starts_on=day + dt.timedelta(days=first),
        ends_on=None if last is None else day + dt.timedelta(days=last),
    )


def test_shares_together_are_at_most_all_of_it(member, author, course):
    agreement(author, course, 600, 0, 9).save()
    agreement(author, course, 700, 20).save()

    agreement(member, course, 400, 0, 19).full_clean()
    agreement(member, course, 300, 0).full_clean()
    agreement(author, course, 1000, 5).full_clean()  # instead of the earlier
    for first, last in ((0, 20), (9, None), (30, None)):
        with pytest.raises(ValidationError) as told:
            agreement(member, course, 401, first, last).full_clean()
        assert "per_mille" in told.value.message_dict


def test_what_is_agreed_at_once_is_divided(member, author, course):
    """Two operators may write at the same moment: no form sees the other's."""
    for creator in (author, make_member("second")):
        agree(creator, 700, offer=course)

    buy(member, course)

    assert owed(author) == 4950
    assert ledger.house_balance(kind="share costs", unit="CNY") == 9900


def test_the_page_of_an_offer_refuses_more_than_all(client, operator, author, course):
    client.force_login(operator)
    page = client.get(f"/admin/accounts/offer/{course.pk}/change/")
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    rows = "share_agreements"
    data |= {f"{rows}-TOTAL_FORMS": 2, f"{rows}-INITIAL_FORMS": 0, "price": "99"}
    for n, creator in enumerate([author, operator]):
        data |= {
            f"{rows}-{n}-creator": creator.pk,
            f"{rows}-{n}-per_mille": 600,
            f"{rows}-{n}-starts_on": "2026-01-01",
        }

    answer = client.post(page.request["PATH_INFO"], data)

    assert "more than 1000" in answer.content.decode()
    assert not ShareAgreement.objects.exists()


def test_a_refund_takes_the_share_back_in_proportion(member, author, course):
    agree(author, 333)
    order = buy(member, course)

    for part in (1, 1, 4949, None):
        refunds.refund(order=order, amount=part)

    assert owed(author) == 0
    assert ledger.check() == {}


def test_a_refund_after_the_payout_leaves_a_debt(member, author, course, operator):
    agree(author, 500)
    order = buy(member, course)
    shares.pay_out(creator=author, amount=4950, currency="CNY", by=operator)

    refunds.refund(order=order)

    assert owed(author) == -4950
    (month,) = shares.statement(author)
    assert (month.earned, month.taken_back, month.paid_out) == (4950, 4950, 4950)


def test_no_more_is_paid_out_than_was_earned(member, author, course, operator):
    agree(author, 500)
    buy(member, course)

    with pytest.raises(TooMuch):
        shares.pay_out(creator=author, amount=4951, currency="CNY", by=operator)


def test_every_line_can_be_taken_along(client, member, author, course):
    agree(author, 500)
    order = buy(member, course)
    client.force_login(author)

    text = client.get("/me/earnings.csv").getvalue().decode("utf-8-sig")

    assert text.splitlines()[1].endswith(f"share,{order.number},49.50,CNY,49.50")
    assert "¥49.50" in client.get("/me/earnings/").content.decode()
