"""What only WeChat Pay does."""

import datetime as dt
import time

import pytest
from django.utils import timezone

from accounts.models import Difference, Notice, Order, Payment, Refund
from accounts.services import payments, reconciliation, refunds
from tests.factories.billing import make_offer
from tests.gateways.wechat import MCHID, PLATFORM_SERIAL, WeChatStandIn, _transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(make_shop):
    return make_shop(WeChatStandIn())


def test_a_computer_gets_a_code_to_scan(shop):
    assert shop.go_to_pay().startswith("weixin://wxpay/bizpayurl?pr=")


def test_a_phone_gets_the_app_and_comes_back(shop):
    where = shop.go_to_pay(phone=True)

    order = Order.objects.get()
    assert where.startswith("https://wx.tenpay.com/")
    back = f"https%3A%2F%2Fcommunity.example%2Forders%2F{order.number}%2F"
    assert where.endswith(f"&redirect_url={back}")
    [trade] = shop.gateway.trades.values()
    scene = trade.more["asked"]["scene_info"]
    assert scene == {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}


def test_what_was_begun_on_a_computer_can_be_paid_on_a_phone(shop):
    """WeChat refuses the same number with other words: it is a try of its own."""
    offer = make_offer()
    shop.go_to_pay(offer)
    order = Order.objects.get()

    payment, start = payments.start_payment(
        order=order, gateway_name="wechat", on_phone=True, client_ip="127.0.0.1"
    )
    again, _ = payments.start_payment(order=order, gateway_name="wechat")

    assert start.address
    assert again != payment
    assert order.payments.count() == 2


def test_it_works_with_platform_certificates_too(shop, settings):
    """The older way: WeChat's certificates are fetched, opened and checked against."""
    settings.WECHAT_PUBLIC_KEY = settings.WECHAT_PUBLIC_KEY_ID = ""
    shop.gateway.signs_as = f"{PLATFORM_SERIAL:X}"

    payment, _ = shop.buy()

    assert payment.order.state == Order.State.PAID
    assert shop.gateway.asked.count("GET /v3/certificates") == 1


def test_a_certificate_that_cannot_be_fetched_is_asked_for_again(shop, settings):
    _, trade = shop.begin()
    shop.gateway.pay(trade)
    settings.WECHAT_PUBLIC_KEY = settings.WECHAT_PUBLIC_KEY_ID = ""
    shop.gateway.signs_as = f"{PLATFORM_SERIAL:X}"
    shop.gateway.manners = "dead"

    assert shop.hear(shop.gateway.notice(trade)).status_code == 503
    assert not Notice.objects.exists()


def forged(shop, trade, serial):
    notice = shop.gateway.notice(trade)
    return notice._replace(headers={**notice.headers, "Wechatpay-Serial": serial})


@pytest.mark.parametrize("has_key", [True, False])
def test_forged_notices_hardly_make_us_ask(shop, settings, has_key):
    if not has_key:
        settings.WECHAT_PUBLIC_KEY = settings.WECHAT_PUBLIC_KEY_ID = ""
        shop.gateway.signs_as = f"{PLATFORM_SERIAL:X}"
    _, trade = shop.begin()
    shop.gateway.pay(trade)

    answers = [shop.hear(forged(shop, trade, f"{n:X}")) for n in range(7, 12)]

    assert {answer.status_code for answer in answers} <= {400, 503}
    # When it began, and once for all that was forged.
    most = 0 if has_key else 2
    assert shop.gateway.asked.count("GET /v3/certificates") == most
    assert shop.hear(shop.gateway.notice(trade)).status_code == 200


def test_an_old_notice_does_not_pass_by_other_names_of_its_headers(shop):
    _, trade = shop.begin()
    shop.gateway.pay(trade)
    old = shop.gateway.notice(trade, at=time.time() - 40 * 24 * 3600)
    doubled = {f"HTTP-{name}": value for name, value in old.headers.items()}
    now = {"Wechatpay-Timestamp": str(int(time.time()))}

    answer = shop.hear(old._replace(headers={**doubled, **now}))

    assert answer.status_code == 400
    assert not Notice.objects.exists()


def test_a_notice_for_another_merchant_is_refused(shop):
    _, trade = shop.begin()
    shop.gateway.pay(trade)

    notice = shop.gateway.notice(trade, mchid=f"{MCHID}9")

    assert shop.hear(notice).status_code == 400


def test_a_notice_sealed_with_another_key_is_refused(shop):
    _, trade = shop.begin()
    shop.gateway.pay(trade)

    notice = shop.gateway.sealed(
        "TRANSACTION.SUCCESS", _transaction(trade), apiv3_key="x" * 32
    )

    assert shop.hear(notice).status_code == 400


def test_a_refund_of_a_payment_that_is_not_ours_is_none_of_our_business(shop):
    _, trade = shop.buy()
    shop.gateway.give_back(trade, 100)
    trade.reference = "another"

    assert shop.hear(shop.gateway.notice(trade)).status_code == 200
    assert Notice.objects.latest("pk").said is None


def test_a_refund_that_goes_wrong_later_is_listed(
    shop, django_capture_on_commit_callbacks
):
    payment, trade = shop.buy()
    with django_capture_on_commit_callbacks(execute=True):
        refunds.refund(order=payment.order, amount=4000)
    assert trade.more["refund_notify_url"].startswith("https://community.example/")

    shop.gateway.refund_status = "ABNORMAL"
    earlier = timezone.now() - dt.timedelta(hours=3)
    Payment.objects.update(created_at=earlier)
    Refund.objects.update(done_at=earlier)

    assert reconciliation.reconcile()["differences"] == 1
    assert Difference.objects.get().kind == Difference.Kind.REFUND


def test_a_refund_that_is_stuck_is_not_called_done(
    shop, django_capture_on_commit_callbacks
):
    payment, _ = shop.buy()
    shop.gateway.refund_status = "ABNORMAL"

    with django_capture_on_commit_callbacks(execute=True):
        refunds.refund(order=payment.order)

    assert Refund.objects.get().problem == "wechat: the refund is ABNORMAL"


def test_it_takes_only_yuan(shop):
    make_offer("dollars", currency="USD")

    answer = shop.client.post("/checkout/dollars/", {"gateway": "wechat"})

    assert answer.status_code == 400
