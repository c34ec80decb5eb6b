import datetime as dt

from django.utils import timezone

from accounts.gateways.test import decide, notice_about, sign
from accounts.models import MEMBERSHIP, Entitlement, Offer
from accounts.services import entitlements, orders, payments


def make_offer(slug="month", **fields) -> Offer:
    fields.setdefault("what", MEMBERSHIP)
    fields.setdefault("title", slug.title())
    fields.setdefault("price", 9900)
    if not fields.get("months"):
        fields.setdefault("days", 30)
    return Offer.objects.create(slug=slug, **fields)


def make_plan(slug="monthly", **fields) -> Offer:
    """A plan that goes on from month to month."""
    fields = {"months": 1, "renews": True} | fields
    return make_offer(slug, **fields)


def make_paying(member, what=MEMBERSHIP, days=30) -> Entitlement:
    now = timezone.now()
    return entitlements.grant(
        member=member,
        what=what,
        source=Entitlement.Source.STAFF,
        starts_at=now,
        ends_at=now + dt.timedelta(days=days) if days else None,
        reason="a test",
    )


def start(member, offer, **how):
    """An order and its payment, begun at the test gateway."""
    order = orders.place_order(member=member, offer=offer, **how)
    payment, _ = payments.start_payment(order=order, gateway_name="test")
    return order, payment


def notice(payment, *, accept=True, method="good"):
    """What the test gateway sends after the buyer's choice: (body, signature)."""
    charge = decide(payment.reference, accept=accept, method=method)
    text = notice_about(charge)
    return text.encode(), sign(text.encode())


def receive(body, signature):
    payments.receive_notice(
        gateway_name="test", body=body, headers={"X-Signature": signature}
    )


def buy(member, offer, *, method="good", **how):
    """A paid order."""
    order, payment = start(member, offer, **how)
    receive(*notice(payment, method=method))
    order.refresh_from_db()
    return order
