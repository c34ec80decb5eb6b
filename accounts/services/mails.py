"""Mail to members: noted in the transaction of the change, sent after its commit.

A template is a folder `templates/emails/<name>/` with `subject.txt` and `body.txt`,
rendered in the member's language with `member`, `community`, `site` (the address of
the site) and the context.
"""

import datetime as dt
import html
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import Mail, User
from accounts.services import bounces, community
from accounts.services.news_choices import zone_of

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = dt.timedelta(days=3)
# The server said that nobody is there, not that it has no time.
PERMANENT = range(500, 600)


@dataclass(frozen=True)
class Words:
    """What a template needs beyond what was kept, and headers of its own."""

    context: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


# Template → its words, made when it goes out; None when there is no longer anything
# to say. For what only its reader may see, and only if so at that moment.
_makers: dict[str, Callable[[Mail], Words | None]] = {}


def register(template: str, make: Callable[[Mail], Words | None]) -> None:
    _makers[template] = make


def send(*, key: str, member: User, template: str, **context: Any) -> Mail:
    """Mail `member` once for `key`, when the transaction at hand is committed.

    `context` is kept as JSON until then: words, numbers and addresses, no rows.
    """
    from accounts import tasks

    mail, is_new = Mail.objects.get_or_create(
        key=key, defaults={"member": member, "template": template, "context": context}
    )
    if is_new:
        tasks.deliver_mail.delay_on_commit(mail.pk)
    return mail


def deliver(mail_id: int) -> None:
    """Hand one mail to the mail server, once, however this ends.

    That it is begun is committed before the server hears of it, and that it was taken
    after. Killed in between, or cut off by the server, nobody knows whether it was
    taken: it is not sent again, and the desk shows it. Where the server was not there
    or said no, it waits for the next time. Whoever cannot be reached is let be.
    """
    waiting = Mail.objects.waiting().filter(pk=mail_id)
    mail = waiting.select_related("member").first()
    if mail is None:
        return
    message = _message(mail) if can_be_reached(mail.member) else None
    if message is None:
        waiting.update(sent_at=timezone.now(), context={})
        return
    server = get_connection()
    server.open()  # whatever fails until here has begun nothing
    try:
        if waiting.update(sending_at=timezone.now()):
            message.connection = server
            _hand_over(mail, message)
    finally:
        _hang_up(server)


def _hand_over(mail: Mail, message: EmailMessage) -> None:
    try:
        message.send()
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        _refused(mail, error)
    else:
        _end(mail, sent_at=timezone.now(), context={})


def _hang_up(server: Any) -> None:
    """A server that is rude when we part has taken the mail all the same."""
    with suppress(OSError, SMTPException):
        server.close()


def can_be_reached(member: User) -> bool:
    return bool(member.email) and not member.erased_at and not member.mail_failing_at


def _end(mail: Mail, **facts: Any) -> None:
    """Written past the row at hand: its member may have been erased meanwhile."""
    Mail.objects.filter(pk=mail.pk).update(**facts)


def _refused(mail: Mail, error: SMTPResponseException | SMTPRecipientsRefused) -> None:
    """For good, or for now: then it is tried again."""
    code, words = _what_was_said(error)
    if code not in PERMANENT:
        _end(mail, sending_at=None)
        raise error
    if isinstance(error, SMTPRecipientsRefused):
        bounces.came_back(mail.pk, f"{code} {words}")
    else:  # it does not want our mail at all: no fault of the address
        _end(mail, failed_at=timezone.now(), problem=f"{code} {words}"[:300])


def _what_was_said(
    error: SMTPResponseException | SMTPRecipientsRefused,
) -> tuple[int, str]:
    if isinstance(error, SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    else:
        code, said = error.smtp_code, error.smtp_error
        words = said if isinstance(said, bytes) else said.encode()
    return code, words.decode(errors="replace")


def _message(mail: Mail) -> EmailMessage | None:
    member = mail.member
    language = member.language or community.current().language
    with translation.override(language), timezone.override(zone_of(member)):
        make = _makers.get(mail.template)
        words = make(mail) if make else Words({})
        if words is None:
            return None
        context = {
            **mail.context,
            **words.context,
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
    title = " ".join(subject.split())
    sender, headers = bounces.envelope(mail)
    return EmailMessage(
        title,
        body.strip() + "\n",
        sender,
        to=[str(member.email)],
        headers=headers | words.headers,
    )


def deliver_waiting() -> int:
    """Send what a lost task or a silent mail server left waiting; how many went."""
    since = timezone.now() - GIVE_UP_AFTER
    waiting = Mail.objects.waiting().filter(created_at__gt=since)
    sent = 0
    for pk in list(waiting.values_list("pk", flat=True)[:1000]):
        try:
            deliver(pk)
        except (OSError, SMTPException):
            logger.warning("The mail server did not take mail %s", pk, exc_info=True)
        except Exception:  # one mail's trouble is not that of all
            logger.exception("Mail %s could not be written", pk)
        else:
            sent += 1
    return sent


@transaction.atomic
def send_again(mail: Mail) -> None:
    """An operator has looked: a mail of unknown fate is to go once more.

    It carries the same Message-ID, by which a mailbox that has it knows it.
    """
    from accounts import tasks

    if Mail.objects.unknown().filter(pk=mail.pk).update(sending_at=None):
        tasks.deliver_mail.delay_on_commit(mail.pk)
