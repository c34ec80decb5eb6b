"""From the activity log to points: the bell pays promptly, the sweep certainly.

Both call `award_for`, which is idempotent, so they may overlap and repeat.
"""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Activity, User
from accounts.services import ledger
from accounts.services.held import HOUSE, MEMBER
from accounts.services.ledger import POINTS, Line
from incentives.models import Award, PointRule
from incentives.services.holdouts import may_receive

SWEEP_DAYS = 2


def balance(member: User) -> int:
    return ledger.balance(member, kind=MEMBER, unit=POINTS)


def award_for(activity: Activity) -> Award | None:
    """Pay one deed by the rule in force when it was done, or take a payment back.

    Nothing happens for a deed that no rule names, that was paid before, or that a
    member did to themselves.
    """
    _take_back(activity)
    rules = PointRule.objects.in_force(activity.at).filter(verb=activity.verb)
    rule = rules.order_by("-since").first()
    if rule is None or _is_self_dealing(activity):
        return None
    return _pay(rule, activity)


def _is_self_dealing(activity: Activity) -> bool:
    """An answer to one's own question, or accepted by its own author."""
    return activity.member_id in {activity.data.get("asker"), activity.data.get("by")}


@transaction.atomic
def _pay(rule: PointRule, activity: Activity) -> Award | None:
    member = User.objects.select_for_update().get(pk=activity.member_id)
    if member.erased_at or _was_paid(rule, activity):
        return None
    if not may_receive(rule, [member.pk], activity.at):
        return None
    award = Award.objects.create(
        rule=rule,
        member=member,
        activity_id=activity.pk,
        object_kind=activity.object_kind,
        object_id=activity.object_id or 0,
        points=rule.points,
        awarded_at=activity.at,
    )
    _post(award, key=f"award:{award.pk}", cause="earned", points=rule.points)
    return award


def _was_paid(rule: PointRule, activity: Activity) -> bool:
    """This deed, by whichever rule; or the same thing, and the pay still stands."""
    same_thing = Q(
        member=activity.member_id,
        rule__verb=rule.verb,
        object_kind=activity.object_kind,
        object_id=activity.object_id or 0,
        undone_at=None,
    )
    return Award.objects.filter(Q(activity_id=activity.pk) | same_thing).exists()


@transaction.atomic
def _take_back(activity: Activity) -> None:
    """The cause fell: its points go back, as far as they are still there."""
    standing = Award.objects.select_for_update().filter(
        rule__undone_by=activity.verb,
        member=activity.member_id,
        object_kind=activity.object_kind,
        object_id=activity.object_id or 0,
        awarded_at__lte=activity.at,
        undone_at=None,
    )
    for award in standing:
        award.undone_at = activity.at
        award.save(update_fields=["undone_at"])
        if points := min(award.points, balance(award.member)):
            _post(award, key=f"undo:{award.pk}", cause="undone", points=-points)


def _post(award: Award, *, key: str, cause: str, points: int) -> None:
    lines = [Line(MEMBER, points, award.member), Line(HOUSE, -points)]
    ledger.post(key=key, unit=POINTS, cause=cause, lines=lines, source=award)


def award_recent(now: dt.datetime | None = None, days: int = SWEEP_DAYS) -> int:
    """Go over the log's last days again; returns how many deeds were paid.

    By time of arrival, not by id: a slow transaction may commit behind a faster one.
    """
    since = (now or timezone.now()) - dt.timedelta(days=days)
    verbs = {
        verb
        for pair in PointRule.objects.values_list("verb", "undone_by")
        for verb in pair
        if verb
    }
    settled = Award.objects.filter(activity_id=OuterRef("pk"))
    arrived = Activity.objects.filter(ingested_at__gte=since, verb__in=verbs)
    arrived = arrived.exclude(Exists(settled))
    paid = 0
    for activity in arrived.order_by("at", "id").iterator():
        paid += award_for(activity) is not None
    return paid


def award_now(activity_id: int, at: dt.datetime) -> Award | None:
    """What the bell asks for; `at` finds the row in its month's partition."""
    activity = Activity.objects.filter(pk=activity_id, at=at).first()
    return award_for(activity) if activity else None
