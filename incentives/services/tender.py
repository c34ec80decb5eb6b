"""Points in place of money: held for an order before its buyer goes to pay the rest,
then spent, or given back when the order is not paid in time. What is refunded gives
back points in the same part as money."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import NotEnough, ReductionGone
from accounts.models import Order, OrderReduction
from accounts.reductions import NOTHING, Offered, Purchase, Reduction
from accounts.services import own_limits
from accounts.services.ledger import POINTS
from incentives.models import PointsPaid, PointsTerms
from incentives.services import points

State = PointsPaid.State

GONE = _("You do not have that many points any more.")


def offered(purchase: Purchase, rest: int) -> Offered:
    """What points could do for the `rest` of the price, and do as the buyer wishes."""
    terms = PointsTerms.objects.filter(
        currency=purchase.offer.currency, is_active=True
    ).first()
    if terms is None:
        return NOTHING
    has = points.balance(purchase.member)
    has += _held_for(purchase.order)
    most = min(rest * terms.most_percent // 100, terms.money_for(has))
    amount = min(terms.money_for(min(purchase.wish.points, has)), most)
    lines = [_line(terms.points_for(amount), amount)] if amount else []
    return Offered(
        lines=tuple(lines),
        most_points=terms.points_for(most),
        points=has,
        points_worth=most,
    )


def _line(count: int, amount: int) -> Reduction:
    return Reduction(
        kind=OrderReduction.Kind.POINTS, ref=0, title="", amount=amount, count=count
    )


def _held_for(order: Order | None) -> int:
    paid = order and PointsPaid.objects.filter(order=order, state=State.HELD).first()
    return paid.points if paid else 0


def take(order: Order, line: Reduction) -> None:
    """Hold them for the order. Raises ReductionGone, and what the member's own limits
    raise."""
    own_limits.check(member=order.member, unit=POINTS, amount=line.count)
    paid = PointsPaid.objects.create(
        order=order,
        member=order.member,
        points=line.count,
        amount=line.amount,
        currency=order.currency,
    )
    _spend(paid)


def take_again(order: Order) -> None:
    """Money came late: hold them again. Raises ReductionGone."""
    paid = _of(order, State.RETURNED)
    if paid is None:
        return
    paid.state, paid.round = State.HELD, paid.round + 1
    paid.save(update_fields=["state", "round"])
    _spend(paid)


def mark_paid(order: Order) -> None:
    if paid := _of(order, State.HELD):
        paid.state = State.SPENT
        paid.save(update_fields=["state"])


def let_go(order: Order) -> None:
    if paid := _of(order, State.HELD):
        paid.state = State.RETURNED
        paid.save(update_fields=["state"])
        _return(paid, paid.points, f"{_key(paid)}:back")


def give_back(order: Order, *, back: int, paid: int) -> None:
    """As large a part of the points as of the money has been given back by now."""
    points_paid = _of(order, State.SPENT)
    if points_paid is None:
        return
    is_whole = back == paid
    due = points_paid.points if is_whole else points_paid.points * back // paid
    more = due - points_paid.given_back
    if more <= 0:
        return
    points_paid.given_back = due
    points_paid.save(update_fields=["given_back"])
    _return(points_paid, more, f"{_key(points_paid)}:refund:{due}")


def _of(order: Order, state: str) -> PointsPaid | None:
    found = PointsPaid.objects.filter(order=order, state=state)
    return found.select_related("member").first()


def _key(paid: PointsPaid) -> str:
    return f"order:{paid.order_id}:points:{paid.round}"


def _spend(paid: PointsPaid) -> None:
    try:
        points.spend(
            member=paid.member,
            points=paid.points,
            key=_key(paid),
            cause="order",
            source=paid.order,
        )
    except NotEnough as error:
        raise ReductionGone(GONE) from error


def _return(paid: PointsPaid, back: int, key: str) -> None:
    points.give_back(key=key, of=_key(paid), points=back, cause="order back")
    points.settle_returned(of=_key(paid), points=back)
