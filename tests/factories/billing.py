from accounts.gateways.test import decide, sign
from accounts.models import MEMBERSHIP, Offer
from accounts.services import entitlements, orders, payments


def make_offer(slug="month", **fields) -> Offer:
    fields.setdefault("what", MEMBERSHIP)
    fields.setdefault("title", slug.title())
    fields.setdefault("price", 9900)
    fields.setdefault("days", 30)
    return Offer.objects.create(slug=slug, **fields)


def make_paying(member, what=MEMBERSHIP, days=30):
    return entitlements.grant(member=member, what=what, days=days, reason="a test")


def start(member, offer):
    """An order and its payment, begun at the test gateway."""
    order = orders.place_order(member=member, offer=offer)
    payments.start_payment(order=order, gateway_name="test")
    return order, order.payments.first()


def notice(payment, *, accept=True):
    """What the test gateway sends after the buyer's choice: (body, signature)."""
    _, text = decide(payment.reference, accept=accept)
    return text.encode(), sign(text.encode())
