"""Mails that come back."""

import datetime as dt
import mailbox
from email.message import EmailMessage
from io import StringIO

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Mail, User
from accounts.services import bounces, mails

pytestmark = pytest.mark.django_db

REPORT = """\
From: MAILER-DAEMON@example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; member@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 No such person

--b
Content-Type: text/rfc822-headers

Message-ID: {about}
Subject: News

--b--
"""


@pytest.fixture
def sent(member):
    def send(key):
        context = {"title": "Essay", "url": "/library/essay/"}
        mail = Mail.objects.create(
            key=key, member=member, template="item_published", context=context
        )
        mails.deliver(mail.pk)
        return mail

    return send


def report(to="us@example.org", action="failed", status="5.1.1", about="<x@y>"):
    words = REPORT.format(to=to, action=action, status=status, about=about)
    return words.replace("\n", "\r\n").encode()


def last_id():
    return outbox.outbox[-1].message()["Message-ID"]


def test_a_report_is_known_by_the_id_of_what_came_back(sent):
    mail = sent("a")

    assert bounces.read_report(report(about=last_id()))
    assert not bounces.read_report(report(about=last_id()))
    mail.refresh_from_db()
    assert mail.problem == "5.1.1 smtp; 550 No such person"
    assert User.objects.get().mail_failures == 1


def test_or_by_the_address_that_it_came_to(sent, settings):
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    sent("a")
    message = outbox.outbox[-1]

    assert message.from_email.startswith("bounces+mail-")
    assert message.message()["From"] == settings.DEFAULT_FROM_EMAIL
    assert bounces.read_report(report(to=message.from_email))


@pytest.mark.parametrize(
    "said",
    [
        {"action": "delayed"},
        {"status": "4.2.2"},
        {"about": "<mail-1.0123456789abcdef@x>"},
    ],
)
def test_warnings_and_what_is_not_ours_say_nothing(sent, said):
    sent("a")

    assert not bounces.read_report(report(**{"about": last_id(), **said}))
    assert not bounces.read_report(b"Subject: I am away\r\n\r\nUntil Monday.")


def test_the_member_is_told_and_may_say_that_the_address_is_right(client, member, sent):
    for key in "abc":
        sent(key)
        bounces.read_report(report(about=last_id()))
    before = len(outbox.outbox)
    sent("d")
    assert len(outbox.outbox) == before
    client.force_login(member)
    assert (
        "Our mails to member@example.org come back"
        in client.get("/me/notifications/").content.decode()
    )

    client.post("/me/notifications/address/")
    sent("e")

    assert len(outbox.outbox) == before + 1
    assert "come back" not in client.get("/me/notifications/").content.decode()


def test_failures_long_ago_are_forgotten(member, sent):
    for key, ago in (("a", 90), ("b", 45), ("c", 1)):
        mail = sent(key)
        bounces.read_report(report(about=last_id()))
        failed_at = timezone.now() - dt.timedelta(days=ago)
        Mail.objects.filter(pk=mail.pk).update(failed_at=failed_at)

    member.refresh_from_db()
    assert (member.mail_failures, member.mail_failing_at) == (1, None)


def test_a_mailbox_of_reports_is_read_however_often(sent, tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    for key in "ab":
        sent(key)
        box.add(report(about=last_id()))
    box.add(EmailMessage())
    box.close()

    assert read(tmp_path / "box") == "2 mails came back.\n"
    assert read(tmp_path / "box") == "0 mails came back.\n"


def read(path):
    told = StringIO()
    call_command("read_bounces", str(path), stdout=told)
    return told.getvalue()
