"""Making challenges, coming and going, and how far everybody is.

The lock of a challenge is its row, of a participant the member's; the member comes
first, as everywhere.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import MEMBERSHIP, Notification, User, Verb
from accounts.services import community, entitlements
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from accounts.services.news_choices import zone_of
from accounts.services.notifications import tell
from community.lib import markdown
from community.lib.dates import site_day
from community.lib.streaks import Streak, open_days, streak_of
from content.errors import (
    ChallengeBegun,
    ChallengeClosed,
    ChallengeFull,
    NotIncluded,
    ZoneMovedLately,
)
from content.models import (
    Challenge,
    ChallengeMember,
    ChallengeTask,
    ChallengeTeam,
    ChallengeTicket,
    CheckIn,
    Stance,
    Topic,
    TopicFollow,
)
from content.services.discussions import start_topic

State = Challenge.State

# What counts is not changed under those who have begun.
RULES = ("first_day", "last_day", "required_days", "rest_days", "late_hours")
RANKED = 20
TEAM_NAME_LENGTH = 40
# Any constant of our own: it makes of a challenge's number the key of its topic.
TOPICS = UUID("0d6f2b1e-51f4-4f0b-8a53-1c3a6a0d9e43")


@transaction.atomic
def make_challenge(*, by: User, form_key: UUID | None = None, **says: Any) -> Challenge:
    """A draft, which nobody else sees. The same form again is the same challenge."""
    hold_members(by.pk)
    sent = Challenge.objects.filter(host=by, form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    challenge = Challenge(host=by, form_key=form_key, **says)
    challenge.body_html = markdown.render(challenge.body)
    challenge.save()
    return challenge


@transaction.atomic
def change_challenge(*, challenge: Challenge, **says: Any) -> Challenge:
    """Raises ChallengeClosed once it is cancelled, ChallengeBegun where that would
    change its rules after somebody checked in, or its space after it went out, and
    ChallengeFull where there would be fewer places than are taken."""
    challenge = hold_challenge(challenge.pk)
    if challenge.is_cancelled:
        raise ChallengeClosed
    before = {name: getattr(challenge, name) for name in (*RULES, "space")}
    for name, value in says.items():
        setattr(challenge, name, value)
    changed = {name for name, was in before.items() if getattr(challenge, name) != was}
    if "space" in changed and challenge.topic_id:
        raise ChallengeBegun
    if changed and CheckIn.objects.filter(participant__challenge=challenge).exists():
        raise ChallengeBegun
    if challenge.places is not None and challenge.places < _places_taken(challenge):
        raise ChallengeFull
    challenge.body_html = markdown.render(challenge.body)
    challenge.save()
    return challenge


@transaction.atomic
def save_tasks(*, challenge: Challenge, tasks: Mapping[int, str]) -> None:
    """Of those days, by number; a day without words has the task of each day."""
    challenge = hold_challenge(challenge.pk)
    challenge.tasks.all().delete()
    ChallengeTask.objects.bulk_create(
        ChallengeTask(challenge=challenge, number=number, text=text)
        for number, text in sorted(tasks.items())
        if text
    )


@transaction.atomic
def publish_challenge(*, challenge: Challenge) -> None:
    """From now on it is seen, and its topic is there to check in to; twice is once.
    Raises ChallengeClosed."""
    hold_members(challenge.host_id)
    challenge = hold_challenge(challenge.pk)
    if challenge.is_published:
        return
    if challenge.is_cancelled or challenge.is_over:
        raise ChallengeClosed
    challenge.topic = start_topic(
        author=challenge.host,
        kind=Topic.Kind.DISCUSSION,
        title=challenge.title,
        body=_opening(challenge),
        space=challenge.space,
        form_key=uuid5(TOPICS, str(challenge.pk)),
        is_paced=False,
    )
    challenge.state = State.PUBLISHED
    challenge.save()


def _opening(challenge: Challenge) -> str:
    with translation.override(community.current().language):
        words = _("Here we check in. How it goes, and who takes part:")
    address = settings.SITE_URL + challenge.get_absolute_url()
    return "\n\n".join(filter(None, [challenge.summary, f"{words} {address}"]))


@transaction.atomic
def cancel_challenge(*, challenge: Challenge, by: User, reason: str = "") -> None:
    """Nobody checks in any more, everybody is told, and what was paid goes back. Twice
    is once.

    Raises ChallengeClosed for a draft.
    """
    challenge = hold_challenge(challenge.pk)
    if challenge.is_cancelled:
        return
    if challenge.is_draft:
        raise ChallengeClosed
    challenge.state, challenge.cancel_reason = State.CANCELLED, reason
    challenge.save(update_fields=["state", "cancel_reason"])
    from content import tasks  # they know of us

    tasks.advance_challenge_tickets.delay_on_commit()
    tell(
        people_of(challenge).values_list("member_id", flat=True),
        kind=Notification.Kind.CHALLENGE_CANCELLED,
        key=f"challenge:{challenge.pk}",
        target=challenge,
        actor=by,
    )


@transaction.atomic
def remove_draft(*, challenge: Challenge) -> None:
    """Raises ChallengeClosed once it went out."""
    challenge = hold_challenge(challenge.pk)
    if not challenge.is_draft:
        raise ChallengeClosed
    challenge.delete()


def end_all_of(host: User) -> None:
    """They go for good: nobody leads it any more."""
    Challenge.objects.filter(host=host, state=State.DRAFT).delete()
    running = Challenge.objects.published().filter(host=host)
    for challenge in running.filter(last_day__gte=site_day()):
        cancel_challenge(challenge=challenge, by=host)


# Coming and going ---------------------------------------------------------------------


@transaction.atomic
def join(
    *,
    challenge: Challenge,
    member: User,
    team: ChallengeTeam | None = None,
    new_team: str = "",
    remind_hour: int | None = None,
    is_ranked: bool = True,
) -> ChallengeMember:
    """Take part from now on, or again. Who takes part already stays as they are.

    They hear of what is checked in when they look, not of each: its topic is muted for
    them, unless they chose otherwise. Raises ChallengeClosed, ChallengeFull, and
    NotIncluded where it is to be paid first.
    """
    hold_members(member.pk)
    challenge = hold_challenge(challenge.pk)
    mine = ChallengeMember.objects.filter(challenge=challenge, member=member).first()
    if mine and not mine.left_at:
        return mine
    if not challenge.is_published or challenge.is_over:
        raise ChallengeClosed
    _check_comes_in(challenge, member)
    is_new = mine is None
    mine = mine or ChallengeMember(
        challenge=challenge, member=member, time_zone=zone_of(member).key
    )
    mine.left_at, mine.is_ranked = None, is_ranked
    mine.team = _team_in(challenge, team, new_team)
    _remind_at(mine, remind_hour)
    mine.save()
    TopicFollow.objects.bulk_create(
        [TopicFollow(topic=challenge.topic, member=member, stance=Stance.MUTED)],
        ignore_conflicts=True,
    )
    if is_new:
        record_activity(
            member=member,
            verb=Verb.CHALLENGE_JOINED,
            target=challenge,
            space=challenge.space,
        )
    return mine


def _check_comes_in(challenge: Challenge, member: User) -> None:
    """Whoever has paid has a place."""
    if has_ticket(challenge, member):
        return
    if not is_included(challenge, member):
        raise NotIncluded
    if places_left(challenge) == 0:
        raise ChallengeFull


def has_ticket(challenge: Challenge, member: User) -> bool:
    return good_tickets(challenge).filter(member=member).exists()


def good_tickets(challenge: Challenge) -> QuerySet[ChallengeTicket]:
    return challenge.tickets.filter(
        paid_at__isnull=False, given_up_at=None, settled_at=None
    )


def paid_places(challenge: Challenge) -> int:
    """How many were paid and not given up, also once it is over."""
    return challenge.tickets.filter(paid_at__isnull=False, given_up_at=None).count()


def is_included(challenge: Challenge, member: User) -> bool:
    """Whether this member has nothing to pay; in a challenge of the membership,
    whether they may come in at all."""
    if challenge.access == Challenge.Access.FREE or challenge.host_id == member.pk:
        return True
    by_plan = (
        challenge.access == Challenge.Access.MEMBERSHIP
        or challenge.included_in_membership
    )
    return by_plan and MEMBERSHIP in entitlements.held(member)


def _team_in(
    challenge: Challenge, team: ChallengeTeam | None, new_team: str
) -> ChallengeTeam | None:
    """The challenge is held. Raises ChallengeFull."""
    if not challenge.team_size:
        return None
    if new_team:
        name = new_team[:TEAM_NAME_LENGTH]
        team, _is_new = challenge.teams.get_or_create(name=name)
    if team is None:
        return None
    team = challenge.teams.get(pk=team.pk)
    if team.members.filter(left_at=None).count() >= challenge.team_size:
        raise ChallengeFull
    return team


def _remind_at(mine: ChallengeMember, hour: int | None) -> None:
    """From tomorrow on, when the hour is over today."""
    mine.remind_hour = hour
    now = timezone.now().astimezone(mine.zone)
    if hour is not None and now.hour >= hour:
        mine.reminded_on = now.date()


@transaction.atomic
def leave(*, participant: ChallengeMember) -> None:
    """What they checked in with stays where it was said."""
    hold_members(participant.member_id)
    there = ChallengeMember.objects.filter(pk=participant.pk, left_at=None)
    there.update(left_at=timezone.now(), team=None)


@transaction.atomic
def choose(
    *, participant: ChallengeMember, remind_hour: int | None, is_ranked: bool
) -> None:
    """When to be reminded, and whether to be seen in the ranking."""
    hold_members(participant.member_id)
    mine = ChallengeMember.objects.get(pk=participant.pk)
    mine.is_ranked = is_ranked
    if mine.remind_hour != remind_hour:
        _remind_at(mine, remind_hour)
    mine.save(update_fields=["is_ranked", "remind_hour", "reminded_on"])


@transaction.atomic
def move_zone(*, participant: ChallengeMember) -> None:
    """Their days begin as the clocks of their profile's zone say from now on.

    Raises ZoneMovedLately within a week of the last time.
    """
    hold_members(participant.member_id)
    mine = ChallengeMember.objects.select_related("member").get(pk=participant.pk)
    zone = zone_of(mine.member).key
    if zone == mine.time_zone:
        return
    if not mine.may_move:
        raise ZoneMovedLately
    mine.time_zone, mine.zone_since = zone, timezone.now()
    mine.save(update_fields=["time_zone", "zone_since"])


def leave_all(member: User) -> None:
    member.challenges.filter(left_at=None).update(left_at=timezone.now(), team=None)


# Reading ------------------------------------------------------------------------------


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of those among them that this member may see now."""
    found = Challenge.objects.visible_to(member).filter(pk__in=numbers)
    return {it.pk: (it.title, it.get_absolute_url()) for it in found}


def people_of(challenge: Challenge) -> QuerySet[ChallengeMember]:
    return ChallengeMember.objects.filter(challenge=challenge, left_at=None)


def part_of(challenge: Challenge, member: Any) -> ChallengeMember | None:
    if not member.is_authenticated:
        return None
    mine = people_of(challenge).filter(member=member).first()
    if mine:
        mine.challenge = challenge
    return mine


def open_days_of(mine: ChallengeMember) -> list[dt.date]:
    """For which days they may check in, the latest first."""
    challenge = mine.challenge
    if not challenge.is_published:
        return []
    return open_days(
        challenge.first_day,
        challenge.last_day,
        now=timezone.now().astimezone(mine.zone),
        late_hours=challenge.late_hours,
    )


@dataclass(frozen=True)
class CalendarDay:
    date: dt.date
    number: int
    check_in: CheckIn | None
    is_open: bool
    is_today: bool
    is_future: bool


@dataclass(frozen=True)
class Progress:
    """How far one member is."""

    days: list[CalendarDay]
    open: list[CalendarDay]  # to check in for, the latest first
    today: CalendarDay | None
    done: int
    streak: Streak


def progress_of(mine: ChallengeMember) -> Progress:
    challenge = mine.challenge
    rows = CheckIn.objects.counting().filter(participant=mine)
    done = {it.day: it for it in rows.select_related("case")}
    may = open_days_of(mine)
    today = timezone.now().astimezone(mine.zone).date()
    days = [
        CalendarDay(
            date=day,
            number=number,
            check_in=done.get(day),
            is_open=day in may and day not in done,
            is_today=day == today,
            is_future=day > today,
        )
        for number, day in enumerate(challenge.all_days, 1)
    ]
    streak = streak_of(
        done,
        first=challenge.first_day,
        open_from=min([*may, max(today, challenge.first_day)]),
        rest=challenge.rest_days,
    )
    return Progress(
        days=days,
        open=[it for it in reversed(days) if it.is_open],
        today=next((it for it in days if it.is_today), None),
        done=len(done),
        streak=streak,
    )


def tasks_until(challenge: Challenge, day: dt.date) -> dict[int, str]:
    """What was and is to be done, by number; what comes stays to be seen."""
    last = challenge.number_of(min(day, challenge.last_day))
    own = dict(challenge.tasks.filter(number__lte=last).values_list("number", "text"))
    return {number: own.get(number, challenge.task) for number in range(1, last + 1)}


@dataclass(frozen=True)
class DayShare:
    date: dt.date
    number: int
    done: int
    people: int  # who took part by then


@dataclass(frozen=True)
class TeamProgress:
    team: ChallengeTeam
    people: int
    done: int
    most: int  # if everybody had checked in on every day until today


@dataclass(frozen=True)
class Ranked:
    member: User
    done: int


@dataclass(frozen=True)
class Group:
    """How far all of them are: as many statements, however many take part."""

    people: int
    finished: int
    days: list[DayShare]  # until today, the latest first
    teams: list[TeamProgress]
    ranking: list[Ranked]


def group_of(challenge: Challenge) -> Group:
    people = people_of(challenge).aggregate(
        all=Count("pk"), finished=Count("pk", filter=Q(done_at__isnull=False))
    )
    counting = CheckIn.objects.counting().of_those_there()
    counting = counting.filter(participant__challenge=challenge)
    by_day = dict(counting.order_by().values_list("day").annotate(Count("pk")))
    today = max([site_day(), *by_day]) if by_day else site_day()
    joined_at = people_of(challenge).values_list("joined_at", flat=True)
    joined = [site_day(it) for it in joined_at]
    days = [
        DayShare(day, number, done, max(done, sum(it <= day for it in joined)))
        for number, day in enumerate(challenge.all_days, 1)
        if day <= today
        for done in (by_day.get(day, 0),)
    ]
    return Group(
        people=people["all"],
        finished=people["finished"],
        days=days[::-1],
        teams=_teams_of(challenge, counting, len(days)) if challenge.team_size else [],
        ranking=_ranking_of(counting),
    )


def _teams_of(
    challenge: Challenge, counting: QuerySet[CheckIn], days: int
) -> list[TeamProgress]:
    done = dict(
        counting.exclude(participant__team=None)
        .order_by()
        .values_list("participant__team")
        .annotate(Count("pk"))
    )
    there = Count("members", filter=Q(members__left_at=None))
    teams = challenge.teams.annotate(people=there).filter(people__gt=0)
    return [
        TeamProgress(it, it.people, done.get(it.pk, 0), it.people * days)
        for it in teams
    ]


def _ranking_of(counting: QuerySet[CheckIn]) -> list[Ranked]:
    """Only of those who want to be seen in it."""
    ranked = counting.filter(participant__is_ranked=True)
    rows = ranked.order_by().values_list("participant__member").annotate(Count("pk"))
    first = rows.order_by("-pk__count", "participant__member")[:RANKED]
    numbers = dict(first)
    people = User.objects.in_bulk(list(numbers))
    return [Ranked(people[pk], done) for pk, done in numbers.items()]


def places_left(challenge: Challenge) -> int | None:
    """None: as many as come. A place that was paid is taken, also while they are not
    there."""
    if challenge.places is None:
        return None
    return max(challenge.places - _places_taken(challenge), 0)


def _places_taken(challenge: Challenge) -> int:
    there = people_of(challenge)
    paid = good_tickets(challenge).exclude(member__in=there.values("member"))
    return there.count() + paid.count()


def open_teams(challenge: Challenge) -> QuerySet[ChallengeTeam]:
    """Those with room for one more."""
    there = Count("members", filter=Q(members__left_at=None))
    teams = challenge.teams.annotate(people=there)
    return teams.filter(people__lt=challenge.team_size or 0)


@dataclass(frozen=True)
class Line:
    """One participant, for who leads the challenge."""

    mine: ChallengeMember
    done: int
    last_day: dt.date | None


def lines_of(challenge: Challenge) -> list[Line]:
    """Who has not been there for longest comes first: they may want a word."""
    rows = CheckIn.objects.counting().filter(participant__challenge=challenge)
    days: dict[int, list[dt.date]] = {}
    for participant, day in rows.values_list("participant", "day"):
        days.setdefault(participant, []).append(day)
    people = people_of(challenge).select_related("member", "team")
    lines = [
        Line(it, len(days.get(it.pk, [])), max(days.get(it.pk, []), default=None))
        for it in people.order_by("joined_at", "pk")
    ]
    return sorted(lines, key=lambda it: it.last_day or dt.date.min)


def hosted_by(user: User, *, everything: bool) -> QuerySet[Challenge]:
    """What this person leads, or with `everything` all there is, the latest first."""
    found = Challenge.objects.all() if everything else user.challenges_hosted.all()
    return found.select_related("host", "space").order_by("-first_day", "-pk")


def with_people(challenges: QuerySet[Challenge]) -> QuerySet[Challenge]:
    there = Count("members", filter=Q(members__left_at=None))
    return challenges.select_related("host", "space").annotate(people=there)


def to_do_today(member: User) -> list[Challenge]:
    """Whose task of today waits for this member."""
    mine = (
        ChallengeMember.objects.filter(
            member=member,
            left_at=None,
            challenge__in=Challenge.objects.visible_to(member).published(),
            # The zones are apart by about a day.
            challenge__first_day__lte=site_day() + dt.timedelta(days=1),
            challenge__last_day__gte=site_day() - dt.timedelta(days=1),
        )
        .select_related("challenge")
        .order_by("challenge__last_day", "pk")
    )
    today = {it: timezone.now().astimezone(it.zone).date() for it in mine}
    if not today:
        return []
    rows = CheckIn.objects.counting().filter(participant__in=today)
    done = set(rows.values_list("participant", "day"))
    return [
        it.challenge
        for it, day in today.items()
        if it.challenge.first_day <= day <= it.challenge.last_day
        and (it.pk, day) not in done
    ]


def hold_challenge(pk: int) -> Challenge:
    """Its places and its teams stay as they are until the transaction ends."""
    rows = Challenge.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("host", "space", "topic").get(pk=pk)
