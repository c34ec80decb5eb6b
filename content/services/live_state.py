"""What is known of live rooms without asking the database: how far they are, who is
there, and who has to show again that they may be.

All of it can be lost: then it is read anew, and those who ask wait a little longer.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from content.models import LiveRoom, Registration

logger = logging.getLogger(__name__)

PARTS = ("chat", "board")
# Who asked at least once in such a piece of time was there for the whole of it: it
# gives nothing to ask more often, or in two windows.
SPAN = 15  # seconds
LATE = 2 * SPAN  # until then a span may still be written to
KEPT = 24 * 3600  # seconds: so long the booking may be away
OUT_FOR = 300  # seconds: longer than a ticket lasts

LEAST_WAIT = 2000  # milliseconds between two questions of one viewer
MOST_A_SECOND = 220  # questions of all viewers of a room
WAIT_WITHOUT = 10_000  # while every question costs the database something


@dataclass(frozen=True)
class Look:
    versions: tuple[int, int]  # of the chat, and of the board
    here: int
    out_since: float | None  # who has a ticket from before shows again who they are


@dataclass(frozen=True)
class Piece:
    """A part of the page as all who read one language, and lead or not, are shown
    it."""

    event_id: int
    part: str
    leads: bool
    language: str

    @property
    def key(self) -> str:
        return _key(self.event_id, f"{self.part}:{self.leads:d}")

    @property
    def maker(self) -> str:
        return f"{self.key}:{self.language}:made"


def wait_for(here: int) -> int:
    """Milliseconds: the more people, the longer each of them waits."""
    return max(LEAST_WAIT, 1000 * here // MOST_A_SECOND)


def look(event_id: int, member_id: int) -> Look | None:
    """One look, which is also a sign of life of the member; None where nothing is
    known."""
    now = int(timezone.now().timestamp())
    span = now - now % SPAN
    here = _presence(event_id, span)
    try:
        pipe = get_redis_connection().pipeline(transaction=False)
        pipe.zmscore(_key(event_id, "versions"), list(PARTS))
        pipe.zscore(_key(event_id, "out"), member_id)
        pipe.sadd(here, member_id)
        pipe.expire(here, KEPT)
        pipe.scard(here)
        pipe.scard(_presence(event_id, span - SPAN))
        versions, out_since, _added, _expires, now_here, were_here = pipe.execute()
    except RedisError:
        return None
    if None in versions:
        return None
    chat, board = map(int, versions)
    return Look((chat, board), max(now_here, were_here), out_since)


def tell(room: LiveRoom) -> None:
    """Those who ask see that something is new. Whoever tells of an earlier change
    later does no harm: only what is further counts."""
    key = _key(room.event_id, "versions")
    _do("zadd", key, {part: getattr(room, part) for part in PARTS}, gt=True)
    _do("expire", key, KEPT)


def tell_on_commit(room: LiveRoom) -> None:
    transaction.on_commit(lambda: tell(room))


def show_again(event_id: int, member_id: int) -> None:
    """Before the next answer it is asked anew what this member may."""
    key = _key(event_id, "out")

    def write() -> None:
        _do("zadd", key, {str(member_id): timezone.now().timestamp()})
        _do("expire", key, OUT_FOR)

    transaction.on_commit(write)


def begin_again(event_ids: Iterable[int]) -> None:
    """What is kept of these rooms is forgotten, their pieces of page first of all."""
    for event_id in event_ids:
        pieces = [
            Piece(event_id, it, leads, "") for it in PARTS for leads in (False, True)
        ]
        _do("delete", *(it.key for it in pieces), _key(event_id, "versions"))


def kept(piece: Piece) -> tuple[int, str] | None:
    """(version, text) as it was last made."""
    text = _do("hget", piece.key, piece.language)
    if not text:
        return None
    version, _, html = text.decode().partition("\n")
    return int(version), html


def keep(piece: Piece, version: int, html: str) -> None:
    _do("hset", piece.key, piece.language, f"{version}\n{html}")
    _do("expire", piece.key, 3600)
    _do("delete", piece.maker)


def may_make(piece: Piece) -> bool:
    """One makes it while the others wait; where one is killed, not for long."""
    return _do("set", piece.maker, 1, nx=True, px=1000) is not None


def _key(event_id: int, name: str) -> str:
    return cache.make_key(f"live:{event_id}:{name}")


def _presence(event_id: int, span: int) -> str:
    return _key(event_id, f"here:{span}")


def _do(command: str, *args: Any, **options: Any) -> Any:
    try:
        return getattr(get_redis_connection(), command)(*args, **options)
    except RedisError:
        return False


# Time that people were here -----------------------------------------------------------


def book(now: dt.datetime | None = None) -> int:
    """Add what was seen of people to their registrations; how many spans.

    Counted from the beginning of the event to its end. A span is booked together
    with `booked_until`, so that a run that was killed repeats nothing.
    """
    now = now or timezone.now()
    since = now - dt.timedelta(seconds=KEPT)
    rooms = LiveRoom.objects.filter(
        event__starts_at__lt=now, event__ends_at__gt=since
    ).select_related("event")
    return sum(_book(room.pk, now) for room in rooms.order_by("pk"))


@transaction.atomic
def _book(room_id: int, now: dt.datetime) -> int:
    rooms = LiveRoom.objects.select_for_update(of=("self",), no_key=True)
    room = rooms.select_related("event").get(pk=room_id)
    event = room.event
    begin = int(max(event.starts_at, room.booked_until or event.starts_at).timestamp())
    end = int(min(event.ends_at, now - dt.timedelta(seconds=LATE)).timestamp())
    begin += -begin % SPAN
    spans = range(begin, end, SPAN)
    if not spans:
        return 0
    seconds = _seconds_in(room.event_id, spans)
    if seconds is None:
        return 0  # it may be back soon, with what it knew
    _add(room.event_id, seconds)
    room.booked_until = dt.datetime.fromtimestamp(spans[-1] + SPAN, dt.UTC)
    room.save(update_fields=["booked_until"])
    return len(spans)


def _seconds_in(event_id: int, spans: range) -> dict[int, int] | None:
    """{member: seconds}"""
    try:
        pipe = get_redis_connection().pipeline(transaction=False)
        for span in spans:
            pipe.smembers(_presence(event_id, span))
        found = pipe.execute()
    except RedisError:
        return None
    seconds: dict[int, int] = {}
    for members in found:
        for member in members:
            seconds[int(member)] = seconds.get(int(member), 0) + SPAN
    return seconds


def _add(event_id: int, seconds: dict[int, int]) -> None:
    # Once it was counted who came, time changes nothing any more.
    going = Registration.objects.filter(
        event=event_id,
        member__in=seconds,
        state=Registration.State.GOING,
        no_show=None,
    )
    rows = list(going.select_for_update(no_key=True).order_by("pk"))
    for row in rows:
        row.seconds_present += seconds[row.member_id]
    Registration.objects.bulk_update(rows, ["seconds_present"])
