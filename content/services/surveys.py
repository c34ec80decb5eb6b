"""Asking few members, seldom, at random; and keeping what they answer.

Nobody is asked twice in thirty days or more than twice a quarter, whatever the survey;
the database says so, too. Chance is seeded by survey and day, or deed, so that a night
run again asks nobody else.
"""

import datetime as dt
import random
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import (
    MEMBERSHIP,
    Activity,
    Notification,
    Sanction,
    User,
    Verb,
)
from accounts.services.activity import record_activity
from accounts.services.entitlements import holds
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib.dates import site_day
from content.errors import NotAllowedNow
from content.models import (
    Asked,
    Cohort,
    Event,
    Item,
    Post,
    Survey,
    SurveyRefusal,
    Topic,
)
from content.models.surveys import MOST_A_QUARTER, REST_DAYS
from content.services import classmates

OPEN_DAYS = 30
SETTLED_AFTER = 14  # days a member has been here
LEFT_ALONE = dt.timedelta(days=30)  # after something was taken from them
MONTH = 30
# A night that is made up for later asks nobody about a day long past.
LATE_DAYS = 2
OCCASIONS: dict[str, str] = {
    Verb.COURSE_DONE: Survey.Occasion.COURSE,
    Verb.ANSWER_ACCEPTED: Survey.Occasion.ANSWER,
    Verb.EVENT_ATTENDED: Survey.Occasion.EVENT,
}
DEFAULTS = [
    (Survey.Kind.CSAT, Survey.Occasion.COURSE, 0.5),
    (Survey.Kind.CSAT, Survey.Occasion.ANSWER, 0.2),
    (Survey.Kind.CSAT, Survey.Occasion.EVENT, 0.3),
    (Survey.Kind.CSAT, Survey.Occasion.COHORT, 1.0),
    (Survey.Kind.SATISFACTION, "", 0.1),
    (Survey.Kind.NPS, "", 0.05),
]


def make_defaults(**kwargs: Any) -> None:
    if not Survey.objects.exists():
        Survey.objects.bulk_create(
            Survey(kind=kind, occasion=occasion, share=share)
            for kind, occasion, share in DEFAULTS
        )


def running(day: dt.date) -> QuerySet[Survey]:
    found = Survey.objects.filter(starts_on__lte=day, share__gt=0)
    return found.filter(Q(ends_on=None) | Q(ends_on__gte=day))


# Whom to ask -------------------------------------------------------------------------


def who_may_be_asked(day: dt.date) -> QuerySet[User]:
    """Members who are here, rested, and from whom nothing was taken just now."""
    since = timezone.now() - LEFT_ALONE
    sanctioned = Sanction.objects.filter(
        Q(created_at__gt=since) | Q(ends_at__gt=since) | Q(lifted_at__gt=since)
    )
    hidden = Post.objects.filter(hidden_at__gt=since).values("author")
    rested = Asked.objects.filter(rests_until__gt=day).values("member")
    often = (
        Asked.objects.filter(quarter=quarter_of(day))
        .order_by()
        .values("member")
        .annotate(asked=Count("pk"))
        .filter(asked__gte=MOST_A_QUARTER)
        .values("member")
    )
    settled = day - dt.timedelta(days=SETTLED_AFTER)
    people = User.objects.people().filter(
        is_active=True,
        is_applicant=False,
        suspended_at=None,
        email__isnull=False,
        survey_refusal=None,
        date_joined__date__lte=settled,
    )
    people = people.exclude(pk__in=hidden).exclude(pk__in=rested)
    return people.exclude(pk__in=often).exclude(pk__in=sanctioned.values("member"))


def quarter_of(day: dt.date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


@transaction.atomic
def draw(day: dt.date) -> int:
    """Ask this day's lot of every running survey without an occasion; how many were.

    Of N who may be asked, share × N / 30 are, in the mean: the rest of a member is left
    to chance, so that the probability is the same for all and is kept with each.
    """
    if day < site_day() - dt.timedelta(days=LATE_DAYS):
        return 0
    asked = 0
    for survey in running(day).filter(occasion="").order_by("pk"):
        if not survey.asked.filter(asked_on=day).exists():
            asked += _draw_for(survey, day)
    return asked


def _draw_for(survey: Survey, day: dt.date) -> int:
    members = list(who_may_be_asked(day).order_by("pk").values_list("pk", flat=True))
    lot = min(survey.share * len(members) / MONTH, _left_this_month(survey, day))
    if lot <= 0:
        return 0
    rng = random.Random(f"{survey.pk}:{day}")  # noqa: S311 - to be repeatable
    size = int(lot) + (rng.random() < lot % 1)
    for member in User.objects.filter(pk__in=rng.sample(members, size)):
        ask(survey=survey, member=member, probability=lot / len(members), day=day)
    return size


def _left_this_month(survey: Survey, day: dt.date) -> int:
    since = day - dt.timedelta(days=MONTH)
    return max(survey.most_a_month - survey.asked.filter(asked_on__gt=since).count(), 0)


@transaction.atomic
def ask(
    *,
    survey: Survey,
    member: User,
    probability: float,
    day: dt.date | None = None,
    target: Item | Topic | Event | Cohort | None = None,
) -> Asked | None:
    """Ask one member and tell them; None where they are to be left in peace."""
    day = day or site_day()
    hold_members(member.pk)
    mine = member.surveys_asked.all()
    number = mine.filter(quarter=quarter_of(day)).count() + 1
    if number > MOST_A_QUARTER or mine.filter(rests_until__gt=day).exists():
        return None
    asked = Asked.objects.create(
        survey=survey,
        member=member,
        target_kind=target.activity_kind if target else "",
        target_id=target.pk if target else None,
        probability=probability,
        asked_on=day,
        rests_until=day + dt.timedelta(days=REST_DAYS),
        quarter=quarter_of(day),
        number=number,
        tenure_days=max((day - site_day(member.date_joined)).days, 0),
        is_paying=holds(member, MEMBERSHIP),
    )
    tell(
        [member.pk],
        kind=Notification.Kind.SURVEY_ASKED,
        key=f"survey-{asked.pk}",
        target=asked,
    )
    return asked


# After an occasion -------------------------------------------------------------------


def ask_after(activity: Activity) -> None:
    """Perhaps ask about what was just finished or answered. Safe to repeat: the same
    deed has the same luck, and nobody is asked twice about a thing."""
    day = site_day(activity.at)
    occasion = OCCASIONS.get(activity.verb)
    survey = running(day).filter(occasion=occasion or "-").order_by("pk").first()
    if survey is None or day < site_day() - dt.timedelta(days=LATE_DAYS):
        return
    luck = random.Random(f"{survey.pk}:{activity.pk}").random()  # noqa: S311
    if luck >= survey.share or _left_this_month(survey, day) == 0:
        return
    target, member_id = _occasion(activity)
    people = User.objects.people().filter(pk=member_id or 0)
    member = people.filter(suspended_at=None, survey_refusal=None).first()
    if member is None or target is None:
        return
    known = Asked.objects.filter(
        survey=survey,
        member=member,
        target_kind=target.activity_kind,
        target_id=target.pk,
    )
    if not known.exists():
        ask(
            survey=survey,
            member=member,
            probability=survey.share,
            day=day,
            target=target,
        )


def _occasion(activity: Activity) -> tuple[Item | Topic | Event | None, int | None]:
    """What to ask about, and whom: the learner of a course, who came to an event, the
    asker of a question."""
    if activity.verb == Verb.EVENT_ATTENDED:
        event = Event.objects.filter(pk=activity.object_id or 0).first()
        return event, activity.member_id
    if activity.verb == Verb.COURSE_DONE:
        item = Item.objects.filter(pk=activity.object_id or 0).first()
        return item, activity.member_id
    asker = activity.data.get("asker")
    if asker == activity.member_id:
        return None, None  # their own answer
    return Topic.objects.filter(pk=activity.data.get("topic")).first(), asker


def ask_after_recent() -> int:
    """What the bell missed in the last two days; how many deeds were looked at."""
    since = timezone.now() - dt.timedelta(days=LATE_DAYS)
    found = Activity.objects.filter(at__gte=since, verb__in=list(OCCASIONS))
    for activity in found.order_by("at"):
        ask_after(activity)
    return found.count()


@transaction.atomic
def ask_each(*, occasion: str, members: QuerySet[User], target: Cohort) -> int:
    """Those who went through something together, as many as the survey's share says;
    how many were asked. Who rests, or wants to be asked nothing, is left in peace."""
    day, asked = site_day(), 0
    survey = running(day).filter(occasion=occasion).order_by("pk").first()
    if survey is None:
        return 0
    people = members.filter(is_active=True, suspended_at=None, survey_refusal=None)
    known = survey.asked.filter(target_kind=target.activity_kind, target_id=target.pk)
    people = people.exclude(pk__in=known.values("member")).order_by("pk")
    for member in people[: _left_this_month(survey, day)]:
        seed = f"{survey.pk}:{target.pk}:{member.pk}"
        if random.Random(seed).random() >= survey.share:  # noqa: S311
            continue
        asked += bool(
            ask(survey=survey, member=member, probability=survey.share, target=target)
        )
    return asked


# What the member does ----------------------------------------------------------------


def is_open(asked: Asked) -> bool:
    return site_day() <= asked.asked_on + dt.timedelta(days=OPEN_DAYS)


def open_for(member: User) -> Asked | None:
    """What the member is asked and has not answered."""
    since = site_day() - dt.timedelta(days=OPEN_DAYS)
    waiting = member.surveys_asked.filter(
        answered_at=None, declined_at=None, asked_on__gte=since
    )
    return waiting.select_related("survey").first()


def mark_seen(asked: Asked) -> None:
    if asked.seen_at is None:
        Asked.objects.filter(pk=asked.pk, seen_at=None).update(seen_at=timezone.now())


@transaction.atomic
def answer(*, asked: Asked, values: dict[str, int], comment: str) -> None:
    """Keep the answers, in place of earlier ones. Raises NotAllowedNow once closed."""
    asked = Asked.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if not is_open(asked):
        raise NotAllowedNow
    for question, value in values.items():
        asked.answers.update_or_create(question=question, defaults={"value": value})
    is_first = asked.answered_at is None
    asked.answered_at = asked.answered_at or timezone.now()
    asked.declined_at, asked.comment = None, comment
    asked.save(update_fields=["answered_at", "declined_at", "comment"])
    if is_first:
        record_activity(member=asked.member, verb=Verb.SURVEY_ANSWERED, target=asked)


@transaction.atomic
def decline(*, asked: Asked) -> None:
    """Not now: this one is not shown again."""
    Asked.objects.filter(pk=asked.pk, answered_at=None).update(
        declined_at=timezone.now()
    )


@transaction.atomic
def refuse(*, member: User) -> None:
    """Never ask me: also what waits is let be."""
    SurveyRefusal.objects.get_or_create(member=member)
    member.surveys_asked.filter(answered_at=None, declined_at=None).update(
        declined_at=timezone.now()
    )


def allow(*, member: User) -> None:
    SurveyRefusal.objects.filter(member=member).delete()


def has_refused(member: User) -> bool:
    return SurveyRefusal.objects.filter(member=member).exists()


def title_of(asked: Asked, member: User) -> str:
    """What it asks about, as far as the member may still see it."""
    about: Item | Topic | Event | None = None
    if asked.target_kind == Cohort.activity_kind:
        known = classmates.shown_to(member, [asked.target_id or 0])
        return known.get(asked.target_id or 0, ("", ""))[0]
    if asked.target_kind == Item.activity_kind:
        about = Item.objects.readable_by(member).filter(pk=asked.target_id).first()
    if asked.target_kind == Topic.activity_kind:
        about = Topic.objects.visible_to(member).filter(pk=asked.target_id).first()
    if asked.target_kind == Event.activity_kind:
        about = Event.objects.visible_to(member).filter(pk=asked.target_id).first()
    return about.title if about else ""


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """Title and address of each that this member is asked."""
    found = member.surveys_asked.filter(pk__in=numbers).select_related("survey")
    return {
        it.pk: (title_of(it, member) or str(it.survey), it.get_absolute_url())
        for it in found
    }
