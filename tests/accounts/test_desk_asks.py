"""What operators are asked before an act, and told after it."""

import re

import pytest

from accounts.models import (
    Application,
    AuditRecord,
    Dispute,
    Refund,
    RefundRequest,
    Role,
)
from accounts.services import disputes, joining, refund_requests, refunds
from accounts.services.roles import grant_role, revoke_role
from community.lib import admin as lib
from tests.factories.accounts import make_member, make_space
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


def test_who_is_only_queued_is_not_called_let_in(desk, member):
    space = make_space(seats=0, access="joined", join_mode="application")
    first, second = (
        joining.apply(member=make_member(name), space=space, answers=[])
        for name in ("ann", "ben")
    )
    queued = "on the waiting list, for the space is full"
    url = f"/admin/accounts/application/{first.pk}/accept/"

    assert told(desk.post(url, {"reason": ""}, follow=True)) == [f"{first}: {queued}"]
    both = told(choose(desk, "accept_all", [first, second], reason=""))
    assert both == [f"{row}: {queued}" for row in (first, second)]

    form = {"reason": "Welcome", "although_full": "on"}
    assert told(desk.post(url, form, follow=True)) == ["Done."]
    states = Application.objects.values_list("member__username", "state")
    assert dict(states) == {"ann": "accepted", "ben": "queued"}


def test_the_page_of_a_refund_says_whose_and_how_much(desk, member):
    order = buy(member, make_offer(title="The course"))
    refunds.refund(order=order, amount=1000, reason="late")
    url = f"/admin/accounts/order/{order.pk}/refund/"

    page = desk.get(url).content.decode()

    assert re.search(r"<h1[^>]*>Refund</h1>", page)
    for fact in ("Member", "The course", "99.00 CNY", "10.00 CNY", "89.00 CNY"):
        assert fact in page, fact

    gone = desk.post(url, {"amount": "89", "reason": "ill"}, follow=True)

    assert gone.redirect_chain[-1][0] == f"/admin/accounts/order/{order.pk}/change/"
    page = gone.content.decode()
    for fact in ("10.00 CNY", "89.00 CNY", "late", "ill", "Credit note", "membership"):
        assert fact in page, fact
    assert url not in page


def test_a_dispute_leads_to_its_order(desk, member):
    order = buy(member, make_offer())
    disputes.catch_up(order.payments.get(), Dispute.State.OPEN)
    dispute = Dispute.objects.get()

    for path in ("", f"{dispute.pk}/change/"):
        page = desk.get(f"/admin/accounts/dispute/{path}").content.decode()
        assert f"/admin/accounts/order/{order.pk}/change/" in page
        assert "Member" in page


def test_nothing_done_is_not_called_done(desk, member):
    order = buy(member, make_offer())
    disputes.catch_up(order.payments.get(), Dispute.State.OPEN)
    url = f"/admin/accounts/order/{order.pk}/refund/"

    for amount in ("39", "0"):
        answer = desk.post(url, {"amount": amount, "reason": "ill"})
        assert answer.status_code == 422

    refused = told(choose(desk, "refund_orders", [order], reason="ill"))
    assert refused[0].startswith(f"{order}: Nothing can be given back")
    assert len(refused) == 1
    assert not Refund.objects.exists()
    assert not AuditRecord.objects.filter(object_kind="accounts.order").exists()


def test_a_request_that_was_answered_keeps_its_answer(desk, member):
    order = buy(member, make_offer())
    asked = refund_requests.ask(order=order, words="please")
    url = f"/admin/accounts/refundrequest/{asked.pk}/answer/"
    desk.post(url, {"words": "No", "amount": ""})

    again = desk.post(url, {"words": "Yes", "amount": "20"})

    assert again.status_code == 422
    assert "It was decided already." in again.content.decode()
    assert RefundRequest.objects.get().answer == "No"
    assert not Refund.objects.exists()
    page = desk.get(f"/admin/accounts/refundrequest/{asked.pk}/change/")
    assert url not in page.content.decode()


def test_a_refund_by_hand_is_noted_once(desk, member):
    made = refunds.refund(order=buy(member, make_offer()))
    url = f"/admin/accounts/refund/{made.pk}/done/"
    page = f"/admin/accounts/refund/{made.pk}/change/"
    assert url in desk.get(page).content.decode()

    desk.post(url, {"note": "by cheque"})
    assert desk.post(url, {"note": "by cash"}).status_code == 422

    made.refresh_from_db()
    assert (made.state, made.problem) == (Refund.State.DONE, "by cheque")
    assert AuditRecord.objects.get(act="gave back by hand").reason == "by cheque"
    assert url not in desk.get(page).content.decode()


def test_a_role_that_is_gone_cannot_be_ended(desk, member):
    grant_role(member=member, role=Role.VOLUNTEER)
    revoke_role(member=member, role=Role.VOLUNTEER)

    response = desk.post(
        f"/admin/accounts/user/{member.pk}/roles/",
        {"act": "revoke", "role": "volunteer", "reason": "away"},
        follow=True,
    )

    assert told(response) == ["They do not have it."]
    assert not AuditRecord.objects.exists()


@pytest.mark.parametrize("number", ["999999", "abc", str(10**30)])
@pytest.mark.parametrize(
    "act",
    [
        *("order/{}/refund", "refundrequest/{}/answer", "payment/{}/confirm"),
        *("refund/{}/done", "difference/{}/resolve", "notice/{}/handle"),
        *("user/{}/facts", "user/{}/roles", "user/{}/invite-author"),
        *("application/{}/accept", "application/{}/decline"),
        "creatoraccount/{}/pay-out",
    ],
)
def test_what_is_not_there_is_not_found(desk, act, number):
    address = f"/admin/accounts/{act.format(number)}/"

    assert desk.get(address).status_code == 404
    assert desk.post(address).status_code in {404, 405}


@pytest.mark.parametrize(
    "act", ["expert/{}/verify", "expert/{}/withdraw", "authorapplication/{}/accept"]
)
@pytest.mark.parametrize("number", ["999999", "abc"])
def test_nobody_decides_about_what_is_not_there(desk, act, number):
    assert desk.get(f"/admin/accounts/{act.format(number)}/").status_code == 403
