"""Reminders: at the right time, to the right people, once, whatever dies meanwhile."""

import datetime as dt
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import time_machine
from django.conf import settings as site
from django.core import mail as outbox
from django.db import connection, transaction
from django.utils import timezone, translation

from accounts.models import Mail, Notification, Way
from accounts.services import news, news_choices, news_mails
from content.models import Event, EventReminder, Registration
from content.services import events, registrations, reminders
from tests.factories.accounts import make_member
from tests.factories.events import DAY, go, make_event
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def awake(member):
    """Somebody for whom it is never too late."""
    news_choices.choose(member=member, quiet_from=0, quiet_to=0)
    return member


def run(moment):
    with time_machine.travel(moment, tick=False):
        return reminders.remind_due()


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


def test_who_has_a_seat_is_reminded_three_times_and_never_again(awake):
    event = make_event()
    go(event, awake)
    start = event.starts_at

    assert run(start - DAY - MINUTE) == 0
    assert run(start - DAY) == 1
    assert run(start - DAY + MINUTE) == 0
    assert run(start - HOUR) == 1
    assert run(start) == 1
    assert run(start + MINUTE) == 0
    assert told(awake) == ["event_soon", "event_soon", "event_begins"]
    assert Mail.objects.filter(member=awake).count() == 3


def test_the_mail_tells_the_time_by_the_readers_clock(
    awake, django_capture_on_commit_callbacks
):
    awake.time_zone, awake.language = "America/New_York", "en"
    awake.save()
    start = (timezone.now() + 7 * DAY).replace(hour=23, minute=30, second=0)
    event = make_event(starts_at=start, ends_at=start + HOUR)
    go(event, awake)
    with django_capture_on_commit_callbacks(execute=True):
        run(start - DAY)
    (sent,) = outbox.outbox
    there = timezone.localtime(start, news_choices.zone_of(awake))
    clock = there.strftime("%I:%M").lstrip("0")
    assert clock in sent.subject
    assert "America/New_York" in sent.body
    assert event.get_absolute_url() in sent.body
    assert "List-Unsubscribe" in sent.extra_headers


def test_the_news_tell_the_time_by_the_readers_clock(awake):
    start = (timezone.now() + 7 * DAY).replace(hour=12, minute=0, second=0)
    event = make_event(starts_at=start, ends_at=start + HOUR)
    go(event, awake)
    run(start - DAY)
    with timezone.override("Asia/Shanghai"), translation.override("en"):
        (line,) = news.lines(awake, list(news.latest(awake)))
        assert "8 p.m." in line.sentence
    assert line.address == event.get_absolute_url()


def test_who_comes_late_gets_no_reminder_that_has_passed(awake):
    event = make_event()
    with time_machine.travel(event.starts_at - 5 * HOUR):
        go(event, awake)
        assert reminders.remind_due() == 0
    assert run(event.starts_at - HOUR) == 1


def test_a_worker_that_was_away_tells_late_but_not_what_is_told_better_later(awake):
    event = make_event()
    go(event, awake)
    assert run(event.starts_at - 30 * MINUTE) == 1
    assert list(EventReminder.objects.values_list("kind", flat=True)) == ["hour"]
    assert run(event.starts_at + 30 * MINUTE) == 0


def test_a_moved_event_is_reminded_of_anew_at_its_new_time(awake):
    event = make_event()
    go(event, awake)
    old = event.starts_at
    run(old - DAY)
    with time_machine.travel(old - 20 * HOUR):
        events.change_event(
            event=event,
            by=event.host,
            starts_at=old + 3 * DAY,
            ends_at=old + 3 * DAY + HOUR,
        )
    assert run(old - HOUR) == run(old) == 0
    assert run(old + 2 * DAY) == 1
    assert told(awake) == ["event_soon", "event_changed", "event_soon"]
    lines = news.lines(awake, list(news.latest(awake)))
    with timezone.override("Asia/Shanghai"):
        moved = timezone.localtime(old + 3 * DAY)
        assert all(str(moved.day) in line.title for line in lines)


def test_who_was_told_of_a_nearer_time_is_not_reminded_of_what_has_passed(awake):
    event = make_event()
    go(event, awake)
    start = timezone.now() + 5 * HOUR
    events.change_event(
        event=event, by=event.host, starts_at=start, ends_at=start + HOUR
    )
    assert reminders.remind_due() == 0
    assert run(start - HOUR) == 1


def test_nobody_is_reminded_of_what_is_cancelled_or_left_or_waited_for(awake):
    cancelled, left, full = make_event(), make_event(), make_event(seats=1)
    go(cancelled, awake)
    events.cancel_event(event=cancelled, by=cancelled.host)
    registrations.cancel_registration(registration=go(left, awake))
    go(full, make_member("first"))
    go(full, awake)
    run(full.starts_at - DAY + MINUTE)
    assert told(awake) == ["event_cancelled"]


def test_a_mail_that_waited_too_long_is_not_sent(
    awake, django_capture_on_commit_callbacks
):
    event = make_event()
    go(event, awake)
    with django_capture_on_commit_callbacks() as callbacks:
        run(event.starts_at - DAY)
    events.cancel_event(event=event, by=event.host)
    for callback in callbacks:
        callback()
    assert outbox.outbox == []
    assert Mail.objects.get().sent_at


def test_who_wants_no_mail_gets_news_alone_and_quiet_hours_are_kept(awake):
    news_choices.choose(member=awake, other=Way.OFF)
    event = make_event()
    go(event, awake)
    run(event.starts_at - DAY)
    assert (len(told(awake)), Mail.objects.count()) == (1, 0)

    start = event.starts_at - HOUR
    hour = start.astimezone(news_choices.zone_of(awake)).hour
    news_choices.choose(
        member=awake, other=Way.NOW, quiet_from=hour, quiet_to=(hour + 9) % 24
    )
    run(start)
    assert (len(told(awake)), Mail.objects.count()) == (2, 0)
    with time_machine.travel(event.starts_at + 12 * HOUR):
        news_mails.mail_due()
    assert not Mail.objects.exists()


def test_the_page_of_the_event_has_read_what_was_told_of_it(client, awake):
    event = make_event()
    go(event, awake)
    run(event.starts_at - DAY)
    client.force_login(awake)
    client.get(event.get_absolute_url())
    assert Notification.objects.get().read_at


def test_looking_for_whom_to_remind_costs_the_same_however_many_are_told(
    django_assert_max_num_queries,
):
    event = make_event()
    for number in range(3):
        go(event, make_member(f"guest-{number}"))
    run(event.starts_at - DAY)
    with django_assert_max_num_queries(len(EventReminder.Kind)):
        run(event.starts_at - DAY + MINUTE)


# Whatever dies ----------------------------------------------------------------

IN_PROCESS = """
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {database!r}
import django
django.setup()
from content.services import reminders
reminders.remind_due()
"""


@contextmanager
def worker():
    code = IN_PROCESS.format(database=connection.settings_dict["NAME"])
    running = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=site.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()


def three_to_remind():
    """Of an event that begins within the hour; in the order in which they are told."""
    event = make_event()
    guests = [make_member(f"guest-{number}") for number in range(3)]
    for guest in guests:
        news_choices.choose(member=guest, quiet_from=0, quiet_to=0)
        go(event, guest)
    start = timezone.now() + 30 * MINUTE
    Event.objects.filter(pk=event.pk).update(starts_at=start, ends_at=start + HOUR)
    Registration.objects.update(registered_at=timezone.now() - DAY)
    return guests


def somebody_waits():
    with connection.cursor() as cursor:
        # In this database: other workers of the tests wait in theirs.
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN ("
            " SELECT here.pid FROM pg_locks AS here JOIN pg_database AS base"
            " ON base.oid = here.database WHERE base.datname = current_database())"
        )
        return cursor.fetchone()[0] > 0


def others_write():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database() AND xact_start IS NOT NULL"
        )
        return cursor.fetchone()[0] > 0


def everybody_was_told_once(guests):
    assert [told(guest) for guest in guests] == [["event_soon"]] * 3
    assert Mail.objects.count() == EventReminder.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_killed_between_two_members_the_next_run_tells_the_others():
    guests = three_to_remind()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_user WHERE id = %s FOR UPDATE", [guests[1].pk]
        )
        with worker():
            wait_for(somebody_waits)
    wait_for(lambda: not others_write())
    assert [told(guest) for guest in guests] == [["event_soon"], [], []]

    assert reminders.remind_due() == 2
    assert reminders.remind_due() == 0
    everybody_was_told_once(guests)


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_of_one_nothing_of_it_was_told():
    guests = three_to_remind()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_mail IN EXCLUSIVE MODE")
        with worker():
            wait_for(somebody_waits)
    wait_for(lambda: not others_write())
    assert not EventReminder.objects.exists()
    assert not Notification.objects.exists()

    assert reminders.remind_due() == 3
    everybody_was_told_once(guests)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_everybody_once():
    guests = three_to_remind()

    def work():
        try:
            return reminders.remind_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = [it.result() for it in [pool.submit(work) for _ in range(2)]]
    assert sum(done) == 3
    everybody_was_told_once(guests)


def test_who_leads_and_who_speaks_are_reminded_once_too(
    awake, django_capture_on_commit_callbacks
):
    speaker = make_member("speaker")
    news_choices.choose(member=speaker, quiet_from=0, quiet_to=0)
    event = make_event(host=awake)
    event.speakers.create(member=speaker)
    event.speakers.create(name="From outside")

    def run_leaders(moment):
        with (
            time_machine.travel(moment, tick=False),
            django_capture_on_commit_callbacks(execute=True),
        ):
            return reminders.remind_leaders_due()

    assert run_leaders(event.starts_at - DAY - MINUTE) == 0
    assert run_leaders(event.starts_at - DAY) == 2
    assert run_leaders(event.starts_at - DAY + MINUTE) == 0
    assert "you lead or speak at" in outbox.outbox[-1].body
    assert run_leaders(event.starts_at) == 2
    assert told(speaker) == told(awake) == ["event_soon", "event_begins"]


def test_who_has_a_seat_besides_speaking_is_reminded_of_that_only(awake):
    event = make_event()
    event.speakers.create(member=awake)
    go(event, awake)
    with time_machine.travel(event.starts_at - DAY, tick=False):
        reminders.remind_leaders_due()
        reminders.remind_due()
    assert told(awake) == ["event_soon"]


def test_a_cancelled_event_and_one_made_late_remind_nobody_who_leads(member):
    late = make_event(host=member, days=0.5)
    gone = make_event(host=member)
    events.cancel_event(event=gone, by=member, reason="Ill")
    with time_machine.travel(gone.starts_at - DAY, tick=False):
        assert reminders.remind_leaders_due() == 0
    with time_machine.travel(late.starts_at - HOUR - MINUTE, tick=False):
        assert reminders.remind_leaders_due() == 0
