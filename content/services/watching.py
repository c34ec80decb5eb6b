"""How long members watch and listen, by the clock of this house.

While something plays, its player sends a beat every few seconds. A beat says only that
it still plays: what is booked is the time since the last beat, so that nothing a member
sends, however often, makes more of it than the time they really took.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.models import User, Verb
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from community.lib.dates import site_day
from content.models import ItemFile, Lesson, Watched
from content.models.played import Played, linked

# A player sends one every 15 seconds; one may be lost.
LONGEST_BEAT = dt.timedelta(seconds=30)
MOST_A_DAY = 12 * 3600  # seconds, of all recordings together
TIMES_A_DAY = 2  # so often the length of a recording counts
UNKNOWN_MINUTES = 60  # of a recording whose length nobody has told
COUNTS_FROM = 60  # seconds a day, or half of what is shorter


@transaction.atomic
def beat(*, member: User, played: Played, begins: bool = False) -> int:
    """Book the time since the last beat; how many seconds.

    Beats of one member wait for one another, and the time counts from their last one
    of any recording: two players at once are one. The first beat, one that says the
    player only begins, and one after a pause book nothing.
    """
    if isinstance(played, Lesson) and not played.media:
        return 0  # a text is not played
    hold_members(member.pk)
    now = timezone.now()
    day = site_day(now)
    today = list(Watched.objects.filter(member=member, day=day))
    row = next((it for it in today if _is_of(it, played)), None)
    if row is None:
        Watched.objects.create(member=member, day=day, beat_at=now, **linked(played))
        return 0
    if begins or now - row.beat_at > LONGEST_BEAT:
        row.beat_at = now
        row.save(update_fields=["beat_at"])
        return 0
    last = max(it.beat_at for it in today)
    passed = max(0, int((now - last).total_seconds()))
    booked = min(passed, _left_today(today), _left_of(played, row))
    row.seconds += booked
    # Not `now`: parts of a second are for the next beat.
    row.beat_at = last + dt.timedelta(seconds=passed)
    _tell_log(row, member, played)
    row.save(update_fields=["seconds", "beat_at", "told_at"])
    return booked


def _is_of(row: Watched, played: Played) -> bool:
    same = row.lesson_id if isinstance(played, Lesson) else row.file_id
    return same == played.pk


def _left_today(today: list[Watched]) -> int:
    return max(0, MOST_A_DAY - sum(it.seconds for it in today))


def _left_of(played: Played, row: Watched) -> int:
    return max(0, TIMES_A_DAY * _length_of(played) - row.seconds)


def _length_of(played: Played) -> int:
    """In seconds, as its author says: what the player says could be anything."""
    minutes = played.minutes if isinstance(played, Lesson) else _minutes_of(played)
    return 60 * max(1, minutes)


def _minutes_of(file: ItemFile) -> int:
    recording = getattr(file.item, "recording", None)
    return recording.minutes if recording else UNKNOWN_MINUTES


def _tell_log(row: Watched, member: User, played: Played) -> None:
    """Once a member, recording and day, as soon as it was more than a look."""
    if row.told_at or row.seconds < min(COUNTS_FROM, _length_of(played) // 2):
        return
    row.told_at = timezone.now()
    item = played.section.item if isinstance(played, Lesson) else played.item
    record_activity(
        member=member,
        verb=Verb.WATCHED,
        target=played if isinstance(played, Lesson) else item,
        space=item.space_id,
        item=item.pk,
    )
