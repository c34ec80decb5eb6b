"""A line in a live room, out of sight and back: by its hosts, and by those who keep
order in the whole community.

Whoever decides on a case holds it before the room.
"""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from content.models import LiveMessage, LiveQuestion, LiveRoom
from content.services import live_state

Line = LiveMessage | LiveQuestion


@transaction.atomic
def put_away(line: Line, *, by: User | None) -> bool:
    """Only the hosts see it from now on; whether the others did until now."""
    room = hold_room(line.room)
    line.refresh_from_db(fields=["hidden_at"])
    if line.hidden_at:
        return False
    line.hidden_at, line.hidden_by = timezone.now(), by
    line.save(update_fields=["hidden_at", "hidden_by"])
    if isinstance(line, LiveMessage) and room.pinned_id == line.pk:
        pin(room, None)
    note_change(room, part_of(line))
    return True


@transaction.atomic
def bring_back(line: Line, *, body: str | None = None) -> bool:
    """To all, perhaps in other words; whether they did not see it until now."""
    room = hold_room(line.room)
    line.refresh_from_db(fields=["hidden_at"])
    if line.hidden_at is None:
        return False
    line.hidden_at = line.hidden_by = None
    line.body = body or line.body
    line.save(update_fields=["hidden_at", "hidden_by", "body"])
    note_change(room, part_of(line))
    return True


@transaction.atomic
def reword(line: Line, body: str) -> None:
    """What waits, as its hosts see it."""
    room = hold_room(line.room)
    line.body = body
    line.save(update_fields=["body"])
    note_change(room, part_of(line))


def part_of(line: Line) -> str:
    return "chat" if isinstance(line, LiveMessage) else "board"


def pin(room: LiveRoom, message: LiveMessage | None) -> None:
    """The room is held."""
    room.pinned = message
    room.save(update_fields=["pinned"])
    note_change(room, "board")


def hold_room(room: LiveRoom) -> LiveRoom:
    rooms = LiveRoom.objects.select_for_update(of=("self",), no_key=True)
    return rooms.select_related("event__space").get(pk=room.pk)


def note_change(room: LiveRoom, part: str) -> None:
    """The room is held, so that its changes are counted one after the other."""
    setattr(room, part, getattr(room, part) + 1)
    room.save(update_fields=[part])
    live_state.tell_on_commit(room)
