"""Any run of grants, uses and ends, with faults between any two statements: the ledger
is always what a plain model of it says."""

import datetime as dt
import os
import signal
from dataclasses import dataclass, field

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.errors import BudgetSpent, NotEnough, TooMuch
from accounts.models import Lot
from accounts.services import ledger
from incentives.models import Budget
from incentives.services import budgets, points
from tests.factories.accounts import make_member

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
GRACE = dt.timedelta(days=14)
FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)


class Fault(Exception):
    """The server went away, as far as the caller can tell."""


@dataclass
class Piece:
    """Points of one origin; `until` FOREVER for what lasts."""

    until: dt.datetime
    left: int
    extended: int | None = None  # by which act


@dataclass
class Given:
    points: int
    until: dt.datetime
    matures: dt.datetime | None
    pending: int = 0
    back: int = 0


@dataclass
class Used:
    """From which pieces how many, in the order of use; by which act."""

    parts: list[list]  # [piece, points]
    act: int

    @property
    def points(self):
        return sum(part[1] for part in self.parts)


@dataclass
class Model:
    lasting: Piece = field(default_factory=lambda: Piece(FOREVER, 0))
    lots: list[Piece] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)
    used: dict[str, Used] = field(default_factory=dict)
    budget: int = 60
    acts: int = 0

    @property
    def balance(self):
        return self.lasting.left + sum(lot.left for lot in self.lots)

    @property
    def pending(self):
        return sum(it.pending for it in self.given.values())

    def get(self, amount, until):
        if until == FOREVER:
            self.lasting.left += amount
        else:
            self.lots.append(Piece(until, amount))

    def use(self, amount):
        parts = []
        for piece in [*sorted(self.lots, key=lambda it: it.until), self.lasting]:
            taken = min(piece.left, amount)
            if taken:
                piece.left -= taken
                amount -= taken
                parts.append([piece, taken])
        self.acts += 1
        return Used(parts, self.acts)

    def give_back(self, used, amount, now):
        self.acts += 1
        for part in reversed(used.parts):
            back = min(part[1], amount)
            if not back:
                continue
            piece = part[0]
            piece.left += back
            was_extended = piece.extended and piece.extended < used.act
            if piece.until <= now and not was_extended:
                piece.until, piece.extended = now + GRACE, self.acts
            if piece.until <= now:
                piece.left = 0
            part[1] -= back
            amount -= back


class Points(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.model, self.now, self.number = Model(), START, 0
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.member = make_member()
        self.budget = Budget.objects.create(name="x", amount=60, every="none")

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def act(self, fault, service, **arguments):
        """Once with a fault before its statement number `fault`, then until it is
        done, then once more: it must count once."""
        statements = 0

        def fails(execute, *rest):
            nonlocal statements
            statements += 1
            if statements == fault:
                raise Fault
            return execute(*rest)

        try:
            with connection.execute_wrapper(fails), transaction.atomic():
                service(**arguments)
        except Fault:
            pass
        service(**arguments)
        return service(**arguments)

    def key(self):
        self.number += 1
        return f"{self.member.pk}:{self.number}"

    @rule(
        amount=st.integers(1, 20),
        waits=st.sampled_from([None, 3]),
        ends=st.sampled_from([None, 5, 5, 9]),
        from_budget=st.booleans(),
        fault=st.integers(1, 12),
    )
    def grant(self, amount, waits, ends, from_budget, fault):
        key = self.key()
        matures = self.now + dt.timedelta(days=waits) if waits else None
        until = self.now + dt.timedelta(days=ends) if ends else None
        model = self.model
        try:
            self.act(
                *(fault, points.grant),
                member=self.member,
                points=amount,
                key=key,
                cause="x",
                at=self.now,
                matures_at=matures,
                expires_at=until,
                budget=self.budget if from_budget else None,
            )
        except BudgetSpent:
            assert from_budget
            assert model.budget < amount
            return
        given = Given(amount, until or FOREVER, matures, amount if waits else 0)
        given.budget = from_budget
        model.given[key] = given
        model.budget -= amount if from_budget else 0
        if not waits:
            model.get(amount, given.until)

    @rule(amount=st.integers(1, 30), fault=st.integers(1, 4))
    def spend(self, amount, fault):
        key = self.key()
        try:
            self.act(
                *(fault, points.spend),
                member=self.member,
                points=amount,
                key=key,
                cause="x",
            )
        except NotEnough:
            assert self.model.balance < amount
            return
        self.model.used[key] = self.model.use(amount)

    @precondition(lambda self: self.model.used)
    @rule(data=st.data(), amount=st.integers(1, 15), fault=st.integers(1, 6))
    def give_back(self, data, amount, fault):
        of = data.draw(st.sampled_from(sorted(self.model.used)))
        used = self.model.used[of]
        try:
            self.act(
                *(fault, points.give_back),
                key=self.key(),
                of=of,
                points=amount,
                at=self.now,
            )
        except TooMuch:
            assert used.points < amount
            return
        self.model.give_back(used, amount, self.now)

    @precondition(lambda self: self.model.given)
    @rule(data=st.data(), amount=st.integers(1, 15), fault=st.integers(1, 10))
    def take_back(self, data, amount, fault):
        of = data.draw(st.sampled_from(sorted(self.model.given)))
        given = self.model.given[of]
        taken = self.act(
            *(fault, points.take_back),
            key=self.key(),
            of=of,
            points=amount,
            at=self.now,
        )
        wanted = min(amount, given.points - given.back)
        waiting = min(wanted, given.pending)
        usable = min(wanted - waiting, self.model.balance)
        assert (taken or 0) == waiting + usable
        given.back += wanted
        given.pending -= waiting
        self.model.use(usable)
        self.model.budget += taken if given.budget else 0

    @rule(days=st.integers(0, 6), fault=st.integers(1, 12))
    def wait(self, days, fault):
        self.now += dt.timedelta(days=days)
        self.act(fault, points.mature, now=self.now)
        for given in self.model.given.values():
            if given.pending and given.matures <= self.now:
                self.model.get(given.pending, given.until)
                given.pending = 0
        self.act(fault, points.expire, now=self.now)
        for lot in self.model.lots:
            if lot.until <= self.now:
                lot.left = 0

    @invariant()
    def all_is_as_it_should_be(self):
        if not hasattr(self, "atomic"):
            return
        connection.check_constraints()
        lots = Lot.objects.filter(account__member=self.member, remaining__gt=0)
        assert points.balance(self.member) == self.model.balance
        assert points.pending(self.member) == self.model.pending
        assert budgets.left(self.budget) == self.model.budget
        assert sorted(lots.values_list("expires_at", "remaining")) == sorted(
            (lot.until, lot.left) for lot in self.model.lots if lot.left
        )
        assert ledger.check() == {}


@pytest.mark.django_db
def test_the_ledger_is_what_a_plain_model_says_whatever_fails():
    run_state_machine_as_test(
        Points, settings=settings(max_examples=25, stateful_step_count=20)
    )


def a_life(member, budget):
    """Everything that can happen to points, with keys of this member alone."""
    key = f"life:{member.pk}:"
    common = {"member": member, "cause": "x", "at": START}
    day = dt.timedelta(days=1)
    points.grant(points=10, key=f"{key}lasts", **common)
    points.grant(
        points=20, key=f"{key}waits", budget=budget, matures_at=START + day, **common
    )
    points.grant(points=30, key=f"{key}ends", expires_at=START + 9 * day, **common)
    points.mature(START + 2 * day)
    points.spend(member=member, points=35, key=f"{key}use", cause="x")
    points.give_back(key=f"{key}back", of=f"{key}use", points=10, at=START + 3 * day)
    points.take_back(key=f"{key}falls", of=f"{key}waits", points=3, at=START + 4 * day)
    points.expire(START + 10 * day)


def killed_before(statement, act):
    """Run it in a process that dies by signal 9 before that statement; whether it
    lived."""
    child = os.fork()
    if child == 0:
        done = 0

        def dies(execute, *rest):
            nonlocal done
            done += 1
            if done == statement:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*rest)

        status = 1
        try:
            with connection.execute_wrapper(dies):
                act()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


@pytest.mark.django_db(transaction=True)
def test_killed_between_any_two_statements_a_second_run_completes_the_first():
    budget = Budget.objects.create(name="x", amount=10_000, every="none")
    whole = make_member("whole")
    a_life(whole, budget)
    spent = budget.amount - budgets.left(budget)
    expected = points.balance(whole)

    lived, statement = False, 0
    while not lived:
        statement += 1
        member = make_member(f"m{statement}")
        connection.close()  # nothing is shared with the child
        lived = killed_before(statement, lambda: a_life(member, budget))  # noqa: B023
        a_life(member, budget)

        assert points.balance(member) == expected
        assert budget.amount - budgets.left(budget) == spent * (statement + 1)
    assert statement > 20
    assert ledger.check() == {}
