import io
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.admin.audit import ACTS
from accounts.models import (
    AuditRecord,
    Bundle,
    Entitlement,
    Entry,
    Role,
    ShareAgreement,
)
from accounts.services import audit, personal, refunds, roles
from content.services.editorial import AUDITED
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


def test_a_chain_cut_at_its_end_does_not_fit_what_was_noted(chain):
    noted = audit.head()
    behind_our_back("DELETE FROM accounts_auditrecord WHERE number >= 5")
    assert audit.verify() == ""

    assert "5 is not the one that was noted" in audit.verify(noted)
    with pytest.raises(SystemExit):
        call_command("verify_audit", "--noted", "5", noted["hash"])
    call_command("verify_audit", "--noted", "4", chain[3].hash)


def test_a_chain_that_was_emptied_is_noticed(operator, member, chain):
    LogEntry.objects.log_actions(operator.pk, [member], 2, "x", single_object=True)
    behind_our_back("TRUNCATE accounts_auditrecord")

    assert "no record at all" in audit.verify()


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


def test_many_at_once_in_the_admin_are_recorded_one_by_one(client, operator):
    client.force_login(operator)
    for key in ("tier:one", "tier:two"):
        Bundle.objects.create(title="Gold", opens=["membership"], key=key)
    chosen = [str(pk) for pk in Bundle.objects.values_list("pk", flat=True)]

    client.post(
        "/admin/accounts/bundle/",
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
    )

    gone = AuditRecord.objects.filter(act="deleted", object_kind="accounts.bundle")
    assert sorted(gone.values_list("object_id", flat=True)) == sorted(chosen)
    assert audit.verify() == ""


def test_a_change_is_told_by_its_fields_and_not_by_its_values(client, operator, member):
    client.force_login(operator)
    page = f"/admin/accounts/user/{member.pk}/change/"
    form = client.get(page).context["adminform"].form.initial
    sent = {key: form.get(key) or "" for key in ("username", "email", "language")}
    none = {
        f"{prefix}-{count}_FORMS": 0
        for prefix in ("role_grants", "entitlements", "sanctions")
        for count in ("TOTAL", "INITIAL")
    }

    client.post(page, {**sent, **none, "name": "Ann Secret", "time_zone": "UTC"})

    changed = AuditRecord.objects.get(object_kind="accounts.user", act="changed")
    assert "Name" in changed.facts["fields"]
    assert changed.facts["member"] == member.pk
    assert "Ann" not in f"{changed.facts} {changed.reason}"


def test_roles_transfers_and_payouts_are_in_it(member, operator):
    roles.appoint(member=member, role=Role.VOLUNTEER, by=operator, reason="kind")
    roles.dismiss(member=member, role=Role.VOLUNTEER, by=operator, reason="away")

    acts = AuditRecord.objects.order_by("number").values_list("act", "reason")
    assert list(acts) == [("gave a role", "kind"), ("ended a role", "away")]
    assert AuditRecord.objects.first().facts == {
        "role": "volunteer",
        "member": member.pk,
    }
    assert audit.verify() == ""


def test_a_members_history_is_one_step_from_their_page(
    client, operator, member, other_member
):
    order = buy(member, make_offer())
    refunds.refund(order=order, by=operator, reason="was ill")
    audit.record(act="praised", actor=operator, target=other_member, reason="mild")
    client.force_login(operator)

    page = client.get(
        f"/admin/accounts/user/{member.pk}/history-of-acts", follow=True
    ).content.decode()

    assert "was ill" in page
    assert "amount 99.00 CNY" in page
    assert f"/admin/accounts/order/{order.pk}/change/" in page
    assert "mild" not in page


@pytest.mark.parametrize("query", ["actor=x", "member=x", "member=999999", "actor=1"])
def test_a_filter_made_up_by_hand_is_answered(client, operator, chain, query):
    client.force_login(operator)

    answer = client.get(f"/admin/accounts/auditrecord/?{query}")

    assert answer.status_code in {200, 302}


def changed_at_the_desk(client, page, **sent):
    """What the chain tells of it once these are sent with all that stands there."""
    page = f"/admin/{page}/change/"
    form = client.get(page).context["adminform"].form
    there = {
        name: form.fields[name].prepare_value(value)
        for name, value in form.initial.items()
        if name in form.fields and value is not None and value is not False
    }
    sent = there | sent
    assert client.post(page, sent).status_code == 302
    return AuditRecord.objects.get(act="changed").facts


def test_a_change_of_the_house_is_told_by_what_it_was_and_is(client, operator):
    client.force_login(operator)
    offer = make_offer(price=3900)
    none = {f"share_agreements-{count}_FORMS": 0 for count in ("TOTAL", "INITIAL")}

    facts = changed_at_the_desk(
        client, f"accounts/offer/{offer.pk}", price="1.00", hypothesis="More.", **none
    )

    assert facts["changed"] == {"price": ["39.00", "1.00"]}
    assert audit.verify() == ""
    listed = client.get("/admin/accounts/auditrecord/").content.decode()
    assert "price 39.00 → 1.00" in listed
    history = client.get(f"/admin/accounts/offer/{offer.pk}/history/").content.decode()
    assert "Changed Price" in history


def test_a_change_of_a_share_is_told_without_a_name(client, operator, member):
    client.force_login(operator)
    offer = make_offer()
    made = ShareAgreement.objects.create(creator=member, offer=offer, per_mille=10)
    prefix = "share_agreements"
    rows = {
        **{f"{prefix}-{count}_FORMS": 1 for count in ("TOTAL", "INITIAL")},
        f"{prefix}-0-id": made.pk,
        f"{prefix}-0-offer": offer.pk,
        f"{prefix}-0-per_mille": 20,
        f"{prefix}-0-starts_on": f"{made.starts_on}",
        f"{prefix}-0-note": "as Ann Secret asked",
    }

    facts = changed_at_the_desk(client, f"accounts/offer/{offer.pk}", **rows)

    assert facts["changed"] == {f"shareagreement {made.pk} per_mille": ["10", "20"]}
    assert "Secret" not in f"{facts}"


def test_a_members_reason_is_not_told(client, operator, member):
    client.force_login(operator)
    given = Entitlement.objects.create(
        member=member,
        what="membership",
        source=Entitlement.Source.STAFF,
        starts_at=timezone.now().replace(microsecond=0),
        reason="prize",
    )
    start = timezone.localtime(given.starts_at)

    facts = changed_at_the_desk(
        client,
        f"accounts/entitlement/{given.pk}",
        reason="lost her job",
        starts_at_0=f"{start:%Y-%m-%d}",
        starts_at_1=f"{start:%H:%M:%S}",
        ends_at_0="2099-01-01",
        ends_at_1="00:00",
    )

    assert list(facts["changed"]) == ["ends_at"]
    assert "job" not in f"{facts}"


def test_every_act_is_said_in_the_readers_language():
    services = Path(settings.BASE_DIR, "accounts/services").glob("*.py")
    code = "".join(path.read_text() for path in services)
    named = set(re.findall(r'(?:act=|_record\()"([^"]+)"', code))
    assert {"paid out", "sent a transfer back"} <= named

    told = named | {audit.ANCHOR, *audit.ADMIN_ACTS.values(), *map(str, AUDITED)}

    assert told - set(ACTS) == set()


def test_the_chain_is_read_in_chinese(client, operator, chain):
    audit.record(act="paid out", actor=operator)
    client.force_login(operator)

    page = client.get(
        "/admin/accounts/auditrecord/?act=paid+out", HTTP_ACCEPT_LANGUAGE="zh-CN"
    )

    with translation.override("zh-hans"):
        assert gettext("paid out") in page.content.decode()
    assert len(page.context["cl"].result_list) == 1
