"""The ladder: remind, mute, suspend, remove; each step cites a rule and can be
appealed. The lock of all of it is the member's row."""

import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from accounts.errors import AlreadyDecided, NotAllowed, NotNow
from accounts.models import (
    Appeal,
    Entitlement,
    Notification,
    Role,
    Rule,
    Sanction,
    SpaceMember,
    Subscription,
    User,
)
from accounts.services import audit, mails, subscriptions
from accounts.services.notifications import tell

Kind = Sanction.Kind
# Under these a member only reads.
CLOSING = (Kind.SUSPENSION, Kind.REMOVAL)
REMEMBERED = dt.timedelta(days=365)
APPEALED_WITHIN = dt.timedelta(days=30)


class Step(NamedTuple):
    kind: Sanction.Kind
    days: int | None


LADDER = (
    Step(Kind.REMINDER, None),
    Step(Kind.MUTE, 3),
    Step(Kind.SUSPENSION, 14),
    Step(Kind.REMOVAL, None),
)


def next_step(member: User) -> Step:
    """The step above the highest of the last year that still stands."""
    since = timezone.now() - REMEMBERED
    taken = member.sanctions.filter(created_at__gte=since, lifted_at=None)
    kinds = set(taken.values_list("kind", flat=True))
    highest = max(
        (i for i, step in enumerate(LADDER) if step.kind in kinds), default=-1
    )
    return LADDER[min(highest + 1, len(LADDER) - 1)]


@transaction.atomic
def impose(
    *,
    member: User,
    kind: str,
    rule: Rule,
    reason: str,
    by: User,
    days: int | None = None,
) -> Sanction:
    """Impose one step, citing the rule; the member is told, and can appeal.

    Raises NotAllowed for oneself, and for a superuser by anybody else.
    """
    member = _hold(member.pk)
    if member.pk == by.pk or (member.is_superuser and not by.is_superuser):
        raise NotAllowed
    now = timezone.now()
    by_two = kind == Kind.REMOVAL and pays(member)
    sanction = Sanction.objects.create(
        member=member,
        kind=kind,
        rule=rule,
        reason=reason,
        by=by,
        needs_second=by_two,
        created_at=now,
        begins_at=None if by_two else now,
        ends_at=now + dt.timedelta(days=days) if days else None,
    )
    audit.record(
        act=f"sanction: {kind}", actor=by, target=member, reason=reason, rule=rule.pk
    )
    if not by_two:
        _begin(sanction)
    return sanction


@transaction.atomic
def confirm(*, sanction: Sanction, by: User) -> None:
    """The second person agrees, and it begins. Raises NotAllowed for the first, and
    AlreadyDecided where there is nothing to agree to."""
    _hold(sanction.member_id)
    sanction = Sanction.objects.select_related("member", "rule").get(pk=sanction.pk)
    if sanction.begins_at or sanction.lifted_at:
        raise AlreadyDecided
    if by.pk in (sanction.by_id, sanction.member_id):
        raise NotAllowed
    sanction.confirmed_by, sanction.begins_at = by, timezone.now()
    sanction.save(update_fields=["confirmed_by", "begins_at"])
    audit.record(act="confirmed a sanction", actor=by, target=sanction.member)
    _begin(sanction)


@transaction.atomic
def lift(*, sanction: Sanction, by: User) -> None:
    """End it before its time, or let one that waits for a second person be."""
    member = _hold(sanction.member_id)
    standing = Sanction.objects.filter(pk=sanction.pk, lifted_at=None)
    if standing.update(lifted_at=timezone.now(), lifted_by=by):
        audit.record(act="lifted a sanction", actor=by, target=member)
        _bring_up_to_date(member)


@transaction.atomic
def lift_suspension(*, member: User, by: User) -> None:
    """Let them write again now, whatever it was that keeps them from it. A removal
    that waits for a second person goes on waiting."""
    member = _hold(member.pk)
    closing = member.sanctions.in_force().filter(kind__in=CLOSING)
    closing.update(lifted_at=timezone.now(), lifted_by=by)
    if member.suspended_at is None:
        return
    member.suspended_at = member.removed_at = None
    member.save(update_fields=["suspended_at", "removed_at"])
    audit.record(act="lifted a suspension", actor=by, target=member)


@transaction.atomic
def appeal(*, sanction: Sanction, words: str) -> Appeal:
    """A member's word against it, once. Raises NotNow when it is too late."""
    _hold(sanction.member_id)
    sanction = Sanction.objects.get(pk=sanction.pk)
    if not may_appeal(sanction):
        raise NotNow
    made, _new = Appeal.objects.get_or_create(
        sanction=sanction, defaults={"words": words}
    )
    return made


def may_appeal(sanction: Sanction) -> bool:
    """Removals, whenever; the others within thirty days."""
    if sanction.begins_at is None or sanction.lifted_at:
        return False
    if hasattr(sanction, "appeal"):
        return False
    late = timezone.now() > sanction.begins_at + APPEALED_WITHIN
    return sanction.kind == Kind.REMOVAL or not late


@transaction.atomic
def decide(*, appeal: Appeal, by: User, is_granted: bool, answer: str) -> None:
    """Grant an appeal, which lifts the sanction, or refuse it with a word.

    Not by who imposed it, as long as there is another operator: NotAllowed.
    """
    member = _hold(appeal.sanction.member_id)
    appeal = Appeal.objects.select_related("sanction").get(pk=appeal.pk)
    if appeal.decided_at:
        raise AlreadyDecided
    if not may_decide(appeal, by):
        raise NotAllowed
    appeal.decided_at, appeal.decided_by = timezone.now(), by
    appeal.is_granted, appeal.answer = is_granted, answer
    appeal.save()
    if is_granted:
        lift(sanction=appeal.sanction, by=by)
    audit.record(act="decided an appeal", actor=by, target=member, granted=is_granted)
    mail = mails.send(
        key=f"appeal:{appeal.pk}",
        member=member,
        template="appeal_decided",
        is_granted=is_granted,
        answer=answer,
    )
    tell(
        [member.pk],
        kind=Notification.Kind.APPEAL_DECIDED,
        key=f"appeal:{appeal.pk}",
        target=appeal.sanction,
        mail=mail,
    )


def may_decide(appeal: Appeal, by: User) -> bool:
    sanction = appeal.sanction
    if by.pk == sanction.member_id:
        return False
    return by.pk != sanction.by_id or not _other_operators(by).exists()


def end_due() -> int:
    """Give back what sanctions that are over took; how many members that were."""
    now = timezone.now()
    over = Sanction.objects.filter(ends_at__lte=now, lifted_at=None)
    bound = Q(suspended_at__isnull=False) | Q(muted_until__isnull=False)
    members = User.objects.filter(bound, pk__in=over.values("member"))
    return sum(_end_of(pk) for pk in list(members.values_list("pk", flat=True)))


@transaction.atomic
def _end_of(member_id: int) -> bool:
    return _bring_up_to_date(_hold(member_id))


def pays(member: User) -> bool:
    """Whether something that the member bought is open to them today."""
    return (
        Entitlement.objects.in_force()
        .filter(member=member, order__isnull=False)
        .exists()
    )


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For news about sanctions: (title, address) of the member's own."""
    own = member.sanctions.filter(pk__in=numbers)
    return {it.pk: (str(it.get_kind_display()), "/me/sanctions/") for it in own}


def _begin(sanction: Sanction) -> None:
    member = sanction.member
    _bring_up_to_date(member)
    if sanction.kind == Kind.REMOVAL:
        _remove(member)
    mail = mails.send(
        key=f"sanction:{sanction.pk}",
        member=member,
        template="sanctioned",
        kind=sanction.kind,
        rule=str(sanction.rule),
        rule_path=sanction.rule.get_absolute_url(),
        reason=sanction.reason,
        until=sanction.ends_at.isoformat() if sanction.ends_at else "",
    )
    tell(
        [member.pk],
        kind=Notification.Kind.SANCTIONED,
        key=f"sanction:{sanction.pk}",
        target=sanction,
        mail=mail,
    )


def _remove(member: User) -> None:
    """Out of all spaces, and nothing is charged any more; what was paid is for an
    operator to give back. The account stays, so that they can take their data along."""
    SpaceMember.objects.filter(member=member, left_at=None).update(
        left_at=timezone.now(), role=SpaceMember.Role.MEMBER
    )
    running = subscriptions.running(member)
    if running and running.renews:
        subscriptions.cancel(member=member, reason=Subscription.Reason.OTHER)


def _bring_up_to_date(member: User) -> bool:
    """Make the member's row say what the sanctions in force say; whether it changed.

    A suspension from before there were sanctions stands until somebody lifts it.
    """
    bound = member.sanctions.in_force()
    closed = member.sanctions.filter(kind__in=CLOSING)
    muted_until = bound.filter(kind=Kind.MUTE).aggregate(at=Max("ends_at"))["at"]
    removed_at = bound.filter(kind=Kind.REMOVAL).aggregate(at=Min("begins_at"))["at"]
    suspended_at = member.suspended_at
    if bound.filter(kind__in=CLOSING).exists():
        suspended_at = suspended_at or timezone.now()
    elif closed.exists():
        suspended_at = None
    now_says = (muted_until, suspended_at, removed_at)
    if now_says == (member.muted_until, member.suspended_at, member.removed_at):
        return False
    member.muted_until, member.suspended_at, member.removed_at = now_says
    member.save(update_fields=["muted_until", "suspended_at", "removed_at"])
    return True


def _other_operators(by: User) -> QuerySet[User]:
    staff = Q(is_superuser=True) | Q(roles__contains=[Role.OPERATOR])
    people = User.objects.people().filter(staff, is_active=True, suspended_at=None)
    return people.exclude(pk=by.pk)


def _hold(member_id: int) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=member_id)
