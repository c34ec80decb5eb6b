"""What the demo's operators find about money and people: something on every page.

Done by the services that do it for everybody, so the books balance and every act is
written down as it would be.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.gateways.test import decide, notice_about, sign
from accounts.models import (
    Bundle,
    Community,
    Dispute,
    JoinMode,
    JoinQuestion,
    Offer,
    Order,
    Payment,
    ShareAgreement,
    Space,
    User,
)
from accounts.services import (
    community,
    disputes,
    gifts,
    joining,
    orders,
    payments,
    personal,
    refund_requests,
    refunds,
    shares,
)
from community.demo import coupons
from community.lib.dates import site_day
from content.models import Item

PEOPLE = 10  # who do something here, each one thing
PAST = 6  # payments of before that something happens to
SHARE = 600  # ‰


@dataclass(frozen=True)
class Till:
    operator: User
    people: list[User]  # without a plan, those who came last first
    past: list[Order]  # the newest first
    words: dict[str, Any]


def fill(staff: dict[str, User], words: dict[str, Any]) -> None:
    """Nothing in a community too small for it, or where nobody can pay in play."""
    newest = User.objects.filter(email=None, subscriptions=None).order_by("-pk")
    paid = Order.objects.filter(state=Order.State.PAID).order_by("-paid_at", "-pk")
    till = Till(staff["operator"], list(newest[:PEOPLE]), list(paid[:PAST]), words)
    if len(till.people) < PEOPLE or len(till.past) < PAST:
        return
    _let_apply(till)
    coupons.print_them(till.operator)
    _let_facts_be_read(till)
    if "test" not in settings.PAYMENT_GATEWAYS:
        return
    _sell_works_of(till, staff["en"])
    _give_away(till)
    _transfer(till)
    _take_back(till)


def _let_apply(till: Till) -> None:
    """A space that one applies for, with one place: one in, one queued, two open."""
    space = Space.objects.create(
        access=Space.Access.PUBLIC,
        join_mode=JoinMode.APPLICATION,
        seats=1,
        **till.words["space"],
    )
    space.tags.add(*Item.objects.courses().earliest("pk").tags.names())
    asked = JoinQuestion.objects.create(space=space, prompt=till.words["question"])
    answers = zip(till.people, till.words["answers"], strict=False)
    waiting = [
        joining.apply(member=member, space=space, answers=[[asked.prompt, answer]])
        for member, answer in answers
    ]
    for application in waiting[:2]:
        joining.accept(application=application, by=till.operator)
    joining.decline(
        application=waiting[2], by=till.operator, reason=till.words["declined"]
    )


def _let_facts_be_read(till: Till) -> None:
    member = till.people[0]
    personal.save(member=member, values=till.words["facts"])
    personal.read(member=member, by=till.operator, reason=till.words["read_because"])


def _sell_works_of(till: Till, creator: User) -> None:
    """Courses of a creator who gets a share, alone and together; one goes back."""
    works = list(Offer.objects.filter(creator=creator).order_by("pk"))
    ShareAgreement.objects.create(
        creator=creator, per_mille=SHARE, starts_on=site_day() - dt.timedelta(days=30)
    )
    Bundle.objects.create(
        key="bundle:starter",
        title=till.words["bundle"],
        opens=[work.what for work in works],
    )
    together = Offer.objects.create(
        slug="starter",
        what="bundle:starter",
        title=till.words["bundle"],
        price=sum(work.price for work in works) * 4 // 5,
        creator=creator,
    )
    sold = [
        _buy(buyer, offer)
        for buyer, offer in (
            (till.people[0], works[0]),
            (till.people[1], works[0]),
            (till.people[2], together),
        )
    ]
    shares.pay_out(
        creator=creator,
        amount=shares.owed(creator, sold[0].currency) // 2,
        currency=sold[0].currency,
        note=till.words["payout"],
        by=till.operator,
    )
    refunds.refund(order=sold[1], by=till.operator, reason=till.words["refunded"])


def _give_away(till: Till) -> None:
    """Two gifts, one of which has been redeemed."""
    year = Offer.objects.get(slug="year")
    given = _buy(till.people[3], year, is_gift=True)
    _buy(till.people[4], year, is_gift=True)
    gifts.redeem(code=given.gift.code, member=till.people[5])


def _transfer(till: Till) -> None:
    """By bank: one has come, one came short, one is looked for."""
    Community.objects.filter(bank_details="").update(bank_details=till.words["bank"])
    community.forget()
    year = Offer.objects.get(slug="year")
    came, short, _looked_for = (_by_bank(who, year) for who in till.people[6:9])
    payments.confirm_transfer(payment=came, amount=came.amount, by=till.operator)
    payments.confirm_transfer(payment=short, amount=short.amount - 80, by=till.operator)


def _by_bank(buyer: User, offer: Offer) -> Payment:
    order = orders.place_order(member=buyer, offer=offer)
    order.expires_at = timezone.now() + dt.timedelta(days=14)
    order.save(update_fields=["expires_at"])
    return order.payments.create(
        gateway="bank",
        reference=f"{order.number}-demo",
        amount=order.amount,
        currency=order.currency,
    )


def _take_back(till: Till) -> None:
    """What became of payments of before: asked back, given back, disputed."""
    asks, answered, partly, open_, won, lost = till.past
    refund_requests.ask(order=asks, words=till.words["asks"])
    refund_requests.answer(
        request=refund_requests.ask(order=answered, words=till.words["asked"]),
        by=till.operator,
        words=till.words["answered"],
        amount=answered.amount // 2,
    )
    made = refunds.refund(
        order=partly,
        by=till.operator,
        amount=partly.amount // 3,
        reason=till.words["refunded"],
    )
    if made:
        refunds.send(made.pk)
    for order, state in (
        (open_, Dispute.State.OPEN),
        (won, Dispute.State.WON),
        (lost, Dispute.State.LOST),
    ):
        disputes.catch_up(_payment_of(order), state)


def _payment_of(order: Order) -> Payment:
    return order.payments.get(state=Payment.State.SUCCEEDED)


def _buy(buyer: User, offer: Offer, *, is_gift: bool = False) -> Order:
    """Paid by the test gateway, which says so by a notice."""
    order = orders.place_order(member=buyer, offer=offer, is_gift=is_gift)
    payment, _start = payments.start_payment(order=order, gateway_name="test")
    body = notice_about(decide(payment.reference, accept=True)).encode()
    payments.receive_notice(
        gateway_name="test", body=body, headers={"X-Signature": sign(body)}
    )
    order.refresh_from_db()
    return order
