"""Bells and sweeps meet over the same deeds; and a budget ends between two of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.services import ledger
from incentives.models import Award, Budget
from incentives.services import budgets, replay, trials
from incentives.services.awarding import award_for, award_recent
from incentives.services.points import balance
from tests.factories.accounts import make_member
from tests.incentives.deeds import DAY, HOUR, do, rule, worth


@pytest.mark.django_db(transaction=True)
def test_bells_and_sweeps_at_once_pay_each_deed_once_and_within_the_cap():
    member = make_member("busy")
    now = timezone.now()
    rule(cap_all=25, since=now - DAY)
    deeds = [do(member, pk=n, at=now) for n in range(4)]
    acts = [*(lambda deed=deed: award_for(deed) for deed in deeds * 2), award_recent]

    def act(what):
        try:
            what()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, [*acts, award_recent]))

    assert balance(member) == 25
    assert Award.objects.count() == 4
    assert ledger.check() == {}


@pytest.mark.django_db
def test_a_budget_that_is_spent_pays_no_more_and_says_so(member, other_member):
    now = timezone.now()
    budget = Budget.objects.create(name="Small", amount=25)
    paying = rule(budget=budget, since=now - DAY)
    first, second = (do(member, at=now - n * HOUR / 60) for n in (9, 8))
    assert worth(first, second) == [10, 10]
    for n in (7, 6):
        do(other_member, at=now - n * HOUR / 60)
        do(member, at=now - n * HOUR / 60)

    assert award_recent() == 0
    assert (balance(member), balance(other_member)) == (20, 0)
    assert set(Award.objects.values_list("outcome", flat=True)) == {"paid", "no_budget"}
    assert budgets.left(budget) == 5
    assert replay.differences(days=1) == []
    found = trials.decisions_of(paying, days=1, now=timezone.now())
    assert sum(it.points for it in found) == 20
