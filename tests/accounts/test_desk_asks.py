"""What operators are asked before an act, and told after it."""

import pytest
from django.core import mail as outbox

from accounts.models import (
    Application,
    AuditRecord,
    Refund,
    User,
)
from accounts.services import joining
from community.lib import admin as lib
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def choose(desk, action, rows, **data):
    """An action of a list; with `data`, its question answered."""
    chosen = [row.pk for row in rows]
    url = f"/admin/accounts/{rows[0]._meta.model_name}/"
    form = {"action": action, "_selected_action": chosen, **data}
    if data:
        form["asked"] = "1"
    return desk.post(url, form, follow=True)


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_orders_are_refunded_together_only_after_a_question(desk, member):
    orders = [buy(member, make_offer(str(n), what=f"item:{n}")) for n in (1, 2)]

    question = choose(desk, "refund_orders", orders)

    page = question.content.decode()
    assert all(order.number in page for order in orders)
    assert "198.00 CNY" in page
    assert not Refund.objects.exists()

    assert told(choose(desk, "refund_orders", orders, reason="closed")) == [
        "Done for 2."
    ]
    assert set(Refund.objects.values_list("amount", "reason")) == {(9900, "closed")}


def test_without_a_reason_nothing_goes_back(desk, member):
    orders = [buy(member, make_offer())]

    refused = choose(desk, "refund_orders", orders, reason="")

    assert refused.status_code == 422
    assert not Refund.objects.exists()


def test_too_many_at_once_are_refused(desk, member, monkeypatch):
    monkeypatch.setattr(lib, "AT_ONCE", 1)
    orders = [buy(member, make_offer(str(n), what=f"item:{n}")) for n in (1, 2)]

    assert told(choose(desk, "refund_orders", orders)) == ["At most 1 at once."]


def test_who_is_suspended_reads_why(
    desk, member, other_member, django_capture_on_commit_callbacks
):
    assert choose(desk, "suspend_members", [member]).status_code == 200
    assert not User.objects.exclude(suspended_at=None).exists()

    with django_capture_on_commit_callbacks(execute=True):
        choose(desk, "suspend_members", [member, other_member], reason="Spam, twice")

    assert User.objects.exclude(suspended_at=None).count() == 2
    assert "Spam, twice" in outbox.outbox[0].body
    record = AuditRecord.objects.get(act="suspended", facts__member=member.pk)
    assert record.reason == "Spam, twice"


def test_nobody_suspends_themselves(desk, operator, member):
    response = choose(desk, "suspend_members", [operator, member], reason="A test")

    assert told(response) == [f"{operator}: You may not suspend them.", "Done for 1."]
    operator.refresh_from_db()
    assert operator.suspended_at is None


def test_applicants_are_let_in_together_with_a_word(desk):
    asked = [
        joining.apply(member=make_member(name, roles=[]), space=None, answers=[])
        for name in ("ann", "ben")
    ]
    choose(desk, "accept_all", asked)
    assert set(Application.objects.values_list("state", flat=True)) == {"waiting"}

    choose(desk, "accept_all", asked, reason="Welcome to you")

    assert set(Application.objects.values_list("state", "reason")) == {
        ("accepted", "Welcome to you")
    }
    assert told(choose(desk, "accept_all", asked, reason="Again")) == [
        f"{row}: It was decided already." for row in asked
    ]
