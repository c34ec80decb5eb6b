"""From the activity log to points: the bell pays promptly, the sweep certainly.

Both decide by `incentives.numerics.awarding.decide` and settle each deed once for each
rule, so they may overlap and repeat.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Activity, RoleGrant, User
from accounts.services.members import hold_members
from community.lib.dates import later, site_day, site_zone
from incentives.models import Award, PointRule
from incentives.models.points import LONGEST_STREAK
from incentives.numerics.awarding import (
    NO_BUDGET,
    STANDING,
    Day,
    Decision,
    Deed,
    Fall,
    Grant,
    OpenSpan,
    Rules,
    Stand,
    State,
    Tally,
    Terms,
    decide,
    rules_of,
)
from incentives.rules import REMOVALS, RETURNS
from incentives.services import holdouts, points

SWEEP_DAYS = 2
AT_ONCE = 5_000  # grants written in one transaction
DAY = dt.timedelta(days=1)


# The rules and the deeds ------------------------------------------------------------


def terms_of(rule: PointRule, **changes: Any) -> Terms:
    values: dict[str, Any] = {
        "pk": rule.pk,
        "family": rule.family,
        "verb": rule.verb,
        "points": rule.points,
        "since": rule.since,
        "until": rule.until,
        "falls": frozenset([rule.undone_by] if rule.undone_by else []),
        "space": rule.space_id,
        "kind": rule.kind,
        "detail": rule.detail,
        "detail_from": rule.detail_from,
        "detail_to": rule.detail_to,
        "role": rule.role,
        "turn": rule.turn,
        "turn_number": rule.turn_number,
        "once_a_thing": rule.once_a_thing,
        "per": rule.per,
        "most": rule.most,
        "further_percent": rule.further_percent,
        "further_in_week": rule.further_in == PointRule.Window.WEEK,
        "cap_day": rule.cap_day,
        "cap_week": rule.cap_week,
        "cap_all": rule.cap_all,
        "rest": dt.timedelta(minutes=rule.rest_minutes),
    }
    return Terms(**{**values, **changes})


@dataclass(frozen=True)
class Book:
    """All rules that ever paid, as rows and as terms."""

    rows: dict[int, PointRule]
    rules: Rules

    def matures_at(self, rule: int, since: dt.datetime) -> dt.datetime | None:
        days = self.rows[rule].wait_days
        return since + days * DAY if days else None

    def expires_at(self, rule: int, since: dt.datetime) -> dt.datetime | None:
        months = self.rows[rule].valid_months
        return later(since, relativedelta(months=months)) if months else None


def book_of(rows: Iterable[PointRule], terms: Iterable[Terms] | None = None) -> Book:
    by_pk = {rule.pk: rule for rule in rows}
    if terms is None:
        terms = [terms_of(rule) for rule in by_pk.values()]
    return Book(by_pk, rules_of(terms, REMOVALS, RETURNS))


def open_book() -> Book:
    return book_of(PointRule.objects.exclude(since=None).select_related("budget"))


COLUMNS = (
    *("id", "at", "member_id", "verb", "space_id", "object_kind", "object_id"),
    *("count", "data"),
)


def deeds_in(activities: QuerySet[Activity]) -> Iterator[Deed]:
    """In the order of the log."""
    zone = site_zone()
    rows = activities.order_by("at", "id").values_list(*COLUMNS)
    for pk, at, member, verb, space, kind, number, count, data in rows.iterator():
        day = at.astimezone(zone).toordinal()
        yield Deed(pk, at, day, member, verb, space, kind, number or 0, count, data)


def deed_of(activity: Activity) -> Deed:
    return Deed(
        pk=activity.pk,
        at=activity.at,
        day=site_day(activity.at).toordinal(),
        member=activity.member_id,
        verb=activity.verb,
        space=activity.space_id,
        kind=activity.object_kind,
        number=activity.object_id or 0,
        times=activity.count,
        data=activity.data,
    )


# What was granted before ------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """Which awards matter for some deeds: of these members, on these things."""

    members: Q
    things: list[Q]
    deeds: Q
    roles: Q
    first: dt.datetime


def seen_by(activity: Activity) -> Seen:
    member = Q(member=activity.member_id)
    thing = Q(object_kind=activity.object_kind, object_id=activity.object_id or 0)
    return Seen(
        members=member,
        things=[member & thing],
        deeds=Q(activity_id=activity.pk),
        roles=member,
        first=activity.at,
    )


def seen_in(activities: QuerySet[Activity], first: dt.datetime) -> Seen:
    members = Q(member__in=activities.values("member_id"))
    same = activities.filter(
        member=OuterRef("member"),
        object_kind=OuterRef("object_kind"),
        object_id=OuterRef("object_id"),
    )
    return Seen(
        members=members,
        things=[Q(Exists(same)), members & Q(object_id=0)],
        deeds=Q(activity_id__in=activities.values("id")),
        roles=members,
        first=first,
    )


def load_state(seen: Seen, book: Book, *, before: dt.datetime | None = None) -> State:
    """As it is now; with `before`, as it was at that moment."""
    awards = Award.objects.exclude(fell_by=Award.CORRECTED)
    stood = Q(undone_at=None)
    if before:
        awards = awards.filter(awarded_at__lt=before)
        stood |= Q(undone_at__gte=before)
    awards = awards.filter(outcome__in=STANDING)
    standing = awards.filter(stood)
    state = State(
        tallies=_tallies(awards.filter(seen.members), standing, seen),
        roles=_roles(book, seen),
    )
    fallen = awards.exclude(stood).order_by("awarded_at", "pk")
    for things in seen.things:
        for thing, place, stand, _fell in _stands(standing.filter(things)):
            state.standing.setdefault(thing, {})[place] = stand
        for thing, place, stand, (by, ended) in _stands(fallen.filter(things)):
            state.stood.setdefault(thing, []).append((place, (stand.at, ended)))
            of_thing = state.fallen.setdefault(thing, {})
            of_thing.pop(place, None)
            if by in REMOVALS:
                of_thing[place] = (stand, ended)
    names = Award.objects.exclude(fell_by=Award.CORRECTED).filter(seen.deeds)
    settled = names.values_list("family", "activity_id")
    if before:
        unpaid = [NO_BUDGET, Award.Outcome.HELD_OUT]
        state.refused = set(settled.filter(outcome__in=unpaid))
    else:
        state.settled = set(settled)
    return state


def _tallies(
    awards: QuerySet[Award], standing: QuerySet[Award], seen: Seen
) -> dict[tuple[Any, int], Tally]:
    found: dict[tuple[Any, int], Tally] = {}
    mine = standing.filter(seen.members).order_by()
    totals = mine.values_list("family", "member").annotate(Count("pk"), Sum("points"))
    for family, member, counted, total in totals:
        found[family, member] = Tally(counted, total)
    paid = awards.filter(points__gt=0).order_by().values_list("family", "member")
    for family, member, last in paid.annotate(Max("counts_from")):
        found.setdefault((family, member), Tally()).last_paid = last
    recent = mine.filter(counts_from__gte=seen.first - (LONGEST_STREAK + 1) * DAY)
    days = recent.annotate(on=TruncDate("counts_from", tzinfo=site_zone()))
    by_day = days.values_list("family", "member", "on").annotate(
        Count("pk"), Sum("points"), times=Count("pk", filter=Q(points__gt=0))
    )
    for family, member, on, counted, total, times in by_day:
        found[family, member].days[on.toordinal()] = Day(counted, times, total)
    return found


def _stands(awards: QuerySet[Award]) -> Iterator[tuple[Any, Any, Stand, Any]]:
    """(thing, (rule, occasion), what stands or stood, (by what it fell, when))."""
    zone = site_zone()
    columns = (
        *("member_id", "object_kind", "object_id", "family", "occasion"),
        *("points", "awarded_at", "counts_from", "rule_id", "fell_by", "undone_at"),
    )
    for row in awards.values_list(*columns).iterator():
        member, kind, number, family, occasion, worth, at, since, rule, *fell = row
        day = since.astimezone(zone).toordinal()
        stand = Stand(worth, at, since, day, rule)
        yield (member, kind, number), (family, occasion), stand, fell


def _roles(book: Book, seen: Seen) -> dict[tuple[int, str], list[OpenSpan]]:
    asked = {rule.role for rule in book.rows.values() if rule.role}
    if not asked:
        return {}
    found: dict[tuple[int, str], list[OpenSpan]] = {}
    grants = RoleGrant.objects.filter(seen.roles, role__in=asked)
    for member, role, begun, ends, revoked in grants.values_list(
        "member_id", "role", "granted_at", "ends_at", "revoked_at"
    ):
        ended = min(filter(None, [ends, revoked]), default=None)
        found.setdefault((member, role), []).append((begun, ended))
    return found


# One deed ---------------------------------------------------------------------------


@transaction.atomic
def award_for(activity: Activity, book: Book | None = None) -> list[Award]:
    """Settle one deed: pay it by the rules in force when it was done, and take back
    whose cause it undoes. The payments made.

    Nothing happens for a deed that no rule names, that was settled before, or that a
    member did to themselves.
    """
    book = book or open_book()
    if activity.verb not in book.rules.verbs:
        return []
    hold_members(activity.member_id)
    if User.objects.filter(pk=activity.member_id).exclude(erased_at=None).exists():
        return []
    state = load_state(seen_by(activity), book)
    paid = []
    for decision in decide([deed_of(activity)], book.rules, state):
        if isinstance(decision, Fall):
            _take_back(decision)
        else:
            award = settle(decision, book)
            paid += [award] if award.points else []
    return paid


def settle(grant: Grant, book: Book) -> Award:
    """Write down what a deed came to, and pay it. Its member is held."""
    (grant,) = _less_the_held_out([grant])
    try:
        with transaction.atomic():
            award = _award_of(grant)
            award.save()
            _pay([(award.pk, grant)], book)
    except _Refused:
        award = _award_of(grant._replace(points=0, outcome=NO_BUDGET))
        award.save()
    return award


def _less_the_held_out(grants: list[Grant]) -> list[Grant]:
    """They come to nothing for who is held out by chance. Asked of what would be paid
    only: whoever is asked about is drawn."""
    deeds = {
        index: holdouts.Deed(it.terms.family, it.deed.member, it.deed.at)
        for index, it in enumerate(grants)
        if it.points
    }
    out = holdouts.refused(list(deeds.values()))
    return [
        it._replace(points=0, outcome=Award.Outcome.HELD_OUT)
        if deeds.get(index) in out
        else it
        for index, it in enumerate(grants)
    ]


class _Refused(Exception):
    """A budget does not hold what was to be paid."""


def _award_of(grant: Grant) -> Award:
    return Award(**dict(zip(WRITTEN, _values(grant), strict=True)))


WRITTEN = (
    *("rule_id", "family", "member_id", "activity_id", "object_kind", "object_id"),
    *("space_id", "occasion", "points", "outcome", "awarded_at", "counts_from"),
)


def _values(grant: Grant) -> tuple[Any, ...]:
    terms, deed = grant.terms, grant.deed
    return (
        *(terms.pk, terms.family, deed.member, deed.pk, deed.kind, deed.number),
        *(deed.space, grant.occasion, grant.points, grant.outcome),
        *(deed.at, grant.since),
    )


def _pay(grants: Iterable[tuple[int, Grant]], book: Book) -> None:
    rows = [_row(pk, grant, book) for pk, grant in grants if grant.points]
    if points.grant_many(rows):
        raise _Refused


def _row(award: int, grant: Grant, book: Book) -> points.Row:
    rule = grant.terms.pk
    return points.Row(
        member_id=grant.deed.member,
        points=grant.points,
        key=f"award:{award}",
        cause="earned",
        object_kind=Award.activity_kind,
        object_id=award,
        at=grant.deed.at,
        matures_at=book.matures_at(rule, grant.since),
        expires_at=book.expires_at(rule, grant.since),
        budget=book.rows[rule].budget,
    )


def _take_back(fall: Fall) -> None:
    member, kind, number, family, occasion = fall.key
    award = Award.objects.get(
        member=member,
        object_kind=kind,
        object_id=number,
        family=family,
        occasion=occasion,
        undone_at=None,
        outcome__in=STANDING,
    )
    undo(award, at=fall.deed.at, by=fall.deed.verb)


def undo(award: Award, *, at: dt.datetime, by: str) -> None:
    """Its cause fell: the points go back, as far as they are still there. Its member
    is held."""
    award.undone_at, award.fell_by = at, by
    award.save(update_fields=["undone_at", "fell_by"])
    if award.points:
        points.take_back(key=f"undo:{award.pk}", of=f"award:{award.pk}", at=at)


# Many deeds -------------------------------------------------------------------------


def award_recent(now: dt.datetime | None = None, days: int = SWEEP_DAYS) -> int:
    """Go over the log's last days again; returns how many deeds were paid.

    By time of arrival, not by id: a slow transaction may commit behind a faster one.
    """
    since = (now or timezone.now()) - days * DAY
    return award_all(Activity.objects.filter(ingested_at__gte=since))


def award_all(activities: QuerySet[Activity]) -> int:
    """Settle what is not settled of these deeds; how many were paid.

    Decided at once from what stands now, then written member by member. Where
    something came between, for that member deed by deed.
    """
    book = open_book()
    activities = activities.filter(verb__in=book.rules.verbs)
    first = activities.aggregate(first=Min("at"))["first"]
    if first is None:
        return 0
    seen = seen_in(activities, first)
    known = _versions(seen.members)
    state = load_state(seen, book)
    decisions = list(decide(deeds_in(activities), book.rules, state))
    return _Batch(book, known).write(decisions)


Version = tuple[int, int]


def _versions(members: Q) -> dict[int, Version]:
    """How many awards each has, and how many were undone: unchanged while nothing
    happened to them."""
    counted = Award.objects.filter(members).order_by().values_list("member")
    return {
        member: (made, undone)
        for member, made, undone in counted.annotate(Count("pk"), Count("undone_at"))
    }


@dataclass
class _Batch:
    """Decisions on their way into the database."""

    book: Book
    known: dict[int, Version]
    again: list[Deed] = field(default_factory=list)
    paid: int = 0

    def write(self, decisions: list[Decision]) -> int:
        decisions.sort(key=lambda it: it.deed.member)  # stable: each in its order
        chunk: list[Grant] = []
        for _member, group in groupby(decisions, lambda it: it.deed.member):
            of_member = list(group)
            if any(isinstance(it, Fall) for it in of_member):
                self.again += [it.deed for it in of_member]
                continue
            chunk += [it for it in of_member if isinstance(it, Grant)]
            if len(chunk) >= AT_ONCE:
                self._write_chunk(chunk)
                chunk = []
        if chunk:
            self._write_chunk(chunk)
        for deed in self.again:
            self._write_one(deed)
        return self.paid

    def _write_one(self, deed: Deed) -> None:
        activity = Activity.objects.filter(pk=deed.pk, at=deed.at).first()
        self.paid += len(award_for(activity, self.book)) if activity else 0

    def _write_chunk(self, chunk: list[Grant]) -> None:
        try:
            with transaction.atomic():
                fresh, stale = self._hold(chunk)
                fresh = _less_the_held_out(fresh)
                self._insert(fresh)
        except _Refused:  # deed by deed, as far as the budget goes
            stale = chunk
        else:
            self.paid += sum(grant.points > 0 for grant in fresh)
        self.again += [grant.deed for grant in stale]

    def _hold(self, chunk: list[Grant]) -> tuple[list[Grant], list[Grant]]:
        """Those of members to whom nothing came between, and the others."""
        numbers = {grant.deed.member for grant in chunk}
        hold_members(*numbers)
        now = _versions(Q(member__in=numbers))
        erased = set(
            User.objects.filter(pk__in=numbers)
            .exclude(erased_at=None)
            .values_list("pk", flat=True)
        )
        same = {it for it in numbers if now.get(it) == self.known.get(it)} - erased
        fresh = [grant for grant in chunk if grant.deed.member in same]
        stale = [
            grant for grant in chunk if grant.deed.member in numbers - same - erased
        ]
        return fresh, stale

    def _insert(self, grants: list[Grant]) -> None:
        numbered = list(zip(_new_numbers(len(grants)), grants, strict=True))
        _copy((pk, *_values(grant)) for pk, grant in numbered)
        _pay(numbered, self.book)


def _new_numbers(how_many: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('incentives_award', 'id'))"
            " FROM generate_series(1, %s)",
            [how_many],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(rows: Iterable[tuple[Any, ...]]) -> None:
    """Each value in quotes, for an empty text is none that is missing; where no space
    is named, none is meant."""
    lines = io.StringIO()
    csv.writer(lines, quoting=csv.QUOTE_ALL).writerows(rows)
    lines.seek(0)
    columns = ", ".join(("id", *WRITTEN))
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY incentives_award ({columns}) FROM STDIN"
            " (FORMAT csv, FORCE_NULL (space_id))",
            lines,
        )
