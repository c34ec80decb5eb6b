"""The log read again from some day on, and what differs from what was granted.

For after a fix, or when deeds arrived late: each deed by the rule in force when it was
done, in the order in which it was done. Applied once, a replay finds nothing more.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Activity, User
from accounts.services import audit
from accounts.services.members import hold_members
from incentives.models import Award, PointRule
from incentives.numerics.awarding import STANDING, Decision, Fall, Grant, Key, decide
from incentives.services import points
from incentives.services.awarding import (
    DAY,
    Book,
    deeds_in,
    load_state,
    open_book,
    seen_in,
    settle,
)

MOST_DAYS = 180


@dataclass(frozen=True)
class Difference:
    """A deed that comes to something else now: `was` and `is_now` in points, as far
    as they stand. `award` is its row, `grant` what it should be."""

    member: int
    at: dt.datetime
    rule: PointRule
    was: int
    is_now: int
    award: Award | None
    grant: Grant | None

    @property
    def change(self) -> int:
        return self.is_now - self.was


def differences(*, days: int, now: dt.datetime | None = None) -> list[Difference]:
    """In the order of the deeds; nothing is changed."""
    now = now or timezone.now()
    return _compare(open_book(), now - min(days, MOST_DAYS) * DAY, now, Q())


def _compare(
    book: Book, since: dt.datetime, now: dt.datetime, members: Q
) -> list[Difference]:
    deeds = Activity.objects.filter(members, at__gte=since, at__lt=now)
    deeds = deeds.filter(verb__in=book.rules.verbs)
    state = load_state(seen_in(deeds, since), book, before=since)
    results = _results(decide(deeds_in(deeds), book.rules, state), _erased())
    awards = Award.objects.filter(members, awarded_at__gte=since, awarded_at__lt=now)
    awards = awards.exclude(fell_by=Award.CORRECTED).filter(member__erased_at=None)
    known = {(it.family, it.activity_id): it for it in awards}
    found = []
    for deed in {**known, **results}:
        grant, stands = results.get(deed, (None, False))
        found.append(_difference(book, known.get(deed), grant, stands))
    return sorted(filter(None, found), key=lambda it: (it.at, it.rule.pk))


Results = dict[tuple[Any, int], tuple[Grant, bool]]


def _erased() -> set[int]:
    gone = User.objects.exclude(erased_at=None)
    return set(gone.values_list("pk", flat=True))


def _results(decisions: Iterable[Decision], without: set[int]) -> Results:
    """By rule and deed: what was given, and whether it stands at the end."""
    found: Results = {}
    latest: dict[Key, tuple[Any, int]] = {}
    for it in decisions:
        if isinstance(it, Fall):
            if deed := latest.pop(it.key, None):
                found[deed] = (found[deed][0], False)
            continue
        if it.deed.member in without:
            continue
        deed = (it.terms.family, it.deed.pk)
        found[deed] = (it, True)
        if it.outcome in STANDING:
            latest[it.key] = deed
    return found


def _difference(
    book: Book, award: Award | None, grant: Grant | None, stands: bool
) -> Difference | None:
    if award and award.fell_by == Award.GAMED:
        return None
    was = award.points if award and award.undone_at is None else 0
    is_now = grant.points if grant and stands else 0
    is_missing = award is None and stands
    if was == is_now and not is_missing:
        return None
    if award:
        member, at, rule = award.member_id, award.awarded_at, award.rule_id
    elif grant:
        member, at, rule = grant.deed.member, grant.deed.at, grant.terms.pk
    return Difference(
        member, at, book.rows[rule], was, is_now, award, grant if stands else None
    )


def replay(*, days: int, by: User | None, now: dt.datetime | None = None) -> int:
    """Make the differences good, member by member; how many deeds that were."""
    now = now or timezone.now()
    since = now - min(days, MOST_DAYS) * DAY
    book = open_book()
    found = _compare(book, since, now, Q())
    members = sorted({it.member for it in found})
    changed = sum(_replay_member(book, since, now, pk) for pk in members)
    if changed:
        audit.record(act="replayed the point rules", actor=by, days=days, deeds=changed)
    return changed


@transaction.atomic
def _replay_member(book: Book, since: dt.datetime, now: dt.datetime, pk: int) -> int:
    hold_members(pk)
    found = _compare(book, since, now, Q(member=pk))
    for it in found:
        _put_right(it, book, now)
    return len(found)


def _put_right(it: Difference, book: Book, now: dt.datetime) -> None:
    """The new is given before the old is taken, so that what was spent is no gift."""
    if it.award:
        it.award.undone_at = it.award.undone_at or now
        it.award.fell_by = Award.CORRECTED
        it.award.save(update_fields=["undone_at", "fell_by"])
    if it.grant:
        settle(it.grant, book)
    if it.award and it.was:
        points.take_back(key=f"undo:{it.award.pk}", of=f"award:{it.award.pk}", at=now)
