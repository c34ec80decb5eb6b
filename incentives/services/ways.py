"""How points are earned, as a member reads it: what pays, within which bounds, and
what they did of it lately."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Space, User
from incentives.models import Award, PointRule
from incentives.services.awarding import DAY

LATELY = 30  # days


@dataclass(frozen=True)
class Way:
    """`terms` are sentences; `times` and `earned` are of the last thirty days."""

    title: str
    points: str
    terms: list[str]
    times: int
    earned: int
    unpaid: int


def ways_of(
    member: User, *, language: str, now: dt.datetime | None = None
) -> list[Way]:
    """Of the rules that pay now; none of a space that this member may not see."""
    now = now or timezone.now()
    rules = PointRule.objects.in_force(now).select_related("space")
    done = _lately(member, now)
    return [
        _way(rule, done.get(rule.family, (0, 0, 0)), language)
        for rule in rules.filter(_is_shown_to(member)).order_by("-points", "pk")
    ]


def _is_shown_to(member: User) -> Q:
    roles = member.role_grants.filter(revoked_at=None).values("role")
    spaces = Space.objects.visible_to(member)
    return Q(Q(space=None) | Q(space__in=spaces), Q(role="") | Q(role__in=roles))


def _lately(member: User, now: dt.datetime) -> dict[object, tuple[int, int, int]]:
    awards = Award.objects.filter(
        member=member, awarded_at__gte=now - LATELY * DAY, undone_at=None
    )
    paid = Q(points__gt=0)
    rows = awards.order_by().values_list("family")
    counted = rows.annotate(
        paid=Count("pk", filter=paid), earned=Sum("points"), all=Count("pk")
    )
    return {
        family: (times, earned, number - times)
        for family, times, earned, number in counted
    }


def _way(rule: PointRule, done: tuple[int, int, int], language: str) -> Way:
    times, earned, unpaid = done
    return Way(
        title=rule.title_in(language),
        points=_worth(rule),
        terms=list(_terms(rule)),
        times=times,
        earned=earned,
        unpaid=unpaid,
    )


def _worth(rule: PointRule) -> str:
    if not rule.per:
        return f"+{rule.points}"
    if rule.most is None:
        return _("+%(points)d for each") % {"points": rule.points}
    words = _("+%(points)d for each, at most %(most)d")
    return words % {"points": rule.points, "most": rule.most}


def _terms(rule: PointRule) -> Iterator[str]:
    if rule.space:
        yield _("In the space “%(space)s”.") % {"space": rule.space}
    yield from _turn(rule)
    if rule.further_percent < 100:
        words = (
            _("Each further one on the same day pays %(percent)d %% of the one before.")
            if rule.further_in == PointRule.Window.DAY
            else _(
                "Each further one in the same week pays %(percent)d %% of the one "
                "before."
            )
        )
        yield words % {"percent": rule.further_percent}
    yield from _bounds(rule)
    if rule.wait_days:
        yield ngettext(
            "They can be spent a day later.",
            "They can be spent %(days)d days later.",
            rule.wait_days,
        ) % {"days": rule.wait_days}
    if rule.valid_months:
        yield ngettext(
            "They are valid for a month.",
            "They are valid for %(months)d months.",
            rule.valid_months,
        ) % {"months": rule.valid_months}


def _turn(rule: PointRule) -> Iterator[str]:
    words = {
        PointRule.Turn.NTH: _("Once, for time number %(n)d."),
        PointRule.Turn.EACH_NTH: _("For every %(n)d times."),
        PointRule.Turn.STREAK: _("After %(n)d days in a row."),
    }
    if rule.turn == PointRule.Turn.NTH and rule.turn_number == 1:
        yield _("For the first time.")
    elif text := words.get(PointRule.Turn(rule.turn)):
        yield text % {"n": rule.turn_number}


def _bounds(rule: PointRule) -> Iterator[str]:
    if rule.cap_day:
        yield _("At most %(points)d points a day.") % {"points": rule.cap_day}
    if rule.cap_week:
        yield _("At most %(points)d points a week.") % {"points": rule.cap_week}
    if rule.cap_all:
        yield _("At most %(points)d points in all.") % {"points": rule.cap_all}
    if rule.rest_minutes:
        yield ngettext(
            "Then a pause of a minute.",
            "Then a pause of %(minutes)d minutes.",
            rule.rest_minutes,
        ) % {"minutes": rule.rest_minutes}
