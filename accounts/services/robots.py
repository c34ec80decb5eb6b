"""What robots tell in chat groups: noted with the change, sent by the clock.

A message is marked as begun before the service hears of it. It is tried again only
where the service said no, or was not there: a line that breaks in between tells
nobody whether the group has read it, and nothing is told there twice.
"""

import datetime as dt
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Robot, RobotMessage, User
from accounts.robots import SERVICES, Asked, Message, Outcome
from accounts.services import community, news
from community.lib.sealed import CannotOpen, seal, unseal

TIMEOUT = 10  # seconds
LONGEST_ANSWER = 64 * 1024
MOST_A_MINUTE = 15  # the strictest services take 20
TRIES = 8
OFF_AFTER = 5  # refused in a row
LATE = dt.timedelta(days=2)  # then it is no news


class NotTheirs(Exception):
    """An address where this service has no webhooks."""


def check_address(kind: str, address: str) -> None:
    """Messages go to the service itself and nowhere else. Raises NotTheirs.

    ROBOT_HOSTS names others: a service that is run in the own house.
    """
    if not address.isascii():  # no line of HTTP could hold it
        raise NotTheirs
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" in settings.ROBOT_HOSTS:
        return
    is_theirs = parts.hostname in SERVICES[kind].hosts and parts.port in (None, 443)
    if parts.scheme != "https" or not is_theirs or parts.username or parts.password:
        raise NotTheirs


def set_secrets(robot: Robot, *, address: str = "", secret: str = "") -> None:
    """Seal what was given; what was left empty stays. The robot is not saved."""
    if address:
        robot.sealed_address = seal(address, robot.place_of("address"))
    if secret:
        robot.sealed_secret = seal(secret, robot.place_of("secret"))


def switch_on(robot: Robot) -> None:
    Robot.objects.filter(pk=robot.pk).update(
        is_on=True, failures=0, problem="", waits_until=None
    )


def tell(*, target: Any, space_id: int | None = None, is_announcement: bool) -> None:
    """A new topic: for the robots that tell of its space, or of announcements."""
    wanted = Q(tells_topics_of=space_id) if space_id else Q(pk=None)
    if is_announcement:
        wanted |= Q(tells_announcements=True)
    _note(Robot.objects.filter(wanted, is_on=True).distinct(), target)


def tell_published(*, target: Any) -> None:
    _note(Robot.objects.filter(tells_items=True, is_on=True), target)


def _note(robots: Any, target: Any) -> None:
    RobotMessage.objects.bulk_create(
        [
            RobotMessage(
                robot_id=number,
                key=f"{target.activity_kind} {target.pk}",
                target_kind=target.activity_kind,
                target_id=target.pk,
            )
            for number in robots.values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )


def send_due() -> int:
    """Let every robot say what it has to say; how many messages went."""
    now = timezone.now()
    ready = Q(waits_until=None) | Q(waits_until__lte=now)
    robots = Robot.objects.filter(ready, is_on=True, messages__due_at__lte=now)
    return sum(_send_all(robot) for robot in robots.distinct())


def _send_all(robot: Robot) -> int:
    sent = 0
    due = robot.messages.filter(due_at__lte=timezone.now()).order_by("pk")
    for pk in list(due.values_list("pk", flat=True)[:MOST_A_MINUTE]):
        row = _begin(pk)
        if row is None:
            continue
        words = _words(robot, row)
        if words is None:
            _end(row, problem=_("Not to be seen by this group, or no longer."))
            continue
        outcome, problem, wait = _post(robot, words)
        _note_outcome(robot, row, outcome, problem, wait)
        sent += outcome is Outcome.ACCEPTED
        if outcome is not Outcome.ACCEPTED:
            break  # in their order, and not at once
    return sent


@transaction.atomic
def _begin(pk: int) -> RobotMessage | None:
    rows = RobotMessage.objects.select_for_update(skip_locked=True)
    row = rows.filter(pk=pk, due_at__lte=timezone.now()).first()
    if row:
        row.due_at, row.tries = None, row.tries + 1
        row.save(update_fields=["due_at", "tries"])
    return row


def _end(row: RobotMessage, **facts: Any) -> None:
    RobotMessage.objects.filter(pk=row.pk).update(**facts)


def _words(robot: Robot, row: RobotMessage) -> Message | None:
    """As the group's readers may know it now."""
    if row.created_at < timezone.now() - LATE:
        return None
    is_public = robot.audience == Robot.Audience.PUBLIC
    # Some member: nobody in particular, who joined nothing and holds nothing.
    reader: Any = AnonymousUser() if is_public else User(pk=0)
    found = news.named(reader, row.target_kind, row.target_id)
    if found is None:
        return None
    title, address = found
    with translation.override(robot.language):
        text = _("New at %(name)s") % {"name": community.current().name}
    return Message(title, text, settings.SITE_URL + address)


def _note_outcome(
    robot: Robot, row: RobotMessage, outcome: Outcome | None, problem: str, wait: int
) -> None:
    now, known = timezone.now(), Robot.objects.filter(pk=robot.pk)
    if outcome is Outcome.ACCEPTED:
        _end(row, sent_at=now, problem="")
        known.update(failures=0, problem="")
    elif outcome is Outcome.LATER:
        again = now + dt.timedelta(seconds=max(wait, 30 * 2**row.tries))
        _end(row, due_at=again if row.tries < TRIES else None, problem=problem)
        known.update(waits_until=again, problem=problem)
    else:  # refused, or nobody knows
        _end(row, problem=problem)
        known.update(failures=F("failures") + 1, problem=problem)
        known.filter(failures__gte=OFF_AFTER).update(is_on=False)


def send_test(robot: Robot) -> str:
    """Say hello at once; what went wrong, or "" for nothing."""
    with translation.override(robot.language):
        name = community.current().name
        words = Message(_("This is a test."), name, settings.SITE_URL)
    outcome, problem, _wait = _post(robot, words)
    return "" if outcome is Outcome.ACCEPTED else problem or _("No answer.")


def _post(robot: Robot, words: Message) -> tuple[Outcome | None, str, int]:
    """How it went (None: nobody knows), what was said, and how long to wait."""
    service = SERVICES[robot.kind]
    try:
        address, secret = _opened(robot)
        check_address(robot.kind, address)
    except CannotOpen:
        return Outcome.REFUSED, _("Its address was sealed with another key."), 0
    except NotTheirs:
        return Outcome.REFUSED, _("The address is not one of this service."), 0
    asked = service.ask(address, secret, words, timezone.now())
    line = _line_to(asked.url)
    try:
        line.connect()
    except OSError as error:
        return Outcome.LATER, type(error).__name__, 0
    try:
        status, wait, body = _exchange(line, asked)
    except (OSError, http.client.HTTPException) as error:
        return None, type(error).__name__, 0
    finally:
        line.close()
    said = f"{status} {body[:200].decode(errors='replace')}"
    return service.outcome(status, body), said, _seconds(wait)


def _opened(robot: Robot) -> tuple[str, str]:
    """Its address and, if it has one, its secret. Raises CannotOpen."""
    address = unseal(robot.sealed_address, robot.place_of("address"))
    sealed = robot.sealed_secret
    return address, unseal(sealed, robot.place_of("secret")) if sealed else ""


def _line_to(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    is_plain = parts.scheme == "http"  # only where ROBOT_HOSTS says so
    kind = http.client.HTTPConnection if is_plain else http.client.HTTPSConnection
    return kind(parts.hostname or "", parts.port, timeout=TIMEOUT)


def _exchange(
    line: http.client.HTTPConnection, asked: Asked
) -> tuple[int, str | None, bytes]:
    """Nobody is followed who sends us on: it might be into the own house."""
    parts = urlsplit(asked.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    body = json.dumps(asked.payload, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    line.request("POST", path, body, headers)
    answer = line.getresponse()
    told = answer.read(LONGEST_ANSWER)
    return answer.status, answer.headers.get("Retry-After"), told


def _seconds(told: str | None) -> int:
    """What Retry-After says, in seconds; at most an hour."""
    whole = (told or "").partition(".")[0]
    return min(int(whole) + 1, 3600) if whole.isdecimal() and len(whole) < 9 else 0
