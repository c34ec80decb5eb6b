"""Who is kept out of a rule or a campaign by chance, so that its effect can be known.

The group follows from a secret of the trial and the member's number alone: nobody can
tell it before, ask again for another, or be put into one by hand. It is written down
when a member is first eligible, and the database lets nobody receive without it.

Members who did not agree that models are made of what they do are dealt with like
everybody else, as holding nobody out would tell them apart; they are left out of what
is counted (`analytics.incentive_data`).
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import JournalEntry, User
from accounts.services import journal
from incentives.errors import NotYet
from incentives.models import (
    Award,
    Campaign,
    CampaignMember,
    Exposure,
    HoldOut,
    PointRule,
)

Arm = Exposure.Arm
SCALE = 2**64


def arm_of(hold_out: HoldOut, member: int) -> Arm:
    key, name = hold_out.salt.encode(), str(member).encode()
    drawn = int.from_bytes(hmac.digest(key, name, hashlib.sha256)[:8])
    return Arm.HELD_OUT if drawn * 100 < hold_out.percent * SCALE else Arm.TREATED


def running(subject: PointRule | Campaign, at: dt.datetime) -> QuerySet[HoldOut]:
    """The trial of it that a deed at that moment falls into; one or none."""
    found = subject.hold_outs.filter(started_at__lte=at)
    return found.filter(Q(ended_at=None) | Q(ended_at__gt=at))


def enrol(
    hold_out: HoldOut, members: Iterable[int], at: dt.datetime | None = None
) -> dict[int, Arm]:
    """{member: group}; written for those of whom nothing is written yet."""
    at, numbers = at or timezone.now(), list(members)
    known = _known(hold_out, numbers)
    fresh = [number for number in numbers if number not in known]
    if not fresh:
        return known
    Exposure.objects.bulk_create(
        [
            Exposure(
                hold_out=hold_out, member_id=number, arm=arm_of(hold_out, number), at=at
            )
            for number in fresh
        ],
        ignore_conflicts=True,
    )
    return known | {number: arm_of(hold_out, number) for number in fresh}


def _known(hold_out: HoldOut, members: list[int]) -> dict[int, Arm]:
    found = hold_out.exposures.filter(member__in=members)
    return {number: Arm(arm) for number, arm in found.values_list("member", "arm")}


def is_held_out(
    subject: PointRule | Campaign, member: User, at: dt.datetime | None = None
) -> bool:
    """Whether this member goes without it; asking writes down their group.

    Ask only of who is eligible: the groups are made of all who were asked about.
    """
    at = at or timezone.now()
    return any(
        enrol(hold_out, [member.pk], at)[member.pk] == Arm.HELD_OUT
        for hold_out in running(subject, at)
    )


def may_receive(rule: PointRule, members: Iterable[int], at: dt.datetime) -> set[int]:
    """Of these eligible members, those whom the rule pays for a deed at that moment.

    A rule of a campaign pays whom the campaign has reached, and nobody else.
    """
    found = set(members)
    campaigns = Campaign.objects.filter(campaign_rules__rule=rule)
    for campaign in campaigns.values_list("pk", flat=True):
        reached = CampaignMember.objects.filter(campaign=campaign, member__in=found)
        found = set(reached.values_list("member", flat=True))
    for hold_out in running(rule, at):
        arms = enrol(hold_out, sorted(found), at)
        found = {number for number in found if arms[number] == Arm.TREATED}
    return found


@transaction.atomic
def start(
    *, hold_out: HoldOut, by: User, hypothesis: str, look_on: dt.date | None = None
) -> HoldOut:
    """From now on it holds out; its terms stand. Starting it again changes nothing."""
    hold_out = _hold(hold_out)
    if hold_out.started_at:
        return hold_out
    if hold_out.until <= timezone.localdate():
        raise NotYet
    hold_out.started_at = timezone.now()
    hold_out.save(update_fields=["started_at"])
    journal.note(
        target=hold_out,
        deed=JournalEntry.Deed.STARTED,
        hypothesis=hypothesis,
        by=by,
        look_on=look_on or hold_out.decided_on,
    )
    return hold_out


@transaction.atomic
def end(
    *, hold_out: HoldOut, by: User, hypothesis: str, look_on: dt.date | None = None
) -> HoldOut:
    """From now on nobody goes without it; what was done before stays unpaid."""
    hold_out = _hold(hold_out)
    if hold_out.ended_at or not hold_out.started_at:
        return hold_out
    hold_out.ended_at = timezone.now()
    hold_out.save(update_fields=["ended_at"])
    journal.note(
        target=hold_out,
        deed=JournalEntry.Deed.STOPPED,
        hypothesis=hypothesis,
        by=by,
        look_on=look_on,
    )
    return hold_out


def _hold(hold_out: HoldOut) -> HoldOut:
    rows = HoldOut.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("rule", "campaign").get(pk=hold_out.pk)


def points_given(hold_out: HoldOut) -> int:
    """What the trial's rule or campaign has given since the start, in points."""
    rules = Q(rule__campaign_rule__campaign=hold_out.campaign_id)
    if hold_out.rule_id:
        rules = Q(rule=hold_out.rule_id)
    awards = Award.objects.filter(rules, undone_at=None)
    awards = awards.filter(awarded_at__gte=hold_out.started_at)
    reached = CampaignMember.objects.filter(campaign=hold_out.campaign_id)
    return _total(awards) + (_total(reached) if hold_out.campaign_id else 0)


def _total(rows: QuerySet[Any]) -> int:
    return rows.aggregate(total=Sum("points"))["total"] or 0
