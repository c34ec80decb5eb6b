import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.errors import BudgetSpent
from accounts.models import AuditRecord, LedgerAccount
from accounts.services import held, ledger
from incentives.models import Budget
from incentives.services import budgets
from incentives.services.points import Row, balance, grant, grant_many, take_back
from tests.factories.accounts import make_member

NOVEMBER = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
DECEMBER = NOVEMBER + dt.timedelta(days=9)
Every = Budget.Every


def make_budget(amount=100, every=Every.NONE, **fields):
    return Budget.objects.create(name="A test", amount=amount, every=every, **fields)


def give(member, points, key, budget, at=None):
    return grant(
        member=member, points=points, key=key, cause="a test", budget=budget, at=at
    )


@pytest.mark.django_db
def test_a_budget_pays_until_it_is_spent_and_never_more(member):
    budget = make_budget(100)
    give(member, 60, "a", budget)
    with pytest.raises(BudgetSpent):
        give(member, 41, "b", budget)
    give(member, 40, "c", budget)

    assert budgets.left(budget) == 0
    assert balance(member) == 100
    assert ledger.house_balance(kind=held.HOUSE, unit="points") == -100
    assert ledger.check() == {}


@pytest.mark.django_db
def test_the_database_keeps_a_budget_above_zero():
    budget = make_budget()
    shards = LedgerAccount.objects.filter(kind=budgets.kind_of(budget))

    with pytest.raises(IntegrityError, match="above_floor"), transaction.atomic():
        shards.update(balance=-1)
    with pytest.raises(IntegrityError, match="has_a_floor"), transaction.atomic():
        shards.update(floor=None)


@pytest.mark.django_db
def test_each_month_begins_anew_and_a_late_deed_counts_for_its_own(member):
    budget = make_budget(10, Every.MONTH)
    give(member, 10, "a", budget, at=NOVEMBER)
    give(member, 10, "b", budget, at=DECEMBER)

    with pytest.raises(BudgetSpent):
        give(member, 1, "late", budget, at=NOVEMBER)
    assert budgets.kind_of(budget, NOVEMBER) == f"budget:{budget.pk}:2026-11"


@pytest.mark.django_db
def test_a_week_begins_on_monday():
    budget = make_budget(10, Every.WEEK)

    assert budgets.kind_of(budget, NOVEMBER).endswith(":2026-W48")
    assert budgets.kind_of(budget, DECEMBER).endswith(":2026-W50")


@pytest.mark.django_db
def test_a_large_budget_lies_in_shards_that_help_each_other_out(member):
    budget = make_budget(64_000)
    kind = budgets.kind_of(budget)
    assert LedgerAccount.objects.filter(kind=kind).count() == ledger.SHARDS

    give(member, 63_500, "most", budget)
    give(member, 499, "a", budget)
    assert budgets.left(budget) == 1
    with pytest.raises(BudgetSpent):
        give(member, 2, "b", budget)
    give(member, 1, "c", budget)
    assert ledger.check() == {}


@pytest.mark.django_db
def test_what_is_taken_back_returns_to_the_budget_that_paid(member):
    budget = make_budget(10)
    give(member, 10, "a", budget)

    take_back(key="t", of="a")

    assert budgets.left(budget) == 10
    assert ledger.check() == {}


@pytest.mark.django_db
def test_a_changed_amount_counts_at_once_and_what_is_given_stays(member, operator):
    budget = make_budget(100)
    give(member, 60, "a", budget)

    budget.amount = 150
    budgets.fund(budget, by=operator)
    budgets.fund(budget)
    assert budgets.left(budget) == 90
    assert AuditRecord.objects.filter(act="funded", actor=operator).exists()

    budget.amount = 20
    budgets.fund(budget)
    assert budgets.left(budget) == 0
    assert ledger.check() == {}


@pytest.mark.django_db
def test_a_batch_tells_what_its_budget_did_not_hold(member):
    budget = make_budget(10)
    rows = [Row(member.pk, 4, f"k{n}", "earned", budget=budget) for n in range(3)]

    assert grant_many([*rows, Row(member.pk, 1, "plain", "earned")]) == {"k2"}
    assert balance(member) == 9


@pytest.mark.django_db
def test_days_and_forecast(member):
    now = timezone.now().replace(hour=4)
    budget = make_budget(1000, created_at=now - dt.timedelta(days=10))
    for day in range(1, 11):
        give(member, 20, f"day{day}", budget, at=now - dt.timedelta(days=day))

    assert set(budgets.spent_by_day(budget).values()) == {20}
    told = budgets.forecast(budget, now)
    assert (told.left, told.per_day) == (800, 20)
    assert told.day == told.earliest == told.latest
    assert (told.day - now.date()).days == 40


@pytest.mark.django_db
def test_an_uneven_pace_gives_a_range_and_a_young_budget_no_forecast(member):
    now = timezone.now().replace(hour=4)
    budget = make_budget(1000, created_at=now - dt.timedelta(days=10))
    for day in range(1, 11, 3):
        give(member, 20, f"day{day}", budget, at=now - dt.timedelta(days=day))

    told = budgets.forecast(budget, now)
    assert told.earliest < told.day < told.latest

    young = make_budget(created_at=now - dt.timedelta(days=3))
    assert budgets.forecast(young, now).day is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("amount", [1, 6400])
def test_the_last_unit_has_exactly_one_winner(amount):
    people = [make_member(f"m{n}") for n in range(4)]
    budget = make_budget(amount)
    if amount > 1:
        give(people[0], amount - 1, "most", budget)
    budgets.kind_of(budget)

    def want(person):
        try:
            give(person, 1, f"last:{person.pk}", budget)
        except BudgetSpent:
            return "refused"
        finally:
            connection.close()
        return "given"

    with ThreadPoolExecutor(4) as pool:
        results = sorted(pool.map(want, people))

    assert results == ["given", *["refused"] * 3]
    assert budgets.left(budget) == 0
    assert ledger.check() == {}


@pytest.mark.django_db(transaction=True)
def test_many_who_draw_take_back_and_mend_at_once_do_not_wait_for_each_other():
    people = [make_member(f"m{n}") for n in range(6)]
    budget = make_budget(6400)
    budgets.kind_of(budget)

    def act(n):
        try:
            give(people[n % 6], 250, f"g{n}", budget)
            if n % 2:
                take_back(key=f"t{n}", of=f"g{n}")
        except BudgetSpent:
            return 0
        finally:
            connection.close()
        return 0 if n % 2 else 250

    with ThreadPoolExecutor(6) as pool:
        given = sum(pool.map(act, range(48)))

    assert budgets.left(budget) == 6400 - given
    assert ledger.check() == {}


@pytest.mark.django_db
def test_the_operator_makes_a_budget_and_sees_what_is_left(client, operator, member):
    client.force_login(operator)
    form = {"name": "Answers", "unit": "points", "amount": 500, "every": "month"}
    client.post(reverse("admin:incentives_budget_add"), form)
    budget = Budget.objects.get()
    give(member, 20, "a", budget)

    page = client.get(reverse("admin:incentives_budget_change", args=[budget.pk]))
    assert "480 points" in page.content.decode()
    assert "too few days" in page.content.decode()

    form = {"name": "Answers", "amount": 300}
    client.post(reverse("admin:incentives_budget_change", args=[budget.pk]), form)
    assert budgets.left(budget) == 280
    listed = client.get(reverse("admin:incentives_budget_changelist"))
    assert "280 points" in listed.content.decode()
