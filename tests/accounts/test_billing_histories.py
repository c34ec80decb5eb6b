"""Lives of orders, made up by hypothesis, with a fault at any statement of any step.

What must hold after each: the books balance and say what the gateway says; nothing
is open without a payment, nothing paid without being open; nothing counts twice.

`HYPOTHESIS_PROFILE=nightly` tries 10,000 of them.
"""

import datetime as dt
import json
from contextlib import contextmanager

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import (
    AlreadyOwned,
    Credited,
    GatewayDown,
    NotNow,
    SoldOut,
    TooMuch,
    UnknownCode,
)
from accounts.gateways.test import decide, notice_about, sign
from accounts.models import (
    Entitlement,
    Gift,
    Offer,
    Order,
    Payment,
    Receipt,
    Refund,
    Subscription,
    TestCharge,
)
from accounts.services import (
    gifts,
    ledger,
    orders,
    payments,
    refunds,
    renewals,
    subscriptions,
)
from accounts.services.activity import ensure_partitions
from tests.factories.accounts import make_member
from tests.factories.billing import make_offer, make_plan, receive

pytestmark = pytest.mark.django_db

BEGIN = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
REFUSALS = (
    *(AlreadyOwned, Credited, GatewayDown, NotNow, SoldOut),
    *(TooMuch, UnknownCode),
)
PIECES = 2  # of what is scarce


class Crash(BaseException):
    """The process was killed here."""


@contextmanager
def crash_at(statement):
    """Kill what happens inside at its n-th SQL statement; 0: never."""
    seen = 0

    def count(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == statement:
            raise Crash
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


class Life:
    """Two members, four offers, a gateway and a clock."""

    def __init__(self, clock):
        self.clock = clock
        self.members = [make_member("one"), make_member("two")]
        self.offers = [
            make_plan(price=2800, trial_days=7, save_days=5),
            make_plan("yearly", price=30000, months=12),
            make_offer("course", what="item:1", days=None, price=9900),
            make_offer("seat", what="event:1", days=None, price=500, left=PIECES),
            make_offer("free", what="item:2", days=30, price=0),
        ]

    # What people, the gateway and time do ------------------------------------------

    def order(self, who, what, gift):
        offer = self.offers[what % len(self.offers)]
        offer.refresh_from_db()
        order = orders.place_order(
            member=self.members[who], offer=offer, is_gift=gift and offer.price > 0
        )
        if order.amount:
            payments.start_payment(order=order, gateway_name="test")
        else:
            payments.complete_free(order)

    def buy(self, who, what, gift, method):
        """From the wish to the news that it is paid."""
        self.order(who, what, gift)
        self.choose(0, True, method)
        self.notice(0)

    def late(self, who, what):
        """Leaves an order for two days, buys anew, and then the old money comes."""
        self.order(who, what, False)
        charge = TestCharge.objects.last()
        self.time(2)
        self.buy(who, what, False, "good")
        if charge:
            self.hear(decide(charge.reference, accept=True))
            self.hear(charge)

    def pays_in_grace(self, who):
        self.buy(who, 0, False, "")
        self.time(32)
        self.buy(who, 0, False, "good")

    def refund_and_hear(self, which, share):
        """The gateway tells us of the refund that we asked it for."""
        self.refund(which, share)
        refunds.send_waiting()
        for charge in TestCharge.objects.exclude(refunds={}):
            self.hear(charge)

    def hear(self, charge):
        text = notice_about(charge).encode()
        receive(text, sign(text))

    def choose(self, which, accept, method):
        """The buyer at the gateway's page."""
        if charge := self._pick(TestCharge.objects.order_by("-pk"), which):
            decide(charge.reference, accept=accept, method=method)

    def notice(self, which):
        if charge := self._pick(TestCharge.objects.order_by("-pk"), which):
            self.hear(charge)

    def old_notice(self, which):
        """The news of the payment, after news of what followed."""
        if charge := self._pick(TestCharge.objects.exclude(refunds={}), which):
            told = json.loads(notice_about(charge)) | {"refunded": 0, "id": "old"}
            text = json.dumps(told).encode()
            receive(text, sign(text))

    def dispute(self, which, state):
        payment = self._pick(Payment.objects.filter(state="succeeded"), which)
        if payment and payment.refunded < payment.amount:
            said = payments.gateways.by_name("test").ask(payment)
            payments.settle(payment, said.__class__(**vars(said) | {"dispute": state}))

    def ask(self, which):
        if payment := self._pick(Payment.objects.order_by("-pk"), which):
            payments.ask_about(payment)

    def refund(self, which, share):
        if order := self._pick(Order.objects.filter(state="paid", amount__gt=0), which):
            refunds.refund(order=order, amount=max(1, order.amount * share // 4))

    def send_refunds(self):
        refunds.send_waiting()

    def redeem(self, who, which):
        if gift := self._pick(Gift.objects.all(), which):
            gifts.redeem(code=gift.code, member=self.members[who])

    def trial(self, who):
        subscriptions.start_trial(member=self.members[who], offer=self.offers[0])

    def cancel(self, who):
        subscriptions.cancel(member=self.members[who], reason="price")

    def stay(self, who):
        subscriptions.stay(member=self.members[who])

    def pause(self, who, days):
        until = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
        subscriptions.pause(member=self.members[who], until=until)

    def resume(self, who):
        subscriptions.resume(member=self.members[who])

    def change_later(self, who, what):
        offer = self.offers[what % 2]
        subscriptions.change_later(member=self.members[who], offer=offer)

    def time(self, days):
        self.clock.shift(dt.timedelta(days=days))
        renewals.advance_all()
        orders.expire_old_orders()

    def _pick(self, rows, which):
        rows = list(rows)
        return rows[which % len(rows)] if rows else None

    def live(self, act, arguments, statement):
        """One act, killed at a statement; what it had changed by then is undone."""
        begin = getattr(self, act)
        try:
            with transaction.atomic(), crash_at(statement):
                begin(*arguments)
        except (Crash, *REFUSALS):
            pass

    def calm_down(self):
        """Everything that is left to do is done: sweeps run, nothing crashes."""
        for payment in Payment.objects.filter(state="started"):
            payments.ask_about(payment)
        refunds.send_waiting()
        renewals.advance_all()

    # What must hold ------------------------------------------------------------------

    def check(self):
        self.check_each_order()
        self.check_pieces()
        self.check_grace()
        self.check_time()

    def check_each_order(self):
        for order in Order.objects.prefetch_related("payments", "entitlements"):
            opened = list(order.entitlements.all())
            paid = [p for p in order.payments.all() if p.state == "succeeded"]
            assert len(paid) <= 1, "paid twice"
            assert len([e for e in opened if e.source == "order"]) <= 1, "opened twice"
            is_through = order.state not in {"open", "expired"}
            assert is_through == bool(paid) or not order.amount, "not paid for"
            if any(not entitlement.revoked_at for entitlement in opened):
                assert order.state == "paid", "open without payment"
            if order.state == "paid" and order.kind != "gift":
                assert opened, "paid and never opened"

    def check_pieces(self):
        seat = Offer.objects.get(slug="seat")
        holding = Order.objects.filter(offer=seat, state__in=["open", "paid"]).count()
        # A buyer's bank that took the money back freed the piece, like a refund.
        assert seat.left + holding == PIECES, "sold what was not there"

    def check_grace(self):
        paying = Subscription.objects.filter(state="paying").values("member")
        late = Entitlement.objects.filter(source="grace", revoked_at=None)
        assert not late.filter(member__in=paying).exists(), "grace beside paid time"

    def check_time(self):
        """Time that was sold or given never lies on other such time: none is lost."""
        held = Entitlement.objects.filter(revoked_at=None).exclude(source="grace")
        ends = {}
        for piece in held.order_by("starts_at", "pk"):
            key = piece.member_id, piece.what
            assert ends.get(key, piece.starts_at) <= piece.starts_at, "time lost"
            ends[key] = piece.ends_at or piece.starts_at

    def check_books(self):
        assert ledger.check() == {}
        for running in Subscription.objects.filter(ended_at=None):
            assert running.period_ends_at, running
        accepted = TestCharge.objects.filter(state="accepted")
        at_gateway = sum(c.amount - sum(c.refunds.values()) for c in accepted)
        lost = sum(p.dispute.amount for p in self.disputed())
        fees = sum(Payment.objects.values_list("fee", flat=True))
        assert house("gateway test") == at_gateway - fees - lost
        assert house("surplus") == 0
        taken = Payment.objects.filter(state="succeeded")
        assert house("revenue") == -sum(taken.values_list("amount", flat=True))
        back = sum(taken.values_list("refunded", flat=True))
        assert house("refunds") == back
        numbers = Receipt.objects.order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))
        assert not Refund.objects.filter(state="asked").exists()
        tried = Entitlement.objects.filter(source="trial").count()
        assert tried <= len(self.members)

    def disputed(self):
        return Payment.objects.filter(dispute__state__in=["open", "lost"])


def house(kind):
    return ledger.house_balance(kind=kind, unit="CNY")


numbers = st.integers(0, 5)
who = st.integers(0, 1)
methods = st.sampled_from(["good", "good", "bad", ""])


def step(act, *arguments):
    return st.tuples(st.just(act), st.tuples(*arguments))


buying = step("buy", who, numbers, st.sampled_from([False, False, True]), methods)
steps = st.one_of(
    *[buying] * 4,
    *[step("refund", numbers, st.integers(1, 4))] * 3,
    *[step("time", st.integers(1, 40))] * 3,
    *[step("late", who, numbers)] * 2,
    *[step("refund_and_hear", numbers, st.integers(1, 4))] * 2,
    step("pays_in_grace", who),
    step("order", who, numbers, st.booleans()),
    step("choose", numbers, st.booleans(), methods),
    *[step("notice", numbers)] * 2,
    step("old_notice", numbers),
    step("dispute", numbers, st.sampled_from(["open", "won", "lost"])),
    step("ask", numbers),
    step("send_refunds"),
    step("redeem", who, numbers),
    *[step(act, who) for act in ("trial", "cancel", "stay", "resume")],
    *[step("pause", who, st.integers(1, 60))] * 2,
    step("change_later", who, numbers),
)
crashes = st.one_of(st.just(0), st.just(0), st.integers(1, 150))


@pytest.fixture
def months(db):
    ensure_partitions(BEGIN.date(), BEGIN.date() + dt.timedelta(days=1700))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(st.tuples(steps, crashes), min_size=12, max_size=40))
def test_no_history_breaks_the_books(months, history):
    with transaction.atomic(), time_machine.travel(BEGIN, tick=False) as clock:
        life = Life(clock)
        for (act, arguments), statement in history:
            life.live(act, arguments, statement)
            life.check()
        life.calm_down()
        life.check()
        life.check_books()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
