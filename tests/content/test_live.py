import datetime as dt
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Space
from accounts.privacy import erase_all, export_all
from content.errors import MutedHere, RoomClosed, TooManyPosts, TooSoon
from content.models import LiveMessage, LivePoll, LiveQuestion, Topic
from content.services import live, live_state, registrations
from tests.factories.accounts import make_member, make_space
from tests.factories.events import go, make_event

pytestmark = pytest.mark.django_db

SCRIPT = {"headers": {"X-While-Typing": "1"}}


@pytest.fixture
def event(db):
    """It has begun five minutes ago."""
    start = timezone.now() - dt.timedelta(minutes=5)
    return make_event(
        starts_at=start,
        ends_at=start + dt.timedelta(hours=1),
        join_url="https://vimeo.com/123456789",
    )


@pytest.fixture
def room(event):
    return live.room_of(event)


@pytest.fixture
def viewer(event):
    return come(event, "viewer")


def come(event, name):
    member = make_member(name)
    go(event, member)
    return member


def address(event, tail=""):
    return f"/events/{event.pk}/live/{tail}"


def enter(client, event, member):
    client.force_login(member)
    return client.get(address(event))


def news(client, event, after="0.0"):
    return client.get(address(event, f"news/?after={after}"), **SCRIPT)


# Coming in --------------------------------------------------------------------


def test_who_has_no_seat_does_not_come_in(client, event):
    assert enter(client, event, make_member("other")).status_code == 403


def test_who_has_a_seat_comes_in_half_an_hour_before(client, event, viewer):
    client.force_login(viewer)
    start = event.starts_at
    with time_machine.travel(start - dt.timedelta(minutes=31), tick=False):
        early = client.get(address(event))
        assert news(client, event).status_code == 404
    with time_machine.travel(start - dt.timedelta(minutes=29), tick=False):
        in_time = client.get(address(event))
    assert 'id="live"' not in early.content.decode()
    assert 'id="live"' in in_time.content.decode()


def test_the_host_sets_the_room_up_before(client, event):
    client.force_login(event.host)
    with time_machine.travel(event.starts_at - dt.timedelta(days=1), tick=False):
        assert 'id="live-host"' in client.get(address(event)).content.decode()


def test_another_site_is_asked_only_when_somebody_wants_to_watch(client, event, viewer):
    page = enter(client, event, viewer)
    assert "<iframe" not in page.content.decode()
    playing = client.get(address(event), {"play": "1"})
    assert 'src="https://player.vimeo.com/video/123456789?dnt=1"' in (
        playing.content.decode()
    )
    policy = playing["Content-Security-Policy"]
    (frames,) = [it for it in policy.split("; ") if it.startswith("frame-src")]
    assert frames == "frame-src https://player.vimeo.com"


def test_a_meeting_is_a_link(client, event, viewer):
    event.join_url = "https://meeting.tencent.com/dm/abc"
    event.save()
    page = enter(client, event, viewer).content.decode()
    assert 'href="https://meeting.tencent.com/dm/abc"' in page
    assert "<iframe" not in client.get(address(event), {"play": "1"}).content.decode()


# Saying and asking ------------------------------------------------------------


def test_a_message_is_seen_by_the_others(client, event, room, viewer):
    client.force_login(viewer)
    answer = client.post(address(event, "say/"), {"say-body": "Hello <b>all</b>"})
    assert answer.status_code == 302
    page = enter(client, event, come(event, "second")).content.decode()
    assert "Hello &lt;b&gt;all&lt;/b&gt;" in page


def test_the_same_form_twice_says_it_once(room, viewer):
    key = uuid4()
    first = live.say(room=room, author=viewer, body="Hello", form_key=key)
    assert live.say(room=room, author=viewer, body="Hello", form_key=key) == first
    assert LiveMessage.objects.count() == 1


def test_what_was_typed_stays_when_it_is_refused(client, event, room, viewer):
    live.mute_member(room=room, member=viewer, by=event.host, on=True)
    client.force_login(viewer)
    answer = client.post(address(event, "ask/"), {"ask-body": "Why so?"})
    assert answer.status_code == 422
    told = client.post(address(event, "ask/"), {"ask-body": "Why so?"}, **SCRIPT)
    assert told.status_code == 422
    assert "listen only" in told.content.decode()


def test_a_long_message_comes_back_into_its_field(client, event, viewer):
    client.force_login(viewer)
    answer = client.post(address(event, "say/"), {"say-body": "ha" * 300})
    assert answer.status_code == 422
    assert "ha" * 300 in answer.content.decode()


def test_nobody_speaks_before_the_door_opens_or_long_after_the_end(room, viewer):
    event = room.event
    for moment in (
        event.starts_at - dt.timedelta(minutes=31),
        event.ends_at + dt.timedelta(minutes=61),
    ):
        with time_machine.travel(moment, tick=False), pytest.raises(RoomClosed):
            live.say(room=room, author=viewer, body="Hello")


def test_a_member_muted_in_the_room_or_everywhere_only_listens(room, viewer):
    live.mute_member(room=room, member=viewer, by=room.event.host, on=True)
    with pytest.raises(MutedHere):
        live.say(room=room, author=viewer, body="Hello")
    live.mute_member(room=room, member=viewer, by=room.event.host, on=False)
    live.say(room=room, author=viewer, body="Hello")


def test_nobody_mutes_the_host(room):
    live.say(room=room, author=room.event.host, body="Welcome")
    live.mute_member(room=room, member=room.event.host, by=make_member("op"), on=True)
    assert not room.mutes.exists()


def test_slow_mode_makes_everybody_wait_but_the_host(room, viewer):
    live.set_slow_mode(room=room, seconds=30)
    live.say(room=room, author=viewer, body="One")
    with pytest.raises(TooSoon) as wait:
        live.say(room=room, author=viewer, body="Two")
    assert 28 <= wait.value.seconds <= 30
    live.ask(room=room, author=viewer, body="A question does not wait")
    for text in ("One", "Two"):
        live.say(room=room, author=room.event.host, body=text)


def test_nobody_floods_the_chat(room, viewer):
    for n in range(live.MOST_MESSAGES):
        live.say(room=room, author=viewer, body=f"Number {n}")
    with pytest.raises(TooManyPosts):
        live.say(room=room, author=viewer, body="Another")


def test_earlier_messages_have_pages_of_their_own(client, event, room, viewer):
    LiveMessage.objects.bulk_create(
        LiveMessage(room=room, author=viewer, body=f"word-{n:03}") for n in range(170)
    )
    page = enter(client, event, viewer).content.decode()
    assert "word-109" not in page
    assert "word-110" in page
    first = live.messages_of(room, False)[0].pk
    assert f"earlier/?before={first}" in page
    earlier = client.get(address(event, f"earlier/?before={first}")).content.decode()
    assert "word-109" in earlier
    assert "word-010" in earlier
    assert "word-009" not in earlier


# Votes ------------------------------------------------------------------------


def test_a_question_has_one_vote_of_each_member(client, event, room, viewer):
    question = live.ask(room=room, author=event.host, body="Why?")
    client.force_login(viewer)
    path = address(event, f"questions/{question.pk}/vote/")
    for _ in range(2):
        client.post(path, {"on": "1"})
    question.refresh_from_db()
    assert question.votes == 1
    page = client.get(address(event)).content.decode()
    assert f'data-mine="q{question.pk}" aria-pressed="true"' in page
    for _ in range(2):
        client.post(path, {"on": "0"})
    question.refresh_from_db()
    assert question.votes == 0


def test_the_most_wanted_question_comes_first_and_answered_ones_last(room, viewer):
    asked = [live.ask(room=room, author=viewer, body=body) for body in "abc"]
    live.vote_for_question(question=asked[2], member=viewer, on=True)
    live.mark_answered(question=asked[0], on=True)
    shown = live.board_of(room, leading=False)["questions"]
    assert [it.body for it in shown] == ["c", "b", "a"]


def test_one_may_think_again_in_a_poll_until_it_ends(client, event, room, viewer):
    client.force_login(event.host)
    form = {"poll-question": "Tea?", "poll-choices": "Yes\nNo\n"}
    client.post(address(event, "polls/"), form)
    poll = LivePoll.objects.get()
    client.force_login(viewer)
    path = address(event, f"polls/{poll.pk}/vote/")
    for choice in ("1", "2"):
        assert client.post(path, {"choice": choice}).status_code == 302
    assert client.post(path, {"choice": "3"}).status_code == 400
    assert list(poll.ballots.values_list("choice", flat=True)) == [2]
    client.force_login(event.host)
    client.post(address(event, f"polls/{poll.pk}/end/"))
    client.force_login(viewer)
    client.post(path, {"choice": "1"})
    assert list(poll.ballots.values_list("choice", flat=True)) == [2]
    assert "The poll has ended" in client.get(address(event)).content.decode()


def test_a_poll_with_one_choice_comes_back(client, event):
    client.force_login(event.host)
    form = {"poll-question": "Tea?", "poll-choices": "Yes\nYes"}
    answer = client.post(address(event, "polls/"), form)
    assert answer.status_code == 422
    assert "Between 2 and 6" in answer.content.decode()


# What the host does -----------------------------------------------------------


def test_what_the_host_hides_is_seen_by_hosts_only(client, event, room, viewer):
    message = live.say(room=room, author=viewer, body="Rubbish")
    live.pin_message(message=message, on=True)
    client.force_login(event.host)
    client.post(address(event, f"messages/{message.pk}/hide/"), {"on": "1"})
    assert "Rubbish" in client.get(address(event)).content.decode()
    assert "Rubbish" not in enter(client, event, viewer).content.decode()
    earlier = client.get(address(event, "earlier/")).content.decode()
    assert "Rubbish" not in earlier
    assert "Rubbish" not in news(client, event).content.decode()


def test_a_pinned_message_stands_above(client, event, room, viewer):
    message = live.say(room=room, author=event.host, body="Slides are below")
    client.force_login(event.host)
    client.post(address(event, f"messages/{message.pk}/pin/"), {"on": "1"})
    page = enter(client, event, viewer).content.decode()
    assert f'id="pinned-{message.pk}"' in page


def test_a_viewer_does_not_lead(client, event, room, viewer):
    message = live.say(room=room, author=event.host, body="Welcome")
    client.force_login(viewer)
    path = address(event, f"messages/{message.pk}/hide/")
    assert client.post(path, {"on": "1"}).status_code == 403


def test_what_was_left_open_becomes_one_topic_of_the_host(client, event, room, viewer):
    asked = [live.ask(room=room, author=viewer, body=f"Open {n}") for n in range(3)]
    live.mark_answered(question=asked[0], on=True)
    live.hide_line(line=asked[1], by=event.host, on=True)
    space = make_space(access=Space.Access.PUBLIC)
    client.force_login(event.host)
    for _ in range(2):
        client.post(address(event, "carry/"), {"space": space.pk})
    topic = Topic.objects.get()
    text = topic.posts.get().body
    assert topic.author == event.host
    assert "Open 2" in text
    assert f"@{viewer.username}" in text
    assert "Open 0" not in text
    assert "Open 1" not in text


def test_questions_are_carried_into_the_space_of_the_event_only(client, room):
    event = room.event
    event.space = make_space(access=Space.Access.PUBLIC)
    event.save()
    other = make_space("elsewhere", access=Space.Access.PUBLIC)
    live.ask(room=room, author=event.host, body="Open")
    client.force_login(event.host)
    answer = client.post(address(event, "carry/"), {"space": other.pk})
    assert answer.status_code == 422
    assert not Topic.objects.exists()


# News -------------------------------------------------------------------------


def test_nothing_new_is_told_without_asking_the_database(
    client, event, room, viewer, django_assert_num_queries
):
    enter(client, event, viewer)
    version = news(client, event)["X-Room-Version"]
    with django_assert_num_queries(0):
        answer = news(client, event, version)
    assert answer.status_code == 204
    assert answer["X-Room-Here"] == "1"


def test_what_is_new_is_made_once_for_all_readers_of_a_language(
    client,
    event,
    room,
    viewer,
    django_assert_num_queries,
    django_capture_on_commit_callbacks,
):
    second = come(event, "second")
    enter(client, event, viewer)
    version = news(client, event)["X-Room-Version"]
    with django_capture_on_commit_callbacks(execute=True):
        live.say(room=room, author=second, body="Something new")
    first = news(client, event, version)
    assert "Something new" in first.content.decode()
    assert 'id="live-questions"' not in first.content.decode()
    enter(client, event, second)
    with django_assert_num_queries(0):
        again = news(client, event, version)
    assert again.content == first.content
    assert news(client, event, again["X-Room-Version"]).status_code == 204


def test_a_ticket_is_of_one_session_and_one_room(client, event, viewer):
    enter(client, event, viewer)
    other = make_event(
        "Other",
        starts_at=event.starts_at,
        ends_at=event.ends_at,
    )
    client.cookies["room"]["path"] = "/"
    assert news(client, other).status_code == 403
    ticket = client.cookies["room"].value
    client.logout()
    client.cookies["room"] = ticket
    assert news(client, event).status_code == 302


def test_a_ticket_lasts_a_minute(client, event, viewer, django_assert_max_num_queries):
    enter(client, event, viewer)
    registrations.cancel_registration(registration=viewer.registrations.get())
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=61)):
        assert news(client, event).status_code == 403


def test_who_gives_the_seat_back_is_out_at_once(
    client, event, viewer, django_capture_on_commit_callbacks
):
    enter(client, event, viewer)
    with django_capture_on_commit_callbacks(execute=True):
        registrations.cancel_registration(registration=viewer.registrations.get())
    assert news(client, event).status_code == 403


def test_a_forged_ticket_is_none(client, event, viewer):
    client.force_login(make_member("other"))
    client.cookies["room"] = f"{event.pk}:{viewer.pk}:1:en:x:y:z"
    assert news(client, event).status_code == 403


def test_without_redis_the_room_goes_on_more_slowly(
    client, event, room, viewer, monkeypatch
):
    from redis.exceptions import ConnectionError as Away

    def away():
        raise Away

    client.force_login(viewer)
    live.say(room=room, author=viewer, body="Still here")
    monkeypatch.setattr(live_state, "get_redis_connection", away)
    answer = news(client, event)
    assert "Still here" in answer.content.decode()
    assert answer["X-Room-Wait"] == str(live_state.WAIT_WITHOUT)


def test_a_late_word_of_an_earlier_change_hides_no_later_one(room, viewer):
    earlier = live.LiveRoom(event=room.event, chat=4, board=0)
    later = live.LiveRoom(event=room.event, chat=5, board=1)
    live_state.tell(later)
    live_state.tell(earlier)
    assert live_state.look(room.event_id, viewer.pk).versions == (5, 1)


def test_more_people_ask_less_often():
    assert live_state.wait_for(10) == live_state.LEAST_WAIT
    assert live_state.wait_for(500) < 2500
    assert live_state.wait_for(5000) > 20_000


# Time that people were here ---------------------------------------------------


def seconds_of(member):
    return member.registrations.get().seconds_present


def watch(event, member, seconds, every=3):
    """In one window, from the beginning of the event on."""
    begin = event.starts_at.replace(microsecond=0)
    for second in range(0, seconds, every):
        with time_machine.travel(begin + dt.timedelta(seconds=second), tick=False):
            live_state.look(event.pk, member.pk)


def test_the_time_in_the_room_is_booked_once(event, room, viewer):
    watch(event, viewer, 120)
    later = event.starts_at + dt.timedelta(minutes=5)
    live_state.book(later)
    booked = seconds_of(viewer)
    assert 90 <= booked <= 135
    live_state.book(later)
    live_state.book(later + dt.timedelta(minutes=5))
    assert seconds_of(viewer) == booked


def test_time_is_not_booked_any_more_once_it_was_counted_who_came(event, room, viewer):
    watch(event, viewer, 120)
    viewer.registrations.update(no_show=True)
    live_state.book(event.starts_at + dt.timedelta(minutes=5))
    assert seconds_of(viewer) == 0


def test_asking_more_often_or_in_two_windows_gains_nothing(event, room, viewer):
    watch(event, viewer, 120, every=1)
    watch(event, viewer, 120, every=1)
    live_state.book(event.starts_at + dt.timedelta(minutes=5))
    assert seconds_of(viewer) <= 135


def test_time_before_the_beginning_and_without_a_seat_is_not_booked(event, room):
    early, other = come(event, "early"), make_member("other")
    with time_machine.travel(event.starts_at - dt.timedelta(minutes=2), tick=False):
        live_state.look(event.pk, early.pk)
    watch(event, other, 60)
    live_state.book(event.starts_at + dt.timedelta(minutes=5))
    assert seconds_of(early) == 0


def test_a_run_that_is_killed_repeats_nothing(event, room, viewer, monkeypatch):
    watch(event, viewer, 60)
    later = event.starts_at + dt.timedelta(minutes=5)
    save = live.LiveRoom.save

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(live.LiveRoom, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        live_state.book(later)
    assert seconds_of(viewer) == 0
    monkeypatch.setattr(live.LiveRoom, "save", save)
    live_state.book(later)
    assert 45 <= seconds_of(viewer) <= 75


# Afterwards -------------------------------------------------------------------


def test_after_the_event_it_stays_readable_to_the_same_people(
    client, event, room, viewer
):
    live.say(room=room, author=viewer, body="Good bye")
    other = make_member("other")
    with time_machine.travel(event.ends_at + dt.timedelta(days=3)):
        page = enter(client, event, viewer).content.decode()
        assert enter(client, event, other).status_code == 403
    assert "Good bye" in page
    assert 'name="say-body"' not in page
    assert "data-news" not in page


def test_a_member_takes_along_and_erases_what_they_said(room, viewer):
    question = live.ask(room=room, author=room.event.host, body="Why?")
    live.vote_for_question(question=question, member=viewer, on=True)
    live.say(room=room, author=viewer, body="My own words")
    live.ask(room=room, author=viewer, body="My own question")
    poll = live.begin_poll(room=room, question="Tea?", choices=["Yes", "No"])
    live.vote_in_poll(poll=poll, member=viewer, choice=2)
    live.mute_member(room=room, member=viewer, by=room.event.host, on=True)
    kept = str(export_all(viewer))
    for text in ("My own words", "My own question", "Why?", "Tea?"):
        assert text in kept
    erase_all(viewer)
    assert not LiveMessage.objects.filter(body="My own words").exists()
    assert not LiveQuestion.objects.filter(body="My own question").exists()
    question.refresh_from_db()
    assert question.votes == 0
    assert list(poll.ballots.values_list("member", "choice")) == [(None, 2)]
    assert not room.mutes.exists()
