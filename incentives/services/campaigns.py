"""Campaigns: handed in, approved by a second person above a sum, started, ended; and
in between each member of the audience is reached once."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.models import (
    Activity,
    Entitlement,
    JournalEntry,
    Notification,
    SpaceMember,
    User,
)
from accounts.services import community, journal
from accounts.services.entitlements import keys_opening
from accounts.services.notifications import tell
from community.lib.dates import site_day
from incentives.errors import (
    CountsNobody,
    GivesNothing,
    NotYet,
    SecondPersonNeeded,
)
from incentives.models import Budget, Campaign, CampaignMember, Exposure, PointRule
from incentives.services import holdouts
from incentives.services.budgets import left
from incentives.services.coupon_codes import list_numbers
from incentives.services.points import Row, grant_many

State = Campaign.State
Audience = Campaign.Audience

AT_ONCE = 500
CAUSE = "campaign"


# From the draft to the end --------------------------------------------------------


@transaction.atomic
def submit(*, campaign: Campaign, by: User) -> Campaign:
    """Hand it in: its terms stand from now on. Raises NotYet, GivesNothing,
    CountsNobody."""
    campaign = _hold(campaign, State.DRAFT)
    if not gives_something(campaign):
        raise GivesNothing
    if campaign.hold_outs.filter(until__lte=site_day(campaign.starts_at)).exists():
        raise CountsNobody
    campaign.needs_second = _needs_second(campaign)
    campaign.state = State.WAITING if campaign.needs_second else State.READY
    campaign.submitted_by = by
    campaign.save()
    return campaign


def gives_something(campaign: Campaign) -> bool:
    plainly = campaign.title or campaign.points or campaign.coupon_id
    return bool(plainly or campaign.campaign_rules.exists())


@transaction.atomic
def approve(*, campaign: Campaign, by: User) -> Campaign:
    """By somebody else than who handed it in. Raises NotYet, SecondPersonNeeded."""
    campaign = _hold(campaign, State.WAITING)
    if campaign.submitted_by_id == by.pk:
        raise SecondPersonNeeded
    campaign.state, campaign.approved_by = State.READY, by
    campaign.save()
    return campaign


@transaction.atomic
def take_back(*, campaign: Campaign) -> Campaign:
    """To be changed: whoever approved it approved these terms, not the next ones."""
    campaign = _hold(campaign, State.WAITING, State.READY)
    campaign.state, campaign.needs_second = State.DRAFT, False
    campaign.submitted_by = campaign.approved_by = None
    campaign.save()
    return campaign


@transaction.atomic
def start(campaign: Campaign, now: dt.datetime | None = None) -> Campaign:
    """By the clock, when it is due: it and the trial that belongs to it."""
    now = now or timezone.now()
    campaign = _hold(campaign, State.READY)
    campaign.state, campaign.started_at = State.RUNNING, now
    campaign.save()
    campaign.hold_outs.filter(started_at=None).update(started_at=now)
    return campaign


@transaction.atomic
def stop(
    *, campaign: Campaign, by: User, hypothesis: str, look_on: dt.date | None = None
) -> Campaign:
    """Before its time, with a reason for the journal."""
    campaign = _end(campaign, timezone.now())
    journal.note(
        target=campaign,
        deed=JournalEntry.Deed.STOPPED,
        hypothesis=hypothesis,
        by=by,
        look_on=look_on,
    )
    return campaign


@transaction.atomic
def _end(campaign: Campaign, now: dt.datetime) -> Campaign:
    """Its rules end with it. Who was held out stays so for the deeds of its time."""
    campaign = _hold(campaign, State.RUNNING)
    campaign.state, campaign.ended_at = State.ENDED, now
    campaign.save()
    campaign.hold_outs.filter(ended_at=None).update(ended_at=now)
    families = campaign.rules.values("family")
    rules = PointRule.objects.filter(family__in=families, since__lt=now)
    rules.filter(Q(until=None) | Q(until__gt=now)).update(until=now)
    return campaign


def _hold(campaign: Campaign, *states: State) -> Campaign:
    held = Campaign.objects.select_for_update(of=("self",), no_key=True)
    campaign = held.get(pk=campaign.pk)
    if campaign.state not in states:
        raise NotYet
    return campaign


# What it may cost -----------------------------------------------------------------


def _needs_second(campaign: Campaign) -> bool:
    limit, most = community.current().campaign_points, most_it_gives(campaign)
    return limit is not None and (most is None or most > limit)


def most_it_gives(campaign: Campaign) -> int | None:
    """In points and in all, as far as its budget goes; None where nothing bounds it."""
    if campaign.campaign_rules.exists():
        return None
    if not campaign.points or campaign.budget is None:
        return 0
    return campaign.budget.amount * _periods(campaign, campaign.budget)


def _periods(campaign: Campaign, budget: Budget) -> int:
    """In how many periods of the budget the campaign can draw from it."""
    if budget.every == Budget.Every.NONE:
        return 1
    first, last = site_day(campaign.starts_at), site_day(campaign.ends_at)
    if budget.every == Budget.Every.WEEK:
        monday = first - dt.timedelta(days=first.weekday())
        return (last - monday).days // 7 + 1
    return 12 * (last.year - first.year) + last.month - first.month + 1


def most_in_words(campaign: Campaign) -> str:
    most = most_it_gives(campaign)
    return gettext("without a bound") if most is None else f"{most:,}"


# Whom it reaches ------------------------------------------------------------------


def people() -> QuerySet[User]:
    """Whoever may be given anything."""
    return User.objects.people().filter(
        is_active=True, is_applicant=False, suspended_at=None, removed_at=None
    )


def audience(campaign: Campaign, now: dt.datetime) -> QuerySet[User]:
    """Who is eligible now, whether reached already or not."""
    since = now - dt.timedelta(days=campaign.days or 0)
    if campaign.audience == Audience.NEWCOMERS:
        return people().filter(date_joined__gt=since)
    if campaign.audience == Audience.QUIET:
        here = Activity.objects.filter(at__gt=since).values("member_id")
        return people().filter(date_joined__lte=since).exclude(pk__in=here)
    if campaign.audience == Audience.PLAN:
        keys = keys_opening(campaign.plan)
        held = Entitlement.objects.in_force(now).filter(what__in=keys)
        return people().filter(pk__in=held.values("member"))
    if campaign.audience == Audience.SPACE:
        places = SpaceMember.objects.filter(space=campaign.space_id, left_at=None)
        return people().filter(pk__in=places.values("member"))
    return people()


def waiting(campaign: Campaign, now: dt.datetime) -> QuerySet[User]:
    """Those of the audience who were neither reached nor held out."""
    reached = CampaignMember.objects.filter(campaign=campaign).values("member")
    held_out = Exposure.objects.filter(
        hold_out__campaign=campaign, arm=Exposure.Arm.HELD_OUT
    ).values("member")
    return audience(campaign, now).exclude(pk__in=reached).exclude(pk__in=held_out)


def reach(campaign: Campaign, now: dt.datetime | None = None) -> int:
    """Give to everybody who waits for it, as far as the budget goes; returns how many
    it has reached.

    Safe to repeat and to run twice at once: a member is reached once.
    """
    now, done = now or timezone.now(), 0
    numbers = list(waiting(campaign, now).order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(numbers), AT_ONCE):
        done += _reach(campaign, numbers[first : first + AT_ONCE], now)
    return done


@transaction.atomic
def _reach(campaign: Campaign, members: Sequence[int], now: dt.datetime) -> int:
    """Nobody is drawn whom the budget could not reach: they are asked again when there
    is more."""
    campaign = _hold(campaign, State.RUNNING)
    if campaign.points and campaign.budget:
        members = members[: left(campaign.budget, now) // campaign.points]
    treated = _treated(campaign, members, now)
    known = CampaignMember.objects.filter(campaign=campaign, member__in=treated)
    fresh = treated - set(known.values_list("member", flat=True))
    given = sorted(fresh - _unpaid(campaign, sorted(fresh), now))
    CampaignMember.objects.bulk_create(
        [
            CampaignMember(
                campaign=campaign, member_id=number, points=campaign.points, at=now
            )
            for number in given
        ]
    )
    if campaign.coupon:
        list_numbers(campaign.coupon, given)
    if campaign.title:
        tell(
            given,
            kind=Notification.Kind.CAMPAIGN,
            key=f"campaign:{campaign.pk}",
            target=campaign,
        )
    return len(given)


def _unpaid(campaign: Campaign, members: Sequence[int], now: dt.datetime) -> set[int]:
    """Pay these; who is left, for somebody else has drawn from the budget meanwhile."""
    if not campaign.points:
        return set()
    keys = {f"campaign:{campaign.pk}:{number}": number for number in members}
    refused = grant_many(
        [
            Row(
                member_id=number,
                points=campaign.points,
                key=key,
                cause=CAUSE,
                object_kind=Campaign.activity_kind,
                object_id=campaign.pk,
                at=now,
                budget=campaign.budget,
            )
            for key, number in keys.items()
        ]
    )
    return {keys[key] for key in refused}


def _treated(campaign: Campaign, members: Sequence[int], now: dt.datetime) -> set[int]:
    found = set(members)
    for hold_out in holdouts.running(campaign, now):
        arms = holdouts.enrol(hold_out, dict.fromkeys(members, now))
        found = {number for number in found if arms[number] == Exposure.Arm.TREATED}
    return found


def run(now: dt.datetime | None = None) -> dict[str, int]:
    """What the clock does: start what is due, reach whom it is for, end the rest."""
    now = now or timezone.now()
    started = [start(it, now) for it in Campaign.objects.due(now)]
    ended = [_end(it, now) for it in Campaign.objects.over(now)]
    reached = sum(reach(it, now) for it in Campaign.objects.running())
    return {
        "campaigns started": len(started),
        "campaigns ended": len(ended),
        "members reached": reached,
    }


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of the campaigns that have reached this member."""
    language = translation.get_language() or ""
    reached = Campaign.objects.filter(pk__in=numbers, members__member=member)
    return {
        campaign.pk: (campaign.title_in(language), campaign.get_absolute_url())
        for campaign in reached.exclude(title="")
    }
