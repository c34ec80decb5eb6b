"""Mail to members: noted in the transaction of the change, sent after its commit.

A template is a folder `templates/emails/<name>/` with `subject.txt` and `body.txt`,
rendered in the member's language with `member`, `community`, `site` (the address of
the site) and the context.
"""

import datetime as dt
import html
import logging
from smtplib import SMTPException
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import Mail, User
from accounts.services import community

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = dt.timedelta(days=3)


def send(*, key: str, member: User, template: str, **context: Any) -> None:
    """Mail `member` once for `key`, when the transaction at hand is committed.

    `context` is kept as JSON until then: words, numbers and addresses, no rows.
    """
    from accounts import tasks

    mail, is_new = Mail.objects.get_or_create(
        key=key, defaults={"member": member, "template": template, "context": context}
    )
    if is_new:
        tasks.deliver_mail.delay_on_commit(mail.pk)


@transaction.atomic
def deliver(mail_id: int) -> None:
    """Hand one mail to the mail server; one that was sent is not sent again.

    Whoever cannot be reached, erased or without an address, is let be.
    """
    waiting = Mail.objects.select_for_update(skip_locked=True, of=("self",))
    mail = waiting.select_related("member").filter(pk=mail_id, sent_at=None).first()
    if mail is None:
        return
    if mail.member.email and not mail.member.erased_at:
        _message(mail).send()
    mail.sent_at, mail.context = timezone.now(), {}
    mail.save(update_fields=["sent_at", "context"])


def _message(mail: Mail) -> EmailMessage:
    member = mail.member
    zone = ZoneInfo(member.time_zone or settings.TIME_ZONE)
    language = member.language or community.current().language
    with translation.override(language), timezone.override(zone):
        context = {
            **mail.context,
            "member": member,
            "community": community.current(),
            "site": settings.SITE_URL,
        }
        # Templates write HTML by default; this is plain text.
        subject, body = (
            html.unescape(
                render_to_string(f"emails/{mail.template}/{part}.txt", context)
            )
            for part in ("subject", "body")
        )
    title, address = " ".join(subject.split()), str(mail.member.email)
    return EmailMessage(title, body.strip() + "\n", to=[address])


def deliver_waiting() -> int:
    """Send what a lost task or a silent mail server left waiting; how many went."""
    since = timezone.now() - GIVE_UP_AFTER
    waiting = Mail.objects.filter(sent_at=None, created_at__gt=since)
    sent = 0
    for pk in list(waiting.values_list("pk", flat=True)[:1000]):
        try:
            deliver(pk)
        except (OSError, SMTPException):
            logger.warning("The mail server did not take mail %s", pk, exc_info=True)
        else:
            sent += 1
    return sent
