"""The digest: once a day or a week, at the member's hour, what they have not read yet
and what has appeared of what they follow. With nothing to say there is no mail."""

import datetime as dt
import logging
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from accounts.models import Mail, NewsChoice, Notification, User, Way
from accounts.services import mails, news, news_choices
from accounts.services.news_mails import lines_of, stop_headers, untold

logger = logging.getLogger(__name__)

AT_ONCE = 200
LONGEST = dt.timedelta(days=8)  # further back is no news
MOST_NEWS = 50
PUT_OFF = dt.timedelta(hours=1)  # one that could not be written

# (member, since) → (title, address) of what has appeared, by the apps above.
_sources: list[Callable[[User, dt.datetime], list[tuple[str, str]]]] = []


def register(source: Callable[[User, dt.datetime], list[tuple[str, str]]]) -> None:
    _sources.append(source)


def send_due() -> int:
    """The digests of all whose hour has come; how many members were looked at.

    Killed at any moment it goes on where it was: a member's mail and next day are
    written together, and the mail's key names the day.
    """
    news_choices.plan_newcomers(timezone.now())
    done = 0
    while numbers := _due():
        for number in numbers:
            _send_or_put_off(number)
        done += len(numbers)
    return done


def _due() -> list[int]:
    due = NewsChoice.objects.filter(digest_at__lte=timezone.now())
    return list(due.order_by("digest_at").values_list("pk", flat=True)[:AT_ONCE])


def _send_or_put_off(pk: int) -> None:
    try:
        _send(pk)
    except Exception:  # one member's trouble is not everybody's
        logger.exception("Digest %s could not be written", pk)
        due = NewsChoice.objects.filter(pk=pk, digest_at__isnull=False)
        due.update(digest_at=timezone.now() + PUT_OFF)


@transaction.atomic
def _send(pk: int) -> None:
    due = NewsChoice.objects.filter(pk=pk, digest_at__lte=timezone.now())
    choice = due.select_for_update(of=("self",)).select_related("member").first()
    if choice is None:
        return
    member, now = choice.member, timezone.now()
    zone = news_choices.zone_of(member)
    is_first = choice.digested_at is None
    since = max(choice.digested_at or now, now - LONGEST)
    is_here = member.is_active and not member.removed_at
    if not is_first and mails.can_be_reached(member) and is_here:
        _write(choice, since)
    choice.digested_at = now
    choice.digest_at = choice.next_digest(now, zone)
    choice.save(update_fields=["digested_at", "digest_at"])


def _write(choice: NewsChoice, since: dt.datetime) -> None:
    member, day = choice.member, choice.digest_at
    numbers = _unread(choice)
    if day is None or not (numbers or appeared(member, since)):
        return
    local = day.astimezone(news_choices.zone_of(member)).date()
    mail = mails.send(
        key=f"digest {member.pk} {local}",
        member=member,
        template="digest",
        news=numbers,
        since=since.isoformat(),
    )
    Notification.objects.filter(pk__in=numbers).update(mail=mail)


def _unread(choice: NewsChoice) -> list[int]:
    """What waits and was not mailed; also from before the last digest, when its time
    to be mailed had not come."""
    rows = news.latest(choice.member).filter(
        read_at=None, mail=None, mail_at=None, created_at__gt=timezone.now() - LONGEST
    )
    wanted = [row for row in rows[:MOST_NEWS] if choice.way_of(row.kind) != Way.OFF]
    return untold(choice.member, wanted)


def appeared(member: User, since: dt.datetime) -> list[tuple[str, str]]:
    found = [it for source in _sources for it in source(member, since)]
    return list(dict.fromkeys(found))


def words_of_digest(mail: Mail) -> mails.Words | None:
    member, since = mail.member, mail.context["since"]
    lines = lines_of(member, mail.context["news"])
    followed = appeared(member, dt.datetime.fromisoformat(since))
    if not (lines or followed):
        return None
    stop = news_choices.stop_link(member, news_choices.DIGEST)
    context = {"lines": lines, "followed": followed, "stop": stop}
    return mails.Words(context, stop_headers(stop))
