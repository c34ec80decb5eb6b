"""What only Alipay does."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts import gateways
from accounts.errors import GatewayDown
from accounts.models import Notice, Payment
from accounts.services import payments
from tests.factories.billing import make_offer
from tests.gateways.alipay import AlipayStandIn
from tests.gateways.loopback import Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(make_shop):
    return make_shop(AlipayStandIn())


@pytest.mark.parametrize(
    ("phone", "method"),
    [(False, "alipay.trade.page.pay"), (True, "alipay.trade.wap.pay")],
)
def test_a_computer_gets_a_page_and_a_phone_the_app(shop, phone, method):
    _, trade = shop.begin(phone=phone)

    assert trade.more["method"] == method
    notices = "https://community.example/payments/alipay/notice/"
    assert trade.more["notify_url"] == notices


def test_a_title_has_none_of_the_signs_that_alipay_refuses(shop):
    where = shop.go_to_pay(make_offer(title="Q&A = 问/答"))

    [content] = parse_qs(urlsplit(where).query)["biz_content"]
    assert json.loads(content)["subject"] == "Q A   问 答"


@pytest.mark.parametrize(
    "other", [{"app_id": "2021009999999999"}, {"seller_id": "2088999999999999"}]
)
def test_a_notice_for_another_shop_is_refused(shop, other):
    _, trade = shop.begin()
    shop.gateway.pay(trade)

    assert shop.hear(shop.gateway.notice(trade, **other)).status_code == 400
    assert not Notice.objects.exists()


def test_an_answer_that_was_tampered_with_is_not_believed(shop):
    payment, trade = shop.begin()
    shop.gateway.pay(trade)
    shop.gateway.spoils_signatures = True

    with pytest.raises(GatewayDown):
        payments.ask_about(payment)


@pytest.mark.parametrize(
    "words", [b'{"error_response": {"code": "40002"}}', b"{}", b"<html>Busy</html>"]
)
def test_what_alipay_did_not_sign_is_no_answer(shop, monkeypatch, words):
    payment, _ = shop.begin()
    answer = Answer(200, words, {})
    monkeypatch.setattr(shop.gateway, "answer", lambda *_: answer)

    with pytest.raises(GatewayDown):
        payments.ask_about(payment)


def test_a_buyer_who_never_signed_in_is_waited_for(shop):
    shop.go_to_pay()

    payment = payments.ask_about(Payment.objects.select_related("order").get())

    assert payment.state == Payment.State.STARTED


def test_it_takes_only_yuan(shop):
    make_offer("dollars", currency="USD")

    assert [way.name for way in gateways.offered("CNY")] == ["alipay"]
    assert gateways.offered("USD") == []
    answer = shop.client.post("/checkout/dollars/", {"gateway": "alipay"})
    assert answer.status_code == 400
