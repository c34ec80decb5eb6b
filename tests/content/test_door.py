"""Who helps at the door, and who comes without having registered."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import AuditRecord, ShareAgreement, Space
from accounts.privacy import erase_all
from accounts.services import ledger
from accounts.services.ledger import POINTS
from content.errors import NoSeatKept, NotIncluded, TooEarly
from content.models import DoorHelper, Event, EventMaterial, Registration
from content.services import door, events, registrations, series
from tests.factories.accounts import make_member, make_space
from tests.factories.events import go, go_for_points, make_event

pytestmark = pytest.mark.django_db

SOON = 0.01  # days


@pytest.fixture
def host():
    return make_member("host")


def points(member):
    return ledger.balance(member, kind="points", unit=POINTS)


def test_who_is_named_for_the_door_checks_in_there_and_nowhere_else(
    client, member, host
):
    event = make_event(host=host, days=SOON)
    other = make_event(host=host, days=SOON)
    guest, elsewhere = make_member("guest"), make_member("elsewhere")
    mine, theirs = go(event, guest), go(other, elsewhere)
    client.force_login(host)
    path = f"/studio/events/{event.pk}/door/helpers/"
    assert client.post(path, {"helper-username": "nobody"}).status_code == 422
    client.post(path, {"helper-username": member.username})
    assert member.notifications.get().kind == "event_door"

    client.force_login(member)
    assert "/door/" in client.get(event.get_absolute_url()).content.decode()
    page = client.get(f"/studio/events/{event.pk}/door/").content.decode()
    assert "guest" in page
    assert "Name somebody" not in page
    client.post(f"/studio/registrations/{mine.pk}/in/")
    mine.refresh_from_db()
    assert mine.checked_in_at
    answer = client.post(f"/studio/registrations/{theirs.pk}/in/")
    assert answer.status_code == 404
    assert client.get(f"/studio/events/{event.pk}/").status_code == 403

    client.force_login(host)
    client.post(f"/studio/events/helpers/{DoorHelper.objects.get().pk}/remove/")
    client.force_login(member)
    assert client.get(f"/studio/events/{event.pk}/door/").status_code == 403


def test_who_may_not_see_an_event_does_not_help_there(member, host):
    space = make_space("private", access=Space.Access.JOINED)
    event = make_event(host=host, space=space)
    with pytest.raises(NotIncluded):
        door.name_helper(event=event, member=member, by=host)


def test_who_had_not_registered_is_let_in_where_a_seat_is_free(client, member, host):
    event = make_event(host=host, days=SOON, seats=1, closes_at=timezone.now())
    client.force_login(host)
    path = f"/studio/events/{event.pk}/door/walk-in/"
    client.post(path, {"walk-username": f"@{member.username}"})
    mine = Registration.objects.get(event=event, member=member)
    assert mine.is_going
    assert mine.checked_in_at

    client.post(path, {"walk-username": member.username})  # twice is once
    make_member("late")
    answer = client.post(path, {"walk-username": "late"})
    assert answer.status_code == 422
    assert "All seats are taken." in answer.content.decode()
    event.refresh_from_db()
    assert event.taken == 1


def test_a_seat_that_is_to_be_paid_is_not_given_away_at_the_door(member, host):
    event = make_event(host=host, days=SOON, price=1000)
    with pytest.raises(NotIncluded):
        door.walk_in(event=event, member=member)
    event.refresh_from_db()
    assert event.taken == 0


def test_who_waits_is_let_in_with_a_seat_that_was_added(member, host):
    event = make_event(host=host, days=SOON, seats=1, closes_at=timezone.now())
    Event.objects.filter(pk=event.pk).update(closes_at=None)
    go(event, make_member("first"))
    waits = go(event, member)
    with pytest.raises(NoSeatKept):
        door.walk_in(event=event, member=member)
    Event.objects.filter(pk=event.pk).update(seats=2)
    door.walk_in(event=event, member=member)
    waits.refresh_from_db()
    assert (waits.is_going, waits.queued_at) == (True, None)


def test_nobody_walks_in_long_before(member, host):
    event = make_event(host=host)
    with pytest.raises(TooEarly):
        door.walk_in(event=event, member=member)
    assert not event.registrations.exists()


def test_who_goes_for_good_helps_no_more(member, host):
    door.name_helper(event=make_event(host=host), member=member, by=host)
    erase_all(member)
    assert not DoorHelper.objects.exists()


def test_the_host_has_the_same_share_of_points_as_of_money(member, host):
    ShareAgreement.objects.create(
        creator=host, per_mille=700, starts_on=timezone.localdate()
    )
    event = make_event(host=host, points=100)
    go_for_points(event, member)
    Event.objects.filter(pk=event.pk).update(
        starts_at=timezone.now() - 2 * (event.ends_at - event.starts_at),
        ends_at=timezone.now(),
    )
    registrations.advance()
    registrations.advance()
    assert points(host) == 70
    assert ledger.house_balance(kind="points held", unit=POINTS) == 0


def test_a_file_is_for_all_that_come_and_goes_from_all(client, host):
    made = series.start_series(event=make_event(host=host), frequency="weekly", count=3)
    first = made.events.exclude(series_date=None).earliest("starts_at")
    client.force_login(host)
    pdf = SimpleUploadedFile("notes.pdf", b"%PDF-1.4 notes")
    said = {"title": "Notes", "file": pdf, "open_from": "before", "for_all": "1"}
    client.post(f"/studio/events/{first.pk}/materials/", said)
    assert EventMaterial.objects.count() == made.events.count() == 4
    assert EventMaterial.objects.values("file").distinct().count() == 1

    name = EventMaterial.objects.first().file.name
    storage = EventMaterial._meta.get_field("file").storage
    events.remove_material(material=first.materials.get())
    assert storage.exists(name)  # the others have it still
    of_all = series.pattern_of(made).materials.get()
    client.post(f"/studio/events/materials/{of_all.pk}/remove/", {"sure": "1"})
    assert not EventMaterial.objects.exists()


def test_what_is_made_later_has_the_file_as_well(host):
    made = series.start_series(event=make_event(host=host), frequency="weekly")
    first = made.events.exclude(series_date=None).earliest("starts_at")
    pdf = SimpleUploadedFile("notes.pdf", b"%PDF-1.4 notes")
    material = events.add_material(
        event=first, title="Notes", upload=pdf, open_from="before"
    )
    series.spread_material(material=material)
    dated = made.events.exclude(series_date=None)
    last = dated.latest("series_date")
    last.materials.all().delete()
    last.delete()
    series.make_occurrences(series=made)
    assert dated.latest("series_date").materials.get().title == "Notes"


def test_what_operators_do_with_others_events_is_in_the_audit(host, operator):
    event = make_event(host=host)
    events.cancel_event(event=event, by=operator, reason="Rain")
    record = AuditRecord.objects.get(act="cancelled an event")
    assert (record.actor, record.reason) == (operator, "Rain")
    events.cancel_event(event=make_event(host=host), by=host)
    assert AuditRecord.objects.filter(act="cancelled an event").count() == 1
