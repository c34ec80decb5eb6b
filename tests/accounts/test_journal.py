import datetime as dt

import pytest
from django.contrib import admin
from django.db import IntegrityError
from django.utils import timezone

from accounts.admin.journal import Journaled
from accounts.models import JournalEntry, Offer
from accounts.services import journal
from tests.factories.billing import make_offer

pytestmark = pytest.mark.django_db

NO_ROWS = {f"share_agreements-{count}_FORMS": 0 for count in ("TOTAL", "INITIAL")}


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def send(desk, offer, **sent):
    page = f"/admin/accounts/offer/{offer.pk}/change/"
    form = desk.get(page).context["adminform"].form
    there = {
        name: form.fields[name].prepare_value(value)
        for name, value in form.initial.items()
        if name in form.fields and value is not None and value is not False
    }
    return desk.post(page, {**there, **NO_ROWS, **sent})


def test_the_desk_asks_a_reason_for_everything_that_is_watched():
    """And no list or action of it changes a row without one."""
    desks = {
        model: desk
        for model, desk in admin.site._registry.items()
        if model in journal.watched()
    }

    assert set(desks) == journal.watched()
    assert [it for it in desks.values() if not isinstance(it, Journaled)] == []
    assert [it for it in desks.values() if it.list_editable] == []


def test_every_price_and_rule_is_watched():
    names = {model._meta.label_lower for model in journal.watched()}

    assert {
        *("accounts.offer", "incentives.pointrule"),
        *("incentives.campaign", "incentives.holdout", "incentives.coupon"),
        *("incentives.reward", "incentives.pointsterms", "incentives.ladder"),
    } <= names


def test_a_price_does_not_change_without_a_reason(desk):
    offer = make_offer(price=3900)

    refused = send(desk, offer, price="49.00")

    offer.refresh_from_db()
    assert offer.price == 3900
    assert "hypothesis" in refused.context["adminform"].form.errors
    assert not JournalEntry.objects.exists()


def test_with_one_it_does_and_the_journal_tells_it(desk, operator):
    offer = make_offer(price=3900, title="A year")
    day = timezone.localdate() + dt.timedelta(days=30)

    answer = send(
        desk, offer, price="49.00", hypothesis="As many will buy.", look_on=f"{day}"
    )

    assert answer.status_code == 302
    (entry,) = journal.about(offer)
    assert entry.changed == {"price": ["39.00", "49.00"]}
    assert (entry.hypothesis, entry.look_on) == ("As many will buy.", day)
    assert (entry.by, entry.name, entry.deed) == (operator, "A year", "changed")
    page = desk.get("/admin/accounts/journalentry/").content.decode()
    assert "As many will buy." in page
    page = desk.get(f"/admin/accounts/journalentry/{entry.pk}/change/")
    assert "price: 39.00 → 49.00" in page.content.decode()


def test_words_may_be_mended_without_a_reason(desk):
    offer = make_offer(title="A yaer")

    assert send(desk, offer, title="A year").status_code == 302
    assert not JournalEntry.objects.exists()


def test_a_reason_without_a_change_is_no_entry(desk):
    assert send(desk, make_offer(), hypothesis="Nothing yet").status_code == 302

    assert not JournalEntry.objects.exists()


def test_what_was_learned_stands_beside_what_was_expected(desk, operator):
    offer = make_offer()
    entry = journal.note(
        target=offer,
        deed=journal.Deed.CHANGED,
        hypothesis="As many will buy.",
        by=operator,
        look_on=timezone.localdate(),
    )
    due = desk.get("/admin/accounts/journalentry/?result=due").content.decode()
    assert "As many will buy." in due

    page = f"/admin/accounts/journalentry/{entry.pk}/learn/"
    desk.post(page, {"words": "Fewer did."})

    entry.refresh_from_db()
    assert (entry.learned, entry.hypothesis) == ("Fewer did.", "As many will buy.")
    assert entry.learned_at is not None
    due = desk.get("/admin/accounts/journalentry/?result=due").content.decode()
    assert "As many will buy." not in due


def test_what_was_measured_is_filled_in_once(operator):
    offer = make_offer()
    entry = journal.note(
        target=offer, deed=journal.Deed.ADDED, hypothesis="It sells.", by=operator
    )
    found = {"effect": 0.5, "low": 0.2, "high": 0.8, "members": 900}

    assert journal.fill(offer, found) == 1
    assert journal.fill(offer, {**found, "effect": 9.0}) == 0

    entry.refresh_from_db()
    assert entry.finding == found


def test_an_entry_expects_something(operator):
    with pytest.raises(IntegrityError, match="journal_expects_something"):
        journal.note(
            target=make_offer(), deed=journal.Deed.ADDED, hypothesis="", by=operator
        )


def test_only_the_staff_reads_it(client, member):
    client.force_login(member)

    assert client.get("/admin/accounts/journalentry/").status_code == 302
    assert Offer in journal.watched()
