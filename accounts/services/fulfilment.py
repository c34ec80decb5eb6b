"""What follows from an order being paid, in the transaction that pays it."""

from accounts import sellable
from accounts.models import MEMBERSHIP, Entitlement, JoinMode, Order
from accounts.services import (
    community,
    entitlements,
    gifts,
    joining,
    mails,
    receipts,
    shares,
    subscriptions,
)
from accounts.services.entitlements import opened_by
from accounts.services.subscriptions import Method


def is_pointless(order: Order) -> bool:
    """Late money buys nothing where the member has come to hold the thing for ever,
    or the period was paid by another order."""
    if order.kind == Order.Kind.GIFT:
        return False
    if order.period_starts_at and order.subscription:
        twins = order.subscription.orders.filter(
            period_starts_at=order.period_starts_at, state=Order.State.PAID
        )
        return twins.exists()
    return entitlements.owns_for_ever(order.member, order.offer.what)


def fulfil(order: Order, method: Method) -> None:
    """Open what was bought, write the papers, tell the buyer."""
    if order.kind == Order.Kind.GIFT:
        gifts.make(order)
    elif order.offer.renews:
        subscriptions.take_payment(order, method)
    else:
        _open(order)
    _admit_payer(order)
    kind = sellable.kind_of(order)
    if order.kind != Order.Kind.GIFT:
        kind.paid(order)
    if not kind.is_held:
        shares.accrue(order)
    receipts.issue(order)
    mails.send(
        key=f"paid:{order.pk}",
        member=order.member,
        template="paid",
        number=order.number,
        title=order.title,
        amount=order.amount,
        currency=order.currency,
        is_gift=order.kind == Order.Kind.GIFT,
    )


def _admit_payer(order: Order) -> None:
    """Where one comes in by paying, whoever has a plan is in."""
    if order.member.is_applicant and order.kind != Order.Kind.GIFT:
        mode = community.current().join_mode
        if mode == JoinMode.PAYMENT and MEMBERSHIP in opened_by(order.offer.what):
            joining.admit(member=order.member)


def _open(order: Order) -> None:
    offer = order.offer
    subscriptions.open_next(
        member=order.member,
        what=offer.what,
        source=Entitlement.Source.ORDER,
        term=None if offer.is_for_ever else offer.term,
        order=order,
        reason=order.title,
    )
