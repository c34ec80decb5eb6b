"""When the lessons of a course open to somebody who may learn it.

Each section says on its own when it opens: on a day, some days after the learner began,
when the section before is done, or several of these together. Nothing opens before the
learner's cohort begins. A free preview is always open, and staff may open the whole to
one learner.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from community.lib.dates import site_day, start_of
from content.models import Enrolment, Section


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a lesson is not open yet; each part that is true has to pass."""

    opens_at: dt.datetime | None = None
    days_after_beginning: int | None = None  # for who has not begun
    waits_for_section: bool = False
    waits_for_cohort: bool = False  # the course is begun with one only


@dataclass(frozen=True, slots=True)
class Pace:
    """What a section says of its opening."""

    opens_on: dt.date | None
    opens_after: int | None
    is_in_turn: bool

    def lock(
        self, *, begun_at: dt.datetime | None, before_is_done: bool, now: dt.datetime
    ) -> Lock | None:
        """What keeps the section's lessons from a learner now; nothing: None."""
        moments = [start_of(self.opens_on)] if self.opens_on else []
        if begun_at:
            day = site_day(begun_at) + dt.timedelta(days=self.opens_after or 0)
            moments.append(start_of(day))
        opens_at = max((it for it in moments if it > now), default=None)
        days = None if begun_at else self.opens_after
        waits = self.is_in_turn and not before_is_done
        return Lock(opens_at, days, waits) if opens_at or days or waits else None


def locks(
    sections: Iterable[tuple[Pace, bool]], *, begun_at: dt.datetime | None
) -> list[Lock | None]:
    """The lock of each section in order; a section comes with whether it is done."""
    now, before_is_done, found = timezone.now(), True, []
    for pace, is_done in sections:
        lock = pace.lock(begun_at=begun_at, before_is_done=before_is_done, now=now)
        found.append(lock)
        before_is_done = is_done
    return found


def set_pace(
    *,
    section: Section,
    opens_on: dt.date | None,
    opens_after: int | None,
    is_in_turn: bool,
) -> None:
    section.opens_on, section.opens_after = opens_on, opens_after
    section.is_in_turn = is_in_turn
    section.save(update_fields=["opens_on", "opens_after", "is_in_turn"])


@transaction.atomic
def unlock(*, enrolment: Enrolment, by: User, reason: str) -> bool:
    """Open every section to one learner; harmless to repeat. Whether any was shut."""
    enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if enrolment.unlocked_at:
        return False
    enrolment.unlocked_at, enrolment.unlocked_by = timezone.now(), by
    enrolment.save(update_fields=["unlocked_at", "unlocked_by"])
    audit.record(act="unlocked a course", actor=by, target=enrolment, reason=reason)
    return True
