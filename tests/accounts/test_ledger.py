from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.errors import KeyReused, NotEnough
from accounts.models import Entry, LedgerAccount, Transfer
from accounts.services import ledger
from accounts.services.ledger import Line, post
from tests.factories.accounts import make_member


def issue(member, amount, key):
    lines = [Line("issued", -amount), Line("points", amount, member)]
    return post(key=key, unit="points", cause="a test", lines=lines)


def points(member):
    return ledger.balance(member, kind="points", unit="points")


@pytest.mark.django_db
def test_the_same_key_posts_once(member):
    first = issue(member, 15, "a:1")
    again = issue(member, 15, "a:1")

    assert again == first
    assert points(member) == 15
    assert ledger.house_balance(kind="issued", unit="points") == -15


@pytest.mark.django_db
def test_the_same_key_with_another_amount_is_refused(member):
    issue(member, 15, "a:1")

    with pytest.raises(KeyReused):
        issue(member, 16, "a:1")
    assert points(member) == 15


@pytest.mark.django_db
def test_a_member_never_goes_below_zero_and_the_transaction_lives_on(member):
    issue(member, 5, "a:1")

    with pytest.raises(NotEnough):
        issue(member, -6, "a:2")

    issue(member, -5, "a:3")
    assert points(member) == 0
    assert not Transfer.objects.filter(key="a:2").exists()


@pytest.mark.django_db
def test_lines_that_do_not_sum_to_zero_are_refused_before_and_by_the_database(member):
    with pytest.raises(ValueError, match="zero"):
        post(key="a", unit="points", cause="x", lines=[Line("points", 1, member)])

    issue(member, 1, "a:1")
    forged = Entry.objects.filter(amount=1).get()
    forged.pk = None
    with pytest.raises(DatabaseError, match="sum to zero"):
        save_and_check(forged)


def save_and_check(entry):
    with transaction.atomic():
        entry.save(force_insert=True)
        connection.check_constraints()


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Entry, Transfer])
def test_what_is_written_is_never_changed(member, model):
    issue(member, 1, "a:1")

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        model.objects.all().delete() if model is Entry else model.objects.update(
            cause="forged"
        )


@pytest.mark.django_db
def test_the_check_finds_a_balance_that_was_tampered_with(member, capsys):
    issue(member, 1, "a:1")
    call_command("check_ledger")
    assert "proven" in capsys.readouterr().out

    LedgerAccount.objects.filter(member=member).update(balance=1000)

    assert "accounts whose balance is not the sum of their entries" in ledger.check()


@pytest.mark.django_db(transaction=True)
def test_two_spend_the_last_points_at_once_and_one_wins():
    member = make_member()
    issue(member, 10, "a:1")

    def spend(n):
        try:
            issue(member, -10, f"spend:{n}")
        except NotEnough:
            return "refused"
        finally:
            connection.close()
        return "spent"

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(spend, range(4)))

    assert sorted(results) == ["refused"] * 3 + ["spent"]
    assert points(member) == 0
    assert ledger.check() == {}


@pytest.mark.django_db(transaction=True)
def test_many_members_pay_each_other_at_once_without_deadlock():
    people = [make_member(f"m{i}") for i in range(4)]
    for person in people:
        issue(person, 100, f"start:{person.pk}")

    def pay(n):
        giver, taker = people[n % 4], people[(n * 3 + 1) % 4]
        if giver != taker:
            lines = [Line("points", -1, giver), Line("points", 1, taker)]
            post(key=f"pay:{n}", unit="points", cause="thanks", lines=lines)
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(pay, range(60)))

    assert sum(points(person) for person in people) == 400
    assert ledger.check() == {}


AMOUNTS = st.integers(-9, 9).filter(bool)


class LedgerProperties(TestCase):
    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(-9, 9).filter(bool)), max_size=25
        )
    )
    @settings(max_examples=25, deadline=None)
    def test_any_run_of_transfers_ends_as_the_plain_sums_say(self, moves):
        people = [make_member(f"p{i}") for i in range(3)]
        expected = [0, 0, 0]
        for n, (who, amount) in enumerate(moves):
            try:
                issue(people[who], amount, f"move:{n}")
            except NotEnough:
                assert expected[who] + amount < 0
                continue
            expected[who] += amount

        assert [points(person) for person in people] == expected
        assert ledger.check() == {}
