"""Mails that come back, and the addresses that get no more.

Every mail carries a mark that only we can make: in its Message-ID, and, where the
setting BOUNCE_ADDRESS names a mailbox, in the address it comes back to. By it a report
of RFC 3464 is known to be about one of ours, and about which.
"""

import datetime as dt
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Mail, User

FAILING_AFTER = 3  # mails, none of them long after the one before
FORGOTTEN_AFTER = dt.timedelta(days=30)  # it must have taken others since
MARK = re.compile(r"mail[-+.](\d{1,18})[.-]([0-9a-f]{16})")


def mark_of(mail_id: int) -> str:
    return f"{mail_id}.{_seal(mail_id)}"


def _seal(mail_id: int) -> str:
    return salted_hmac("mail mark", str(mail_id), algorithm="sha256").hexdigest()[:16]


def envelope(mail: Mail) -> tuple[str, dict[str, str]]:
    """From where a mail comes: the envelope's sender and the headers that say so."""
    mark = f"mail-{mark_of(mail.pk)}"
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    headers = {"Message-ID": f"<{mark}@{host}>", "Auto-Submitted": "auto-generated"}
    if not settings.BOUNCE_ADDRESS:
        return settings.DEFAULT_FROM_EMAIL, headers
    name, _, domain = settings.BOUNCE_ADDRESS.partition("@")
    sender = f"{name}+{mark}@{domain}"
    return sender, headers | {"From": settings.DEFAULT_FROM_EMAIL}


@transaction.atomic
def came_back(mail_id: int, problem: str) -> bool:
    """Note that one mail did not arrive, once; whether that was news.

    After several the address is let be, until its member says that it is right.
    """
    mail = Mail.objects.select_for_update(of=("self",)).filter(pk=mail_id).first()
    if mail is None or mail.failed_at:
        return False
    mail.failed_at, mail.problem, mail.context = timezone.now(), problem[:300], {}
    mail.save(update_fields=["failed_at", "problem", "context"])
    people = User.objects.filter(pk=mail.member_id)
    failures = F("mail_failures") + 1 if _failed_lately(mail) else 1
    people.update(mail_failures=failures)
    people.filter(mail_failures__gte=FAILING_AFTER, mail_failing_at=None).update(
        mail_failing_at=timezone.now()
    )
    return True


def _failed_lately(mail: Mail) -> bool:
    """Whether another mail to the same member came back not long ago."""
    since = timezone.now() - FORGOTTEN_AFTER
    others = Mail.objects.filter(member=mail.member_id).exclude(pk=mail.pk)
    return others.filter(failed_at__gte=since).exists()


def trust(member: User) -> None:
    """The address is new, or said to be right: mails go there again."""
    User.objects.filter(pk=member.pk).update(mail_failures=0, mail_failing_at=None)


def trust_confirmed(email_address: Any, **kwargs: Any) -> None:
    """Somebody has just read a mail there."""
    trust(email_address.user)


def read_report(data: bytes) -> bool:
    """Take in one message of a mailbox for bounces; whether it told of a failure.

    Only reports of permanent failures about a mail that carries our mark count: all
    else, such as notes of absence and warnings of delay, is let be.
    """
    report = message_from_bytes(data, policy=policy.default)
    problem = _failure(report)
    mail_id = _mail_meant(report) if problem else None
    return mail_id is not None and came_back(mail_id, problem)


def _failure(report: EmailMessage) -> str:
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for recipient in part.iter_parts():
            status = str(recipient.get("Status", "")).strip()
            is_failed = str(recipient.get("Action", "")).strip().lower() == "failed"
            if is_failed and status.startswith("5"):
                said = str(recipient.get("Diagnostic-Code", ""))
                return f"{status} {said}".strip()
    return ""


def _mail_meant(report: EmailMessage) -> int | None:
    places = [str(report.get(name, "")) for name in ("To", "Delivered-To")]
    places += [_returned_headers(part) for part in report.walk()]
    for number, seal in MARK.findall("\n".join(places)):
        if constant_time_compare(_seal(int(number)), seal):
            return int(number)
    return None


def _returned_headers(part: EmailMessage) -> str:
    """The Message-ID of what came back, as a message or as its head alone."""
    if part.get_content_type() == "text/rfc822-headers":
        return str(part.get_content())
    if part.get_content_type() == "message/rfc822":
        return "\n".join(str(it.get("Message-ID", "")) for it in part.iter_parts())
    return ""
