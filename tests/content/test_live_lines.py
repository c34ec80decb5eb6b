"""What is said in a live room and somebody has to look at: held, flagged, reported."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditRecord, Notification, Role, Space
from accounts.services.roles import grant_role
from content.errors import DecidedElsewhere, OwnWork
from content.models import (
    Case,
    LiveMessage,
    LiveQuestion,
    ModerationPolicy,
    WatchedWord,
)
from content.services import held, live, moderation, reports
from tests.factories.accounts import make_member, make_space
from tests.factories.events import go, make_event

SCRIPT = {"headers": {"X-While-Typing": "1"}}


@pytest.fixture
def event(db):
    start = timezone.now() - dt.timedelta(minutes=5)
    return make_event("Soils", starts_at=start, ends_at=start + dt.timedelta(hours=1))


@pytest.fixture
def room(event):
    return live.room_of(event)


@pytest.fixture
def viewer(event):
    return come(event, "viewer")


@pytest.fixture
def other(event):
    return come(event, "other")


@pytest.fixture
def guide(db):
    guide = make_member("guide")
    grant_role(member=guide, role=Role.VOLUNTEER)
    guide.refresh_from_db()
    return guide


@pytest.fixture
def casino(db):
    return WatchedWord.objects.create(word="casino", effect=WatchedWord.Effect.HOLD)


def come(event, name):
    member = make_member(name, date_joined=timezone.now() - dt.timedelta(days=30))
    go(event, member)
    return member


def seen_by(client, event, member):
    client.force_login(member)
    return client.get(f"/events/{event.pk}/live/").text


def say_casino(room, author):
    line = live.say(room=room, author=author, body="Come to the casino")
    return line, line.cases.get()


def press_hide(client, event, line, on):
    address = f"/events/{event.pk}/live/messages/{line.pk}/hide/"
    return client.post(address, {"on": on}, **SCRIPT)


# What waits -------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["say", "ask"])
def test_a_watched_word_waits_and_its_author_is_told_so(
    client, event, viewer, other, casino, tail
):
    client.force_login(viewer)
    address = f"/events/{event.pk}/live/{tail}/"
    typed = {f"{tail}-body": "Come to the casino"}
    answer = client.post(address, typed, **SCRIPT)
    assert answer.status_code == 200
    assert answer["X-Form-Key"]
    assert "looked at it" in answer.text
    assert "looked at it" in client.post(address, typed, follow=True).text
    assert "Come to the casino" not in seen_by(client, event, other)
    assert "Come to the casino" in seen_by(client, event, event.host)
    assert "Come to the casino" in _held_page(client, viewer)


def _held_page(client, member):
    client.force_login(member)
    assert "Soils" in client.get("/held/").text
    return client.get(
        Case.objects.filter(author=member).first().get_absolute_url()
    ).text


def test_who_keeps_order_lets_it_through(
    client, event, room, viewer, other, guide, casino
):
    _line, case = say_casino(room, viewer)
    client.force_login(guide)
    queue = client.get("/studio/queue/?what=said").text
    assert "Come to the casino" in queue
    assert "Soils" in queue
    assert "<mark>casino</mark>" in client.get(f"/studio/queue/{case.pk}/").text
    before = live.room_of(event).chat
    client.post(
        f"/studio/queue/{case.pk}/", {"act": "accept", "body": "Come to the theatre"}
    )
    assert live.room_of(event).chat > before  # who watches is told
    assert "Come to the theatre" in seen_by(client, event, other)
    told = Notification.objects.get(member=viewer, target_kind="case")
    assert told.kind == Notification.Kind.HELD_ACCEPTED
    moderation.undo(decision=case.decisions.get(), by=guide)
    assert "Come to the theatre" not in seen_by(client, event, other)


def test_the_host_lets_it_through_at_once(client, event, room, viewer, other, casino):
    line, case = say_casino(room, viewer)
    client.force_login(event.host)
    assert press_hide(client, event, line, on="0").status_code == 204
    case.refresh_from_db()
    assert (case.outcome, case.decisions.get().by) == ("accepted", event.host)
    assert "Come to the casino" in seen_by(client, event, other)


def test_what_was_not_let_through_is_not_the_host_s_to_show(
    client, event, room, viewer, other, guide, casino
):
    line, case = say_casino(room, viewer)
    moderation.reject(case=case, by=guide, reason="No.")
    client.force_login(event.host)
    answer = press_hide(client, event, line, on="0")
    assert (answer.status_code, "keep order" in answer.text) == (409, True)
    assert "Come to the casino" not in seen_by(client, event, other)


def test_nobody_lets_their_own_line_through(event, room, casino):
    line, _case = say_casino(room, event.host)
    with pytest.raises(DecidedElsewhere):
        live.hide_line(line=line, by=event.host, on=False)


def test_its_author_says_it_otherwise_or_takes_it_back(
    client, event, room, viewer, other, casino
):
    line, case = say_casino(room, viewer)
    client.force_login(viewer)
    answer = client.post(f"/held/{case.pk}/", {"body": "Come to the lake"})
    assert answer["Location"] == f"/events/{event.pk}/live/"
    assert "Come to the lake" in seen_by(client, event, other)

    line, case = say_casino(room, viewer)
    held.withdraw(case=case)
    line.refresh_from_db()
    assert line.body == "…"
    with pytest.raises(DecidedElsewhere):
        live.hide_line(line=line, by=event.host, on=False)


def test_who_is_muted_here_does_not_reword_what_waits(
    client, event, room, viewer, casino
):
    _line, case = say_casino(room, viewer)
    live.mute_member(room=room, member=viewer, by=event.host, on=True)
    client.force_login(viewer)
    address = f"/held/{case.pk}/"
    assert client.post(address, {"body": "Come to the lake"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_host_and_who_keeps_order_decide_once(event, room, viewer, guide, casino):
    """Both at the same moment: one of them decides, and neither waits for ever."""
    line, case = say_casino(room, viewer)

    def show():
        try:
            live.hide_line(line=line, by=event.host, on=False)
        except DecidedElsewhere:
            return "refused"
        finally:
            connection.close()

    def refuse():
        try:
            moderation.decide_each(
                cases=[case], act=moderation.reject, by=guide, reason="No."
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(show), pool.submit(refuse)]
        [job.result(timeout=20) for job in jobs]
    line.refresh_from_db()
    decision = case.decisions.get()
    assert (decision.act == "accept") == (line.hidden_at is None)


# What was said all the same, and reports ---------------------------------------


def test_a_flagged_word_is_said_and_put_into_the_queue(room, viewer):
    WatchedWord.objects.create(word="cheap", effect=WatchedWord.Effect.FLAG)
    line = live.ask(room=room, author=viewer, body="Where is it cheap?")
    assert line.hidden_at is None
    case = Case.objects.get()
    assert (case.what, case.question, case.reports.get().words) == (
        "line",
        line,
        "cheap",
    )


@pytest.mark.parametrize(
    ("tail", "do"), [("messages", live.say), ("questions", live.ask)]
)
def test_a_reported_line_goes_to_who_keeps_order(
    client, event, room, viewer, other, guide, tail, do
):
    line = do(room=room, author=viewer, body="You fools")
    address = f"/events/{event.pk}/live/{tail}/{line.pk}/report/"
    assert address in seen_by(client, event, other)
    assert "You fools" in client.get(address).text
    client.post(address, {"reason": "abuse", "words": "It hurts"})
    reports.report_line(line=line, by=other, reason="spam")  # once
    assert "Soils" in client.get("/reports/").text

    case = Case.objects.get()
    client.force_login(guide)
    assert "You fools" in client.get("/studio/queue/?what=line").text
    assert "It hurts" in client.get(f"/studio/queue/{case.pk}/").text
    client.post(f"/studio/queue/{case.pk}/", {"act": "reject", "reason": "Be kind."})
    assert "You fools" not in seen_by(client, event, other)
    assert "It was hidden" in client.get("/reports/").text
    kind = Notification.objects.get(member=viewer, target_kind="case").kind
    assert kind == Notification.Kind.LINE_HIDDEN
    assert AuditRecord.objects.filter(act="hid a line in a live room").exists()
    with pytest.raises(DecidedElsewhere):
        live.hide_line(line=line, by=event.host, on=False)

    moderation.undo(decision=case.decisions.get(), by=guide)
    assert "You fools" in seen_by(client, event, other)


def test_nobody_reports_their_own_line(client, event, room, viewer):
    line = live.say(room=room, author=viewer, body="Hello")
    address = f"/events/{event.pk}/live/messages/{line.pk}/report/"
    assert "live__line--mine" in seen_by(client, event, viewer)
    assert client.get(address).status_code == 403
    with pytest.raises(OwnWork):
        reports.report_line(line=line, by=viewer, reason="spam")


def test_what_enough_report_is_hidden_until_somebody_has_looked(
    event, room, viewer, other, guide
):
    ModerationPolicy.objects.create(reports_hide=1)
    line = live.say(room=room, author=viewer, body="Hm")
    reports.report_line(line=line, by=other, reason="spam")
    line.refresh_from_db()
    assert line.hidden_at
    moderation.accept(case=Case.objects.get(), by=guide)
    line.refresh_from_db()
    assert line.hidden_at is None


def test_what_its_host_has_hidden_stays_so_when_nothing_is_wrong_with_it(
    event, room, viewer, other, guide
):
    line = live.say(room=room, author=viewer, body="Hm")
    reports.report_line(line=line, by=other, reason="spam")
    live.hide_line(line=line, by=event.host, on=True)
    moderation.accept(case=Case.objects.get(), by=guide)
    line.refresh_from_db()
    assert line.hidden_at


def test_lines_of_a_place_are_decided_by_who_may_read_there(client, guide):
    start = timezone.now() - dt.timedelta(minutes=5)
    space = make_space("closed", access=Space.Access.JOINED)
    host = make_member("host")
    event = make_event(
        space=space, host=host, starts_at=start, ends_at=start + dt.timedelta(hours=1)
    )
    room = live.room_of(event)
    line = LiveMessage.objects.create(room=room, author=host, body="A secret")
    reports.report_line(line=line, by=make_member("second"), reason="spam")
    client.force_login(guide)
    assert "A secret" not in client.get("/studio/queue/").text
    case = Case.objects.get()
    assert client.get(f"/studio/queue/{case.pk}/").status_code == 404


def test_an_erased_member_leaves_no_words_in_the_queue(room, viewer, casino):
    from accounts.privacy import erase_all

    say_casino(room, viewer)
    erase_all(viewer)
    case = Case.objects.get()
    assert (case.arguments, case.outcome) == ({}, "withdrawn")
    assert LiveMessage.objects.get().body == "…"
    assert not LiveQuestion.objects.exists()
