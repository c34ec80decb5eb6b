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
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import JournalEntry, User
from accounts.services import journal
from community.lib.dates import site_day
from incentives.errors import CountsNobody, NotYet
from incentives.models import (
    Award,
    Campaign,
    CampaignMember,
    CampaignRule,
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
    """The trial of it that a deed at that moment falls into; one or none. That of a
    rule is that of all its versions."""
    found = HoldOut.objects.filter(started_at__lte=at)
    if isinstance(subject, PointRule):
        found = found.filter(rule__family=subject.family)
    else:
        found = found.filter(campaign=subject)
    return found.filter(Q(ended_at=None) | Q(ended_at__gt=at))


def enrol(hold_out: HoldOut, moments: Mapping[int, dt.datetime]) -> dict[int, Arm]:
    """{member: group} of {member: when they were eligible}; written for those of whom
    nothing is written yet.

    Ask only of who is eligible: the groups are made of all who were asked about.
    """
    known = hold_out.exposures.filter(member__in=moments)
    arms = {number: Arm(arm) for number, arm in known.values_list("member", "arm")}
    fresh = {
        number: arm_of(hold_out, number) for number in moments if number not in arms
    }
    Exposure.objects.bulk_create(
        [
            Exposure(hold_out=hold_out, member_id=number, arm=arm, at=moments[number])
            for number, arm in fresh.items()
        ],
        ignore_conflicts=True,
    )
    return arms | fresh


class Deed(NamedTuple):
    """Something a member did, for which a rule would pay."""

    family: UUID
    member: int
    at: dt.datetime


def refused(deeds: Sequence[Deed]) -> set[Deed]:
    """Those that are not paid: whoever did them is held out, or the rule is one of a
    campaign that has not reached them."""
    families = {deed.family for deed in deeds}
    found: set[Deed] = set()
    rules = CampaignRule.objects.filter(rule__family__in=families)
    for campaign, family in rules.values_list("campaign", "rule__family"):
        mine = {deed for deed in deeds if deed.family == family}
        members = {deed.member for deed in mine}
        reached = CampaignMember.objects.filter(campaign=campaign, member__in=members)
        there = set(reached.values_list("member", flat=True))
        found |= {deed for deed in mine if deed.member not in there}
    trials = HoldOut.objects.filter(rule__family__in=families).exclude(started_at=None)
    for hold_out in trials.select_related("rule"):
        mine = {it for it in deeds if _falls_into(it, hold_out)} - found
        moments = {
            deed.member: deed.at
            for deed in sorted(mine, key=lambda it: it.at, reverse=True)
        }
        arms = enrol(hold_out, moments)
        found |= {deed for deed in mine if arms[deed.member] == Arm.HELD_OUT}
    return found


def _falls_into(deed: Deed, hold_out: HoldOut) -> bool:
    rule, begun, ended = hold_out.rule, hold_out.started_at, hold_out.ended_at
    if rule is None or begun is None or deed.family != rule.family:
        return False
    return begun <= deed.at and (ended is None or deed.at < ended)


@transaction.atomic
def start(
    *, hold_out: HoldOut, by: User, hypothesis: str, look_on: dt.date | None = None
) -> HoldOut:
    """From now on it holds out; its terms stand. Starting it again changes nothing."""
    hold_out = _hold(hold_out)
    if hold_out.started_at:
        return hold_out
    if hold_out.until <= site_day():
        raise CountsNobody
    if _has_another(hold_out):
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


def _has_another(hold_out: HoldOut) -> bool:
    """Of another version of the rule."""
    rule = hold_out.rule
    return rule is not None and running(rule, timezone.now()).exists()


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
    rules = PointRule.objects.filter(campaign_rule__campaign=hold_out.campaign_id)
    if hold_out.rule_id:
        rules = PointRule.objects.filter(pk=hold_out.rule_id)
    awards = Award.objects.filter(family__in=rules.values("family"), undone_at=None)
    awards = awards.filter(awarded_at__gte=hold_out.started_at)
    reached = CampaignMember.objects.filter(campaign=hold_out.campaign_id)
    return _total(awards) + (_total(reached) if hold_out.campaign_id else 0)


def _total(rows: QuerySet[Any]) -> int:
    return rows.aggregate(total=Sum("points"))["total"] or 0
