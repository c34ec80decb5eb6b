"""What follows from what the two do: pure rules, shown to both before anything is paid.

`TABLE` is what the pages show and what `part_back` reads; there is no second version.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

WHOLE, HALF, NOTHING = 100, 50, 0  # per cent

FREE_UNTIL = dt.timedelta(hours=24)  # before the beginning
TO_PAY = dt.timedelta(minutes=30)
TO_CONFIRM = dt.timedelta(hours=48)
CONFIRM_BEFORE = dt.timedelta(hours=2)  # before the beginning, at the latest
DAYS_TO_ANSWER = 3  # when one has said how it was
DAYS_OF_SILENCE = 7  # when neither says anything
REMINDERS = (dt.timedelta(days=1), dt.timedelta(hours=1))
CONFIRM_REMINDER = dt.timedelta(hours=8)  # before the time to confirm is over


class Who(StrEnum):
    ASKER = "asker"
    EXPERT = "expert"


class Outcome(StrEnum):
    """What is known once both have spoken, or nobody did for long."""

    DONE = "done"
    ASKER_MISSED = "asker missed"
    EXPERT_MISSED = "expert missed"
    DISPUTED = "disputed"


@dataclass(frozen=True)
class Rule:
    """Who ends it, how long before the beginning at least, and what goes back."""

    who: Who
    ahead: dt.timedelta
    back: int
    words: object

    @property
    def rest(self) -> int:
        return WHOLE - self.back


TABLE = (
    Rule(
        Who.ASKER,
        FREE_UNTIL,
        WHOLE,
        _("Who booked cancels, a day or more before the beginning"),
    ),
    Rule(
        Who.ASKER,
        dt.timedelta(0),
        HALF,
        _("Who booked cancels later, before the beginning"),
    ),
    Rule(
        Who.EXPERT,
        dt.timedelta(0),
        WHOLE,
        _("The expert cancels, any time before the beginning"),
    ),
)


@dataclass(frozen=True)
class Otherwise:
    """What else may happen, for the same table."""

    words: object
    back: int

    @property
    def rest(self) -> int:
        return WHOLE - self.back


OTHERWISE = (
    Otherwise(_("Who booked takes it back before it is confirmed"), WHOLE),
    Otherwise(_("The expert does not confirm in time, or says no"), WHOLE),
    Otherwise(_("The expert does not come"), WHOLE),
    Otherwise(_("Who booked does not come"), NOTHING),
    Otherwise(pgettext_lazy("an appointment", "It takes place"), NOTHING),
)


def part_back(who: Who, at: dt.datetime, starts_at: dt.datetime) -> int | None:
    """In per cent, when `who` cancels at this time; None: too late to cancel."""
    ahead = starts_at - at
    if ahead <= dt.timedelta(0):
        return None
    return next(rule.back for rule in TABLE if rule.who == who and ahead >= rule.ahead)


def confirm_by(asked_at: dt.datetime, starts_at: dt.datetime) -> dt.datetime:
    return min(asked_at + TO_CONFIRM, starts_at - CONFIRM_BEFORE)


def remind_to_confirm(asked_at: dt.datetime, due_at: dt.datetime) -> dt.datetime:
    """Some hours before it is too late, but not in the first half of the time."""
    return max(due_at - CONFIRM_REMINDER, asked_at + (due_at - asked_at) / 2)


def next_reminder(starts_at: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    times = (starts_at - ahead for ahead in REMINDERS)
    return min((at for at in times if at > now), default=None)


@dataclass(frozen=True)
class Record:
    """What one of the two says of it, and whether they went to the meeting."""

    says: str = ""  # as in models.appointments.Said
    came: bool = False


def outcome(
    *,
    asker: Record,
    expert: Record,
    ends_at: dt.datetime,
    said_at: dt.datetime | None,
    now: dt.datetime,
) -> Outcome | None:
    """None: there is time yet. What both say counts at once, and what one says against
    themselves; what one says of the other, when that one was silent for some days;
    nobody is found absent against the records."""
    says = {record.says for record in (asker, expert)} - {""}
    if "away" in says and "held" not in says:
        is_experts = expert.says == "away"
        return Outcome.EXPERT_MISSED if is_experts else Outcome.ASKER_MISSED
    if not says:
        over = ends_at + dt.timedelta(days=DAYS_OF_SILENCE) <= now
        return Outcome.DONE if over else None
    if asker.says and expert.says:
        return Outcome.DONE if says == {"held"} else Outcome.DISPUTED
    if said_at is None or now < _answered_by(said_at, ends_at):
        return None
    if says == {"held"}:
        return Outcome.DONE
    return _absent(asker, expert)


def _answered_by(said_at: dt.datetime, ends_at: dt.datetime) -> dt.datetime:
    return max(said_at, ends_at) + dt.timedelta(days=DAYS_TO_ANSWER)


def _absent(asker: Record, expert: Record) -> Outcome:
    """One says that the other was not there, and the other says nothing."""
    accused = expert if asker.says else asker
    if accused.came:
        return Outcome.DISPUTED
    return Outcome.EXPERT_MISSED if asker.says else Outcome.ASKER_MISSED


# What goes back with each outcome that needs no person to decide.
BACK = {
    Outcome.DONE: NOTHING,
    Outcome.ASKER_MISSED: NOTHING,
    Outcome.EXPERT_MISSED: WHOLE,
}
