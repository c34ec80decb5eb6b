"""What becomes of points that look made: they wait, somebody looks, one may appeal.

While one is open, its member's points wait and nothing is taken. The member's row is
the lock of all of it: awarding holds it, too.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Notification, User, Verb
from accounts.services import audit
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from incentives.errors import NotYet, SecondPersonNeeded
from incentives.models import Award, Reversal, Suspicion
from incentives.models.suspicions import APPEALED_WITHIN
from incentives.numerics.gaming import Finding
from incentives.services import awarding, points

State, Kind = Suspicion.State, Suspicion.Kind
MOST_PAIRS = 100  # in words


def looked_at() -> set[int]:
    """The awards about which somebody has decided."""
    rows = Suspicion.objects.settled().values_list("numbers__awards", flat=True)
    return {award for awards in rows for award in awards}


@transaction.atomic
def suspect(finding: Finding, *, at: dt.datetime | None = None) -> bool:
    """Have this member's points wait; whether that is new. What is open already comes
    to name what was found since."""
    hold_members(finding.member)
    member = User.objects.get(pk=finding.member)
    if member.erased_at:
        return False
    numbers = {
        **finding.numbers,
        "awards": sorted(finding.awards),
        "points": finding.points,
        "score": round(finding.score, 3),
    }
    suspicion, is_new = Suspicion.objects.get_or_create(
        member=member,
        kind=finding.kind,
        state=State.OPEN,
        defaults={"numbers": numbers, "found_at": at or timezone.now()},
    )
    if not is_new:
        _widen(suspicion, numbers)
        return False
    _tell(suspicion, Notification.Kind.POINTS_WAIT, "waits")
    return True


def _widen(suspicion: Suspicion, numbers: dict) -> None:
    """What was named stays named, though it may have left the days looked at."""
    awards = {*suspicion.awards, *numbers["awards"]}
    if awards == {*suspicion.awards}:
        return
    total = Award.objects.filter(pk__in=awards).aggregate(all=Sum("points"))["all"]
    suspicion.numbers = {**numbers, "awards": sorted(awards), "points": total}
    suspicion.save(update_fields=["numbers"])


@transaction.atomic
def state(*, suspicion: Suspicion, words: str) -> None:
    """The member's word, for who looks at it; a later one takes its place.

    Raises NotYet when it is no longer open."""
    suspicion = _hold(suspicion)
    if not suspicion.is_open:
        raise NotYet
    suspicion.statement = words
    suspicion.save(update_fields=["statement"])


@transaction.atomic
def clear(*, suspicion: Suspicion, by: User, answer: str = "") -> None:
    """All is well: what waited goes on. Raises NotYet when that was decided."""
    suspicion = _decide(suspicion, State.CLEARED, by, answer)
    _tell(suspicion, Notification.Kind.POINTS_CHECKED, "decided")
    audit.record(act="cleared a suspicion", actor=by, target=suspicion)


@transaction.atomic
def confirm(*, suspicion: Suspicion, by: User, answer: str) -> None:
    """Take back the awards that it names; all else of the member goes on.

    Raises NotYet when that was decided."""
    suspicion = _decide(suspicion, State.CONFIRMED, by, answer)
    now = timezone.now()
    named = Award.objects.filter(pk__in=suspicion.awards, undone_at=None)
    for award in named.filter(member=suspicion.member_id).order_by("pk"):
        awarding.undo(award, at=now, by=Award.GAMED)
    _tell(suspicion, Notification.Kind.POINTS_CHECKED, "decided")
    audit.record(
        act="confirmed a suspicion",
        actor=by,
        target=suspicion,
        points=suspicion.points,
    )


def _decide(suspicion: Suspicion, state: str, by: User, answer: str) -> Suspicion:
    suspicion = _hold(suspicion)
    if not suspicion.is_open:
        raise NotYet
    if by.pk == suspicion.member_id:
        raise SecondPersonNeeded
    suspicion.state, suspicion.answer = state, answer
    suspicion.decided_by, suspicion.decided_at = by, timezone.now()
    suspicion.save()
    return suspicion


@transaction.atomic
def appeal(*, suspicion: Suspicion, words: str) -> None:
    """The member asks for another's eyes, once. Raises NotYet when it is no time."""
    suspicion = _hold(suspicion)
    if not suspicion.may_be_appealed:
        raise NotYet
    suspicion.state, suspicion.appeal = State.APPEALED, words
    suspicion.appealed_at = timezone.now()
    suspicion.save()


@transaction.atomic
def grant_appeal(*, suspicion: Suspicion, by: User, answer: str) -> None:
    """What was taken comes back, at once, to be used as long as it was to be."""
    suspicion = _decide_appeal(suspicion, State.CLEARED, by, answer)
    for award, reversal in _taken(suspicion):
        points.grant(
            member=suspicion.member,
            points=reversal.taken,
            key=f"suspicion:{suspicion.pk}:back:{award}",
            cause="given back",
            source=suspicion,
            expires_at=points.usable_again_until(reversal.grant),
        )
    _tell(suspicion, Notification.Kind.APPEAL_DECIDED, "appeal")
    audit.record(act="granted an appeal about points", actor=by, target=suspicion)


@transaction.atomic
def refuse_appeal(*, suspicion: Suspicion, by: User, answer: str) -> None:
    suspicion = _decide_appeal(suspicion, State.CONFIRMED, by, answer)
    _tell(suspicion, Notification.Kind.APPEAL_DECIDED, "appeal")
    audit.record(act="refused an appeal about points", actor=by, target=suspicion)


def _decide_appeal(
    suspicion: Suspicion, state: str, by: User, answer: str
) -> Suspicion:
    """Raises NotYet, and SecondPersonNeeded for who decided first or is its member."""
    suspicion = _hold(suspicion)
    if suspicion.state != State.APPEALED:
        raise NotYet
    if by.pk in (suspicion.decided_by_id, suspicion.member_id):
        raise SecondPersonNeeded
    suspicion.state, suspicion.appeal_answer = state, answer
    suspicion.appeal_decided_by, suspicion.appeal_decided_at = by, timezone.now()
    suspicion.save()
    return suspicion


def _taken(suspicion: Suspicion) -> list[tuple[int, Reversal]]:
    """(award, reversal) of what was truly taken; what was used already never was."""
    mine = Award.objects.filter(
        pk__in=suspicion.awards, member=suspicion.member_id, fell_by=Award.GAMED
    )
    keys = {f"undo:{pk}": pk for pk in mine.values_list("pk", flat=True)}
    undone = Reversal.objects.filter(key__in=keys, taken__gt=0).order_by("pk")
    return [(keys[it.key], it) for it in undone.select_related("grant")]


def _hold(suspicion: Suspicion) -> Suspicion:
    hold_members(suspicion.member_id)
    return Suspicion.objects.select_related("member").get(pk=suspicion.pk)


def _tell(suspicion: Suspicion, kind: Notification.Kind, what: str) -> None:
    tell(
        [suspicion.member_id],
        kind=kind,
        key=f"suspicion:{suspicion.pk}:{what}",
        target=suspicion,
    )


# Shown ------------------------------------------------------------------------------


def current(member: User, now: dt.datetime | None = None) -> QuerySet[Suspicion]:
    """What a member should know of: all that waits, and what was decided of late."""
    since = (now or timezone.now()) - APPEALED_WITHIN
    pending = Q(state__in=[State.OPEN, State.APPEALED])
    of_late = Q(decided_at__gte=since) | Q(appeal_decided_at__gte=since)
    return Suspicion.objects.for_member(member).filter(pending | of_late)


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (what it is about, address)} of this member's own."""
    found = Suspicion.objects.for_member(member).filter(pk__in=numbers)
    return {it.pk: (why_of(it), it.get_absolute_url()) for it in found}


def why_of(suspicion: Suspicion) -> str:
    """One sentence for the member: what was seen, not what it would mean."""
    numbers = suspicion.numbers
    if suspicion.kind == Kind.RING:
        return _("Few members gave each other most of their points.")
    if suspicion.kind == Kind.FARM:
        return _("Most of these points come by accounts that were quite new.")
    if suspicion.kind == Kind.REFERRALS:
        return _("Most members you brought have hardly been here.")
    return ngettext(
        "%(n)s deed of one kind was done within ten minutes.",
        "%(n)s deeds of one kind were done within ten minutes.",
        numbers["most"],
    ) % {"n": numbers["most"]}


def evidence(suspicion: Suspicion) -> list[str]:
    """In words, for who looks at it: who gave to whom how often, or what how fast."""
    numbers = suspicion.numbers
    if suspicion.kind == Kind.PACE:
        words = _("%(deed)s: %(most)s within ten minutes; at most %(possible)s can be.")
        return [words % {**numbers, "deed": Verb(numbers["verb"]).label}]
    share = round(100 * numbers["share"])
    lines = [_("%(share)s %% of the points come from there.") % {"share": share}]
    if "usual" in numbers:
        usual = round(100 * numbers["usual"])
        lines.append(_("With others it is %(usual)s %%.") % {"usual": usual})
    return lines + _pairs_in_words(numbers["pairs"])


def _pairs_in_words(pairs: Sequence[Sequence[int]]) -> list[str]:
    shown = sorted(pairs, key=lambda it: -it[2])[:MOST_PAIRS]
    members = User.objects.in_bulk({pk for pair in shown for pk in pair[:2]})
    words = _("%(giver)s to %(receiver)s: %(n)s times")
    return [
        words % {"giver": members[giver], "receiver": members[receiver], "n": times}
        for giver, receiver, times in shown
        if giver in members and receiver in members
    ]
