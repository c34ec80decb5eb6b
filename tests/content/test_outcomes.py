import datetime as dt

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Activity, AuditRecord, Role, Verb
from accounts.privacy import erase_all, export_all
from accounts.services.roles import grant_role
from community.lib import subtitles
from content.errors import DiscussedAlready, NotThere, NotYetOver, OwnWork
from content.models import Asked, Event, EventOutcome, Item, Survey
from content.services import (
    attendance,
    captions,
    event_ratings,
    library,
    outcomes,
    registrations,
    surveys,
)
from tests.factories.accounts import make_member, make_space
from tests.factories.events import go, go_for_points, make_event

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def clock(db):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def mentor(db):
    member = make_member("mentor")
    grant_role(member=member, role=Role.MENTOR)
    member.refresh_from_db()
    return member


@pytest.fixture
def over(clock, mentor):
    """Ten have had a seat, and it was noted who came."""
    event = make_event(days=1 / 24, host=mentor)
    for n in range(10):
        go(event, make_member(f"guest-{n}"))
    return event


def settle(event, clock, *, came):
    for registration in event.registrations.all()[:came]:
        attendance.check_in(registration=registration)
    clock.move_to(event.ends_at + 2 * HOUR)
    attendance.settle_due()
    return event


def guests(event):
    return [it.member for it in event.registrations.select_related("member")]


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


def outcome():
    return EventOutcome.objects.get()


# Stars ------------------------------------------------------------------------


def test_only_who_came_rates_it_and_only_when_it_is_over(over, clock):
    first, *_others, last = guests(over)
    says = {"event": over, "stars": 5, "words": ""}
    with pytest.raises(NotYetOver):
        event_ratings.rate(member=first, **says)
    settle(over, clock, came=5)
    event_ratings.rate(member=first, **says)
    with pytest.raises(NotThere):
        event_ratings.rate(member=last, **says)
    with pytest.raises(NotThere):
        event_ratings.rate(member=make_member("stranger"), **says)
    with pytest.raises(OwnWork):
        event_ratings.rate(member=over.host, **says)


def test_a_second_rating_takes_the_place_of_the_first(over, clock):
    settle(over, clock, came=5)
    member = guests(over)[0]
    for stars in (5, 2):
        event_ratings.rate(event=over, member=member, stars=stars, words="")
    assert (outcome().rating_count, outcome().rating_sum) == (1, 2)
    assert Activity.objects.filter(verb=Verb.EVENT_RATED).count() == 1
    event_ratings.withdraw(event=over, member=member)
    assert outcome().rating_count == 0


def test_few_stars_say_little():
    few = outcomes.standing_of(EventOutcome(rating_count=2, rating_sum=10))
    many = outcomes.standing_of(EventOutcome(rating_count=200, rating_sum=1000))
    assert few.value == many.value == 5
    assert few.low < 3 < 4.9 < many.low
    assert outcomes.standing_of(EventOutcome()) is None


def test_stars_and_words_stand_on_the_page(client, over, clock):
    settle(over, clock, came=5)
    member = guests(over)[0]
    client.force_login(member)
    path = f"/events/{over.pk}/rate/"
    assert "Rate it" in client.get(over.get_absolute_url()).content.decode()
    assert client.post(path, {"stars": "9"}).status_code == 422
    client.post(path, {"stars": "4", "words": "Good soup"})
    text = client.get(over.get_absolute_url()).content.decode()
    assert "4 of 5" in text
    assert "1 rating, surely between" in text
    assert "Good soup" in text

    client.force_login(guests(over)[9])
    answer = client.post(path, {"stars": "1"})
    assert answer.status_code == 422
    client.force_login(member)
    client.post(path, {"withdraw": "1"})
    assert outcome().rating_count == 0


def test_what_is_hidden_counts_no_more_until_it_is_shown_again(
    client, over, clock, operator
):
    settle(over, clock, came=5)
    rating = event_ratings.rate(
        event=over, member=guests(over)[0], stars=1, words="Rude."
    )
    client.force_login(operator)
    url, chosen = "/admin/content/eventrating/", {"_selected_action": [rating.pk]}
    told = {**chosen, "action": "hide", "asked": "1", "reason": "It insults."}
    client.post(url, told)
    assert outcome().rating_count == 0
    assert event_ratings.in_words(over) == []
    record = AuditRecord.objects.get(act="hid a rating")
    assert (record.actor, record.reason) == (operator, "It insults.")
    client.post(url, {**chosen, "action": "show"})
    assert event_ratings.in_words(over) == [rating]


# Going badly ------------------------------------------------------------------


def test_few_who_come_of_many_are_looked_into(over, clock):
    settle(over, clock, came=3)
    assert [it.event for it in outcomes.to_look_into()] == [over]


def test_four_in_ten_are_enough(over, clock):
    settle(over, clock, came=4)
    assert not outcomes.to_look_into()


def test_few_people_say_nothing(clock, mentor):
    event = make_event(days=1 / 24, host=mentor)
    for n in range(9):
        go(event, make_member(f"g{n}"))
    settle(event, clock, came=1)
    assert not outcomes.to_look_into()


def test_stars_that_are_surely_bad_are_looked_into_until_they_are_not(over, clock):
    settle(over, clock, came=10)
    people = guests(over)
    for member in people[:5]:
        event_ratings.rate(event=over, member=member, stars=1, words="")
    assert outcomes.to_look_into()
    for member in people[5:]:
        event_ratings.rate(event=over, member=member, stars=5, words="")
    assert not outcomes.to_look_into()


def test_the_operator_says_what_was_found_and_the_task_is_done(
    client, over, clock, operator
):
    settle(over, clock, came=1)
    client.force_login(operator)
    assert "Events that went badly" in client.get("/admin/").content.decode()
    path = f"/studio/events/{over.pk}/looked/"
    assert client.post(path, {"words": ""}).status_code == 422
    client.post(path, {"words": "It rained"})
    assert not outcomes.to_look_into()
    assert AuditRecord.objects.filter(act="looked into an event").count() == 1
    text = client.get(f"/studio/events/{over.pk}/after/").content.decode()
    assert "It rained" in text


# What remains -----------------------------------------------------------------


def test_the_first_notes_are_told_to_who_had_a_seat(client, over, clock, mentor):
    client.force_login(mentor)
    path = f"/studio/events/{over.pk}/after/"
    assert client.post(path, {"notes": "Early"}).status_code == 422
    settle(over, clock, came=5)
    client.post(path, {"notes": "We **dug**"})
    client.post(path, {"notes": "We **dug** deep"})
    assert told(guests(over)[9]) == ["event_remains"]
    assert (
        "<strong>dug</strong> deep"
        in client.get(over.get_absolute_url()).content.decode()
    )


def test_the_notes_of_a_sold_event_are_for_who_had_a_seat(client, clock, mentor):
    event = make_event(days=1 / 24, host=mentor, points=10)
    member = make_member("pays")
    go_for_points(event, member)
    clock.move_to(event.ends_at)
    outcomes.save_notes(event=event, by=mentor, notes="Secret soil")
    for reader, sees in ((member, True), (make_member("other"), False)):
        client.force_login(reader)
        text = client.get(event.get_absolute_url()).content.decode()
        assert ("Secret soil" in text) == sees
    client.logout()
    assert "Secret soil" not in client.get(event.get_absolute_url()).content.decode()


def test_a_recording_is_begun_in_the_library_with_the_doors_of_the_event(
    client, clock, mentor
):
    space = make_space("few", access="joined")
    event = make_event(
        days=1 / 24, host=mentor, points=10, included_in_membership=True, space=space
    )
    client.force_login(mentor)
    path = f"/studio/events/{event.pk}/recording/"
    client.post(path, {"new": "1"})
    assert not Item.objects.exists()
    clock.move_to(event.ends_at)

    answer = client.post(path, {"new": "1"})
    item = Item.objects.get()
    assert answer.url == f"/studio/items/{item.pk}/"
    assert (item.kind, item.access, item.space) == ("recording", "sold", space)
    assert item.included_in_membership
    assert item.recording.minutes == 60
    client.post(path, {"new": "1"})
    assert Item.objects.count() == 1
    assert client.get(answer.url).status_code == 200


def test_who_had_a_seat_may_watch_it_and_hears_when_it_is_out(clock, mentor):
    event = make_event(days=1 / 24, host=mentor, points=10)
    member = make_member("pays")
    go_for_points(event, member)
    left = make_member("left")
    gone = go_for_points(event, left)
    registrations.cancel_registration(registration=gone)
    clock.move_to(event.ends_at)
    item = outcomes.begin_recording(event=event, by=mentor)
    assert outcomes.tell_of_recordings() == 0

    Item.objects.update(state=Item.State.LIVE, published_at=timezone.now())
    assert outcomes.tell_of_recordings() == 1
    assert outcomes.tell_of_recordings() == 0
    assert told(member) == ["event_remains"]
    item.refresh_from_db()
    stranger = make_member("stranger")
    readers = (member, left, stranger)
    assert [library.is_open(item, it) for it in readers] == [True, False, False]


def test_the_page_shows_a_recording_once_its_reader_may_see_it(client, clock, mentor):
    event = make_event(days=1 / 24, host=mentor)
    clock.move_to(event.ends_at)
    item = outcomes.begin_recording(event=event, by=mentor)
    Item.objects.update(title="The film")
    client.force_login(make_member("reader"))
    assert "The film" not in client.get(event.get_absolute_url()).content.decode()
    Item.objects.update(state=Item.State.LIVE, published_at=timezone.now())
    assert "The film" in client.get(event.get_absolute_url()).content.decode()
    outcomes.link_recording(event=event, item=None)
    assert "The film" not in client.get(event.get_absolute_url()).content.decode()
    assert outcome().recording_id is None
    assert item.pk


def test_who_may_watch_it_finds_its_chapters_and_what_is_said_on_the_page(
    client, clock, mentor, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    event = make_event(days=1 / 24, host=mentor, points=5)
    came = make_member("came")
    go_for_points(event, came)
    clock.move_to(event.ends_at)
    item = outcomes.begin_recording(event=event, by=mentor)
    film = ContentFile(b"x", name="a.webm")
    film = item.files.create(
        kind="video", title="The film", file=film, chapters="1:30 Of soils"
    )
    captions.save_captions(
        played=film, language="en", cues=[subtitles.Cue(1, 2, "Welcome all")]
    )
    Item.objects.update(state=Item.State.LIVE, published_at=timezone.now())
    pages = []
    for reader in (came, make_member("reader")):
        client.force_login(reader)
        pages.append(client.get(event.get_absolute_url()).text)
    for words in ("Of soils", "Welcome all", "<video"):
        assert [words in page for page in pages] == [True, False], words


def test_one_cannot_link_what_others_recorded(client, clock, mentor):
    event = make_event(days=1 / 24, host=mentor)
    clock.move_to(event.ends_at)
    make_other = make_event("Other", days=1 / 24)
    clock.move_to(make_other.ends_at)
    others = outcomes.begin_recording(event=make_other, by=make_other.host)
    client.force_login(mentor)
    path = f"/studio/events/{event.pk}/recording/"
    client.post(path, {"recording": others.pk})
    assert outcomes.of(event) is None


def test_an_event_has_one_discussion(client, mentor):
    space = make_space("soils")
    event = make_event("Clay", host=mentor, kind=Event.Kind.CASE)
    client.force_login(mentor)
    path = f"/studio/events/{event.pk}/discussion/"
    assert client.post(path, {"title": "", "body": "x"}).status_code == 422
    key = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    says = {"title": "Clay", "body": "Tell", "space": space.pk}
    client.post(path, {**says, "form_key": key})
    client.post(path, {**says, "form_key": key})
    topic = outcome().topic
    assert (topic.kind, topic.space) == ("case", space)

    answer = client.post(path, {**says, "title": "More"})
    assert "There is a discussion of it already." in answer.content.decode()
    with pytest.raises(DiscussedAlready):
        outcomes.open_discussion(
            event=event, by=mentor, title="M", body="m", space=space
        )
    assert (
        topic.get_absolute_url()
        in client.get(event.get_absolute_url()).content.decode()
    )
    topic.hidden_at = timezone.now()
    topic.save()
    assert (
        topic.get_absolute_url()
        not in client.get(event.get_absolute_url()).content.decode()
    )


# Asked, and forgotten ---------------------------------------------------------


def test_who_came_may_be_asked_how_satisfied_they_are(over, clock):
    Survey.objects.filter(occasion="event").update(share=1)
    settle(over, clock, came=1)
    deed = Activity.objects.get(verb=Verb.EVENT_ATTENDED)
    surveys.ask_after(deed)
    surveys.ask_after(deed)
    asked = Asked.objects.get()
    assert (asked.target_kind, asked.target_id) == ("event", over.pk)
    assert surveys.title_of(asked, asked.member) == over.title


def test_who_goes_takes_their_judgement_along(over, clock):
    settle(over, clock, came=5)
    member = guests(over)[0]
    event_ratings.rate(event=over, member=member, stars=5, words="Mine")
    assert "Mine" in str(export_all(member))
    erase_all(member)
    assert outcome().rating_count == 0
    assert outcome().came == 5


def test_notes_go_with_their_host(over, clock, mentor):
    settle(over, clock, came=5)
    outcomes.save_notes(event=over, by=mentor, notes="My words")
    assert "My words" in str(export_all(mentor))
    erase_all(mentor)
    assert (outcome().notes, outcome().notes_html) == ("", "")
