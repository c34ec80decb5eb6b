"""Exactly once: whatever dies at whatever moment, no mail comes twice and none is lost
unseen. Real processes, killed as the kernel would, and a mail server on loopback."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.conf import settings as site
from django.core import mail as outbox
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Mail, Notification
from accounts.services import mails, news_choices, news_mails
from accounts.services.notifications import tell
from tests.accounts.smtp import MailServer
from tests.factories.accounts import make_member
from tests.factories.discussions import make_topic
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ESSAY = {"title": "Essay", "url": "/library/essay/"}
IN_PROCESS = """
import sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {database!r}
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", {port}
import django
django.setup()
from accounts.services import mails, news_mails
{work}
"""


@contextmanager
def process(work, server=None):
    code = IN_PROCESS.format(
        database=connection.settings_dict["NAME"],
        port=server.port if server else 1,
        work=work,
    )
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


@pytest.fixture
def mail():
    """One that waits, as if its task was lost."""
    return Mail.objects.create(
        key="a", member=make_member(), template="item_published", context=ESSAY
    )


@pytest.fixture
def by_smtp(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5

    def use(server):
        settings.EMAIL_PORT = server.port

    return use


def test_killed_after_the_server_took_it_the_mail_is_not_sent_again(mail, by_smtp):
    with MailServer("mute") as server:
        with process("mails.deliver_waiting()", server):
            wait_for(lambda: server.took)
        server.manners = "well"
        by_smtp(server)

        assert mails.deliver_waiting() == 0
        assert len(server.took) == 1
    assert Mail.objects.unknown().get() == mail


def test_killed_before_the_server_spoke_the_mail_is_sent_later(mail, by_smtp):
    with MailServer("slow") as server:
        with process("mails.deliver_waiting()", server):
            wait_for(lambda: server.greeted)
        server.manners = "well"
        by_smtp(server)

        assert mails.deliver_waiting() == 1
        assert mails.deliver_waiting() == 0
        assert len(server.took) == 1


def test_an_operator_sends_a_mail_of_unknown_fate_again_with_the_same_id(mail, by_smtp):
    with MailServer("gone") as server:
        by_smtp(server)
        assert mails.deliver_waiting() == 0
        server.manners = "well"
        mails.send_again(mail)
        mails.send_again(mail)

        first, second = server.took
    assert message_id(first) == message_id(second)
    assert Mail.objects.get().sent_at


def message_id(data):
    lines = data.decode().splitlines()
    (line,) = [it for it in lines if it.lower().startswith("message-id:")]
    return line


def test_a_server_that_has_no_time_now_is_asked_again(mail, by_smtp):
    with MailServer("busy") as server:
        by_smtp(server)
        assert mails.deliver_waiting() == 0
        server.manners = "well"
        assert mails.deliver_waiting() == 1
        assert len(server.took) == 1


def test_an_address_that_does_not_exist_is_let_be_after_three_mails(by_smtp):
    member = make_member()
    with MailServer("nobody") as server:
        by_smtp(server)
        for key in "abcd":
            Mail.objects.create(
                key=key, member=member, template="item_published", context=ESSAY
            )
            mails.deliver_waiting()
            member.refresh_from_db()
        assert server.greeted == 3

    assert (member.mail_failures, Mail.objects.exclude(failed_at=None).count()) == (
        3,
        3,
    )
    assert member.mail_failing_at
    assert "No such person" in Mail.objects.filter(key="a").get().problem


def some_news(member):
    news_choices.choose(member=member, quiet_from=0, quiet_to=0)
    topic = make_topic(make_member("author"))
    tell([member.pk], kind=Notification.Kind.REPLIED, key="one", target=topic)
    Notification.objects.update(mail_at=timezone.now())


def test_killed_while_it_writes_the_mail_the_news_are_told_once():
    some_news(make_member())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_mail IN EXCLUSIVE MODE")
        with process("news_mails.mail_due()"):
            wait_for(waits_for_a_lock)
    wait_for(lambda: not others_hold_rows())

    assert not Mail.objects.exists()
    news_mails.mail_due()
    news_mails.mail_due()
    assert len(outbox.outbox) == 1
    assert Notification.objects.get().mail == Mail.objects.get()


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
            " AND relation = 'accounts_mail'::regclass"
        )
        return cursor.fetchone()[0] > 0


def others_hold_rows():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid()"
            " AND relation = 'accounts_notification'::regclass"
        )
        return cursor.fetchone()[0] > 0


def test_two_workers_at_once_write_one_mail():
    some_news(make_member())

    def work():
        try:
            news_mails.mail_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work) for _ in range(2)]:
            done.result()

    assert Mail.objects.count() == 1
