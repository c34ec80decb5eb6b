import datetime as dt
import json

import pytest
from django.utils import timezone

from accounts.models import PersonalReading
from accounts.privacy import erase_all, export_all
from accounts.services import keys, ledger
from community.lib.sealed import CannotOpen, unseal
from incentives.errors import WrongState
from incentives.models import Parcel, Redemption
from incentives.services import parcels, redemptions
from incentives.services.points import balance
from tests.factories.rewards import HOME, make_goods, take

pytestmark = pytest.mark.django_db

WHY = "Packing on Monday"


@pytest.fixture
def ordered(member):
    return take(member, make_goods(stock=3))


def pick(redemption, by):
    return parcels.pick(numbers=[redemption.pk], by=by, reason=WHY)


def shipped(redemption, by):
    pick(redemption, by)
    redemptions.ship(redemption=redemption, carrier="SF", tracking="SF123", by=by)
    redemption.refresh_from_db()
    return redemption


def stock(redemption):
    redemption.reward.refresh_from_db()
    return redemption.reward.stock


def test_the_address_is_sealed_to_its_parcel(ordered):
    kept = bytes(ordered.parcel.sealed)

    assert b"Hidden Road" not in kept
    assert parcels.address_of(ordered.parcel) == HOME
    with pytest.raises(CannotOpen):
        unseal(kept, "parcel:0")


def test_a_picking_list_shows_addresses_and_notes_who_read_them(
    ordered, member, operator
):
    labels = pick(ordered, operator)

    assert [label.to for label in labels] == [HOME]
    ordered.refresh_from_db()
    assert ordered.state == Redemption.State.PICKED
    reading = PersonalReading.objects.get()
    assert (reading.member, reading.by, reading.reason) == (member, operator, WHY)
    again = pick(ordered, operator)
    assert (len(again), PersonalReading.objects.count()) == (1, 2)


def test_from_the_order_to_the_door(ordered, member, operator):
    with pytest.raises(WrongState):
        redemptions.ship(redemption=ordered, carrier="SF", tracking="", by=operator)
    row = shipped(ordered, operator)
    redemptions.arrived(redemption=row, by=member)

    row.refresh_from_db()
    assert row.state == Redemption.State.DELIVERED
    assert row.parcel.tracking == "SF123"
    news = member.notifications.get()
    assert (news.kind, news.target_id) == ("reward_shipped", row.pk)
    assert redemptions.shown_to(member, [row.pk])[row.pk][0] == row.reward.title
    assert redemptions.shown_to(operator, [row.pk]) == {}


def test_what_comes_back_gives_its_points_back_once(ordered, member, operator):
    row = shipped(ordered, operator)
    assert (balance(member), stock(row)) == (0, 2)
    how = {"redemption": row, "reason": "It was broken", "by": operator}

    redemptions.take_back(restock=False, **how)
    with pytest.raises(WrongState):
        redemptions.take_back(restock=True, **how)

    assert (balance(member), stock(row)) == (20, 2)
    assert ledger.check() == {}


def test_a_whole_piece_goes_back_on_the_shelf(ordered, operator):
    row = shipped(ordered, operator)
    redemptions.take_back(redemption=row, restock=True, reason="Too big", by=operator)
    assert stock(row) == 3


def test_a_member_calls_it_off_until_it_is_packed(ordered, member, operator):
    redemptions.call_off(redemption=ordered)

    ordered.refresh_from_db()
    assert (ordered.state, balance(member), stock(ordered)) == ("cancelled", 20, 3)
    assert Parcel.objects.get().sealed is None

    other = take(member, ordered.reward)
    pick(other, operator)
    with pytest.raises(WrongState):
        redemptions.call_off(redemption=other)


def test_an_operator_calls_it_off_and_says_why(ordered, member, operator):
    redemptions.cancel(redemption=ordered, reason="None is left", by=operator)

    ordered.refresh_from_db()
    assert (ordered.state, ordered.reason) == ("cancelled", "None is left")
    assert member.notifications.get().kind == "reward_back"


def test_addresses_are_erased_some_time_after_they_arrived(ordered, member, operator):
    row = shipped(ordered, operator)
    soon = timezone.now() + redemptions.ARRIVED_AFTER + dt.timedelta(days=1)
    assert parcels.forget_old(soon) == 0
    assert redemptions.note_arrivals(soon) == 1
    assert parcels.forget_old(soon + dt.timedelta(days=1)) == 0

    assert parcels.forget_old(soon + dt.timedelta(days=31)) == 1

    parcel = Parcel.objects.get(redemption=row)
    assert (parcel.sealed, parcels.address_of(parcel)) == (None, None)
    assert pick(row, operator) == []


def test_a_copy_holds_ones_own_address_and_forgetting_takes_it_away(
    ordered, member, other_member
):
    mine = json.dumps(export_all(member), default=str)
    theirs = json.dumps(export_all(other_member), default=str)
    assert "Hidden Road" in mine
    assert "Hidden Road" not in theirs

    erase_all(member)

    ordered.refresh_from_db()
    assert ordered.state == Redemption.State.CANCELLED
    assert Parcel.objects.get().sealed is None
    assert ledger.check() == {}


def test_addresses_are_sealed_anew_with_a_new_key(ordered, settings):
    settings.FIELD_KEYS = ["a new key of at least some length"]
    assert keys.rotate() >= 1
    assert parcels.address_of(Parcel.objects.get()) == HOME


def test_an_operator_prints_the_list_and_takes_it_as_a_table(client, ordered, operator):
    client.force_login(operator)
    assert "Hidden Road" not in client.get("/shop/picking/").content.decode()
    sent = {"numbers": [ordered.pk], "reason": WHY}

    page = client.post("/shop/picking/", {**sent, "page": ""})
    table = client.post("/shop/picking/", {**sent, "csv": ""})

    assert "Hidden Road" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "Hidden Road" in b"".join(table.streaming_content).decode()
    no_reason = client.post("/shop/picking/", {"numbers": [ordered.pk]})
    assert no_reason.status_code == 422


def test_operators_send_it_at_the_desk_and_see_no_address(client, ordered, operator):
    pick(ordered, operator)
    client.force_login(operator)
    page = f"/admin/incentives/redemption/{ordered.pk}"

    assert "Hidden Road" not in client.get(f"{page}/change/").content.decode()
    client.post(f"{page}/ship/", {"carrier": "SF", "tracking": "SF1"})
    client.post(f"{page}/back/", {"reason": "It was broken", "restock": "on"})

    ordered.refresh_from_db()
    assert ordered.state == Redemption.State.RETURNED


def test_it_waits_among_todays_tasks(client, ordered, operator):
    client.force_login(operator)
    assert "Rewards to be sent" in client.get("/admin/").content.decode()
