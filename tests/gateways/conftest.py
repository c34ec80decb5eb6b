"""A shop that offers one provider, played by its stand-in on a loopback address."""

from contextlib import ExitStack

import pytest
import wechatpayv3.core
from django.urls import reverse

from accounts.gateways import base, wechat
from accounts.models import Payment
from tests.factories.billing import make_offer
from tests.gateways.alipay import AlipayStandIn
from tests.gateways.stripe import StripeStandIn
from tests.gateways.wechat import WeChatStandIn

PHONE = "Mozilla/5.0 (iPhone) Mobile/15E148"


class Shop:
    """Buying, hearing and asking, as browsers, providers and tasks do it."""

    def __init__(self, gateway, client, member):
        self.gateway, self.client, self.member = gateway, client, member
        client.force_login(member)

    def go_to_pay(self, offer=None, *, phone=False):
        """Choose and go on; where the buyer is sent: an address, or a code to scan."""
        offer = offer or make_offer()
        self.page = self.client.post(
            reverse("accounts:checkout", args=[offer.slug]),
            {"gateway": self.gateway.name},
            headers={"User-Agent": PHONE} if phone else None,
        )
        where = self.page["Location"]
        if "/pay/" in where and where.startswith("/"):
            assert "<svg" in self.client.get(where).content.decode()
            return self.client.session[f"scan-{Payment.objects.latest('pk').pk}"]
        return where

    def begin(self, offer=None, *, phone=False):
        """The payment, and the trade at the provider."""
        trade = self.gateway.visit(self.go_to_pay(offer, phone=phone))
        return Payment.objects.select_related("order").latest("pk"), trade

    def buy(self, offer=None):
        payment, trade = self.begin(offer)
        self.gateway.pay(trade)
        assert self.hear(self.gateway.notice(trade)).status_code == 200
        payment.refresh_from_db()
        payment.order.refresh_from_db()
        return payment, trade

    def hear(self, notice):
        """A notice comes in through the front door, from somebody with no session."""
        kind = notice.headers.get("Content-Type", "application/json")
        return type(self.client)().post(
            reverse("accounts:notice", args=[self.gateway.name]),
            notice.body,
            content_type=kind,
            headers={k: v for k, v in notice.headers.items() if k != "Content-Type"},
        )

    def come_back(self, payment):
        """The buyer's browser returns from the provider."""
        page = self.client.get(payment.order.get_absolute_url())
        payment.refresh_from_db()
        return page


@pytest.fixture
def make_shop(client, member, settings, monkeypatch):
    """Open a shop for a stand-in."""
    with ExitStack() as stack:

        def make(stand_in):
            gateway = stack.enter_context(stand_in)
            settings.PAYMENT_GATEWAYS = [gateway.name]
            settings.SITE_URL = "https://community.example"
            for name, value in gateway.settings().items():
                setattr(settings, name, value)
            _point_wechat_at(gateway.address, monkeypatch)
            return Shop(gateway, client, member)

        yield make


def _point_wechat_at(address, monkeypatch):
    """Its library has the address of WeChat in its own code, and no setting for it."""

    class Core(wechatpayv3.core.Core):
        @property
        def _gate_way(self):
            return address

        @_gate_way.setter
        def _gate_way(self, value):
            pass

    monkeypatch.setattr(wechatpayv3.core, "Core", Core)
    wechat._make_client.cache_clear()


@pytest.fixture(params=[StripeStandIn, AlipayStandIn, WeChatStandIn])
def shop(request, make_shop):
    return make_shop(request.param())


@pytest.fixture
def hurry(monkeypatch):
    """Do not wait long for who does not answer."""
    monkeypatch.setattr(base, "TIMEOUT", 0.2)
