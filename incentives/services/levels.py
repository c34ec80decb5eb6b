"""Which level a member has: it follows from what was counted, and from nothing else.

Up at once; down only after the member was told how long it stays and what is missing.
Each real change is told once.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Activity, Notification, User
from accounts.services.levels import set_level
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from incentives.models import Ladder, Level, LevelChange, Standing
from incentives.models.levels import POINTS
from incentives.services.measures import values_of

STAYS = dt.timedelta(days=30)
ADDRESS = "/points/levels/"


def ladder_at(at: dt.datetime) -> Ladder | None:
    ladders = Ladder.objects.filter(since__lte=at, levels__isnull=False).distinct()
    return ladders.prefetch_related("levels").order_by("-since").first()


def reached(levels: Sequence[Level], value: int) -> int:
    """The number of the highest level whose threshold is not above it."""
    return max((it.number for it in levels if it.threshold <= value), default=0)


def settle(now: dt.datetime | None = None) -> dict[str, int]:
    """Look at everybody whose level is not what was counted; how many moved."""
    now = now or timezone.now()
    ladder = ladder_at(now)
    if ladder is None:
        return {"levels changed": 0}
    values = values_of(ladder, now)
    moved = sum(look_at(pk, ladder, now) for pk in _to_look_at(ladder, values))
    return {"levels changed": moved}


def _to_look_at(ladder: Ladder, values: dict[int, int]) -> list[int]:
    levels = list(ladder.levels.all())
    known = {it.member_id: it for it in Standing.objects.iterator()}
    return sorted(
        pk
        for pk in {*values, *known}
        if not _is_settled(known.get(pk), values.get(pk, 0), levels)
    )


def _is_settled(standing: Standing | None, value: int, levels: list[Level]) -> bool:
    return (
        standing is not None
        and standing.value == value
        and standing.level == reached(levels, value)
        and standing.stays_until is None
    )


def look_after(activity: Activity) -> bool:
    """After a deed that may have been paid, or taken something back, where points
    count; whether its member's level has changed."""
    now = timezone.now()
    ladder = ladder_at(now)
    if ladder is None or ladder.measure != POINTS:
        return False
    return look_at(activity.member_id, ladder, now)


@transaction.atomic
def look_at(pk: int, ladder: Ladder, now: dt.datetime) -> bool:
    hold_members(pk)
    member = User.objects.get(pk=pk)
    if member.erased_at:
        return False
    standing, _is_new = Standing.objects.get_or_create(member=member)
    standing.value = values_of(ladder, now, [pk]).get(pk, 0)
    due = reached(list(ladder.levels.all()), standing.value)
    if due > standing.level:
        return _move(standing, due, ladder, now)
    if due == standing.level:
        standing.stays_until = None
    elif standing.stays_until is None:
        _tell_it_stays(standing, now)
    elif standing.stays_until <= now:
        return _move(standing, due, ladder, now)
    standing.save()
    return False


def _move(standing: Standing, number: int, ladder: Ladder, now: dt.datetime) -> bool:
    was, standing.level = standing.level, number
    standing.stays_until = None
    standing.save()
    change = LevelChange.objects.create(
        member=standing.member,
        ladder=ladder,
        was=was,
        became=number,
        value=standing.value,
        at=now,
    )
    set_level(standing.member, number)
    kind = Notification.Kind
    tell(
        [standing.member_id],
        kind=kind.LEVEL_REACHED if number > was else kind.LEVEL_CHANGED,
        key=f"level:{change.pk}",
        target=change,
    )
    return True


def _tell_it_stays(standing: Standing, now: dt.datetime) -> None:
    standing.stays_until = now + STAYS
    tell(
        [standing.member_id],
        kind=Notification.Kind.LEVEL_STAYS,
        key=f"level stays:{standing.stays_until:%Y-%m-%d}",
        target=standing,
    )


@dataclass(frozen=True)
class Rung:
    """A level as a member sees it on their way."""

    number: int
    title: str
    threshold: int
    benefits: list[str]
    is_reached: bool


@dataclass(frozen=True)
class Progress:
    """Where a member stands. `missing` leads to `next`; both None at the top."""

    measure: str
    days: int | None
    value: int
    level: int
    title: str
    stays_until: dt.datetime | None
    short: int
    rungs: list[Rung]
    next: Rung | None
    missing: int
    percent: int


def progress_of(member: User, *, language: str) -> Progress | None:
    """None where the community has no levels."""
    ladder = ladder_at(timezone.now())
    if ladder is None:
        return None
    standing = Standing.objects.filter(member=member).first() or Standing()
    levels = list(ladder.levels.all())
    rungs = [_rung(level, standing.level, language) for level in levels]
    coming = next((it for it in rungs if it.number > standing.level), None)
    held = next((it for it in rungs if it.number == standing.level), None)
    return Progress(
        measure=ladder.get_measure_display(),
        days=ladder.days,
        value=standing.value,
        level=standing.level,
        title=held.title if held else _("Newcomer"),
        stays_until=standing.stays_until,
        short=max(held.threshold - standing.value, 0) if held else 0,
        rungs=rungs,
        next=coming,
        missing=max(coming.threshold - standing.value, 0) if coming else 0,
        percent=_percent(standing.value, held, coming),
    )


def _rung(level: Level, reached_number: int, language: str) -> Rung:
    return Rung(
        number=level.number,
        title=level.title_in(language),
        threshold=level.threshold,
        benefits=level.benefits_in(language),
        is_reached=level.number <= reached_number,
    )


def _percent(value: int, held: Rung | None, coming: Rung | None) -> int:
    if coming is None:
        return 100
    start = held.threshold if held else 0
    return max(0, min(99, 100 * (value - start) // (coming.threshold - start)))


def title_of(member: User, *, language: str) -> str:
    """What others read beside the name; "" for who has none yet."""
    if not member.level:
        return ""
    ladder = ladder_at(timezone.now())
    return _named(ladder, member.level, language) if ladder else ""


def _named(ladder: Ladder, number: int, language: str) -> str:
    levels = ladder.levels.all()
    return next((it.title_in(language) for it in levels if it.number == number), "")


def shown_changes(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For the news: (what the level is called, where one reads more)."""
    language = get_language() or ""
    changes = LevelChange.objects.filter(member=member, pk__in=numbers)
    changes = changes.select_related("ladder").prefetch_related("ladder__levels")
    return {
        it.pk: (_named(it.ladder, it.became, language) or _("Newcomer"), ADDRESS)
        for it in changes
    }


def shown_standings(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For the news that a level stays for some time yet; afterwards it says nothing."""
    standings = Standing.objects.filter(member=member, pk__in=numbers)
    return {
        it.pk: (date_format(it.stays_until, "DATE_FORMAT"), ADDRESS)
        for it in standings
        if it.stays_until
    }
