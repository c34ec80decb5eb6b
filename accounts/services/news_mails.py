"""News by mail: what happened in some minutes is one mail, and nothing comes twice.

Whether a notification is mailed is decided once, under the lock of its row, and the
Mail is written in the same transaction: a worker that dies before the commit has done
nothing, one that dies after it has done all but send (see `mails.deliver`).
"""

import datetime as dt
import logging
import time
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Mail, NewsChoice, Notification, User, Way
from accounts.models.news import group_of
from accounts.services import mails, news, news_choices

logger = logging.getLogger(__name__)

MOST_PEOPLE = 500  # at a time
MOST_NEWS = 200  # looked at for one mail
SECONDS = 100  # the clock starts the next run soon
PUT_OFF = dt.timedelta(hours=1)  # what could not be decided on


def mail_due() -> int:
    """Decide on all news whose time has come; how many members were looked at."""
    ends, done = time.monotonic() + SECONDS, 0
    while time.monotonic() < ends:
        due = Notification.objects.filter(mail_at__lte=timezone.now())
        people = due.order_by("mail_at").values_list("member_id", flat=True)
        numbers = list(dict.fromkeys(people[:MOST_PEOPLE]))
        if not sum(_mail_or_put_off(number) for number in numbers):
            break
        done += len(numbers)
    return done


def _mail_or_put_off(member_id: int) -> int:
    try:
        return _mail_one(member_id)
    except Exception:  # one member's trouble is not everybody's
        logger.exception("The news of member %s could not be mailed", member_id)
        now = timezone.now()
        due = Notification.objects.filter(member=member_id, mail_at__lte=now)
        due.update(mail_at=now + PUT_OFF)
        return 0


@transaction.atomic
def _mail_one(member_id: int) -> int:
    """One member's news into one mail; how many were decided on."""
    waiting = Notification.objects.filter(member=member_id, mail_at__isnull=False)
    held = waiting.select_for_update(skip_locked=True, of=("self",))
    rows = list(held.order_by("-created_at", "-pk")[:MOST_NEWS])
    if not rows:
        return 0
    member = User.objects.get(pk=member_id)
    choice, now = news_choices.choice_of(member), timezone.now()
    chosen = Notification.objects.filter(pk__in=[row.pk for row in rows])
    until = choice.quiet_until(now, news_choices.zone_of(member))
    fresh = _to_tell(member, choice, rows)
    if fresh and until:
        return chosen.update(mail_at=until)
    if fresh:
        mail = mails.send(
            key=f"news {member_id} {min(fresh)}",
            member=member,
            template="news",
            news=sorted(fresh),
        )
        chosen.filter(pk__in=fresh).update(mail=mail)
    return chosen.update(mail_at=None)


def _to_tell(member: User, choice: NewsChoice, rows: list[Notification]) -> list[int]:
    """Of these the numbers of those to mail: unread, wanted and new to this member."""
    is_here = member.is_active and not member.removed_at
    if not (mails.can_be_reached(member) and is_here):
        return []
    wanted = [
        row
        for row in rows
        if row.read_at is None and choice.way_of(row.kind) == Way.NOW
    ]
    return untold(member, wanted) if wanted else []


def untold(member: User, rows: list[Notification]) -> list[int]:
    """Of unread news the numbers of those that no mail spoke of, nor of anything else
    of that kind on the same page that was not looked at since."""
    told = news.latest(member).filter(read_at=None, mail__isnull=False)[:MOST_NEWS]
    lines = news.lines(member, [*rows, *told])
    fresh = [line for line in lines if all(row.mail_id is None for row in line.rows)]
    return [row.pk for line in fresh for row in line.rows]


def words_of_news(mail: Mail) -> mails.Words | None:
    """What the mail says now: what was read or hidden meanwhile is left out."""
    member = mail.member
    lines = lines_of(member, mail.context.get("news", []))
    if not lines:
        return None
    groups = {group_of(line.rows[0].kind).value for line in lines}
    what = groups.pop() if len(groups) == 1 else news_choices.ALL
    thread = _thread(lines) if len(lines) == 1 else {}
    stop = news_choices.stop_link(member, what)
    context = {"lines": lines, "stop": stop, "one": lines[0]}
    return mails.Words(context, stop_headers(stop) | thread)


def lines_of(member: User, numbers: list[int]) -> list[news.Line]:
    rows = news.latest(member).filter(pk__in=numbers, read_at=None)
    return news.lines(member, list(rows))


def stop_headers(link: str) -> dict[str, str]:
    """One click in the mail program ends them, see RFC 8058."""
    return {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _thread(lines: list[news.Line]) -> dict[str, str]:
    """Mails about one page stand together in the mail program."""
    _, page = news.group_key(lines[0].rows[0], lines[0].address)
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    name = sha256(page.encode()).hexdigest()[:20]
    return {"References": f"<about-{name}@{host}>"}
