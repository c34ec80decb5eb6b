import io
import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditRecord, Entry
from accounts.services import audit, personal, refunds
from tests.factories.billing import buy, make_offer

pytestmark = pytest.mark.django_db


def behind_our_back(sql, *values):
    """As somebody with every right on the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = origin")


@pytest.fixture
def chain(operator, member):
    for n in range(5):
        audit.record(act=f"act {n}", actor=operator, target=member, reason="why")
    return list(AuditRecord.objects.order_by("number"))


def test_what_nobody_touched_fits(chain):
    assert audit.verify() == ""
    assert [it.number for it in chain] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE accounts_auditrecord SET reason = 'x' WHERE number = 3", "3 was"),
        ("UPDATE accounts_auditrecord SET actor_id = NULL WHERE number = 3", "3 was"),
        ("UPDATE accounts_auditrecord SET at = at + '1 s' WHERE number = 3", "3 was"),
        ("DELETE FROM accounts_auditrecord WHERE number = 2", "2 is missing"),
        (
            "UPDATE accounts_auditrecord SET number = -number WHERE number IN (2, 3);"
            "UPDATE accounts_auditrecord SET number = number + 5 WHERE number < 0",
            "2 does not follow",
        ),
        (
            "INSERT INTO accounts_auditrecord (number, at, act, object_kind, object_id,"
            " reason, facts, previous_hash, hash) SELECT 6, at, 'gave all', '', '', '',"
            " '{}', hash, md5('x') FROM accounts_auditrecord WHERE number = 5",
            "6 was changed",
        ),
    ],
)
def test_what_was_done_behind_our_back_is_named(chain, change, told):
    behind_our_back(change)

    assert told in audit.verify()


def test_the_command_says_so_and_fails(chain):
    said = io.StringIO()
    call_command("verify_audit", "--json", stdout=said)
    assert json.loads(said.getvalue()) == {"records": 5, "problem": ""}

    behind_our_back("UPDATE accounts_auditrecord SET act = 'x' WHERE number = 4")

    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=said)
    assert "record 4 was changed" in said.getvalue()


def test_a_line_of_the_ledger_changed_behind_our_back_is_found(member):
    buy(member, make_offer())
    audit.anchor_ledger()
    buy(member, make_offer("more", what="item:1"))
    audit.anchor_ledger()
    assert audit.verify() == ""
    last = Entry.objects.latest("pk")

    behind_our_back("UPDATE accounts_entry SET amount = 1 WHERE id = %s", last.pk)

    assert f"to {last.pk} (record 2) differ" in audit.verify()


def test_a_chain_cut_at_its_end_is_noticed(client, operator):
    client.force_login(operator)
    form = {"title": "Gold", "opens": "membership", "position": 0}
    for key in ("tier:one", "tier:two"):
        client.post("/admin/accounts/bundle/add/", {**form, "key": key})
    assert LogEntry.objects.count() == 2
    assert audit.verify() == ""

    behind_our_back("DELETE FROM accounts_auditrecord WHERE number = 2")

    assert "is missing" in audit.verify()


def test_records_are_only_added(chain):
    for act in (
        lambda: AuditRecord.objects.update(reason=""),
        lambda: AuditRecord.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_money_and_personal_facts_are_in_it(member, operator):
    refunds.refund(order=buy(member, make_offer()), by=operator, reason="was ill")
    personal.read(member=member, by=operator, reason="a parcel came back")

    acts = AuditRecord.objects.order_by("number").values_list("act", "reason")
    assert list(acts) == [
        ("refunded", "was ill"),
        ("read personal facts", "a parcel came back"),
    ]


def test_an_operator_reads_it(client, operator, chain):
    client.force_login(operator)

    assert client.get("/admin/accounts/auditrecord/?q=why").status_code == 200
    page = client.get(f"/admin/accounts/auditrecord/{chain[0].pk}/change/")
    assert page.status_code == 200
