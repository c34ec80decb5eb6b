"""Feedback in numbers: how much of what, week by week, and how soon it was answered."""

import datetime as dt
from collections import Counter
from statistics import median
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from community.lib.charts import Chart, Point
from community.lib.dates import site_day, start_of
from community.lib.intervals import poisson, wilson
from content.models import Feedback, FeedbackArea, FeedbackSubject

WEEKS = 12
FEWEST = 5


def report() -> dict[str, Any]:
    """The last twelve whole weeks and the one at hand, by area and by subject."""
    monday = site_day() - dt.timedelta(days=site_day().weekday())
    weeks = [monday - dt.timedelta(weeks=WEEKS - n) for n in range(WEEKS + 1)]
    found = Feedback.objects.filter(created_at__gte=start_of(weeks[0]))
    rows = list(
        found.values_list("pk", "area_id", "created_at", "due_at", "answered_at")
    )
    week_of = {
        pk: (day := site_day(at)) - dt.timedelta(days=day.weekday())
        for pk, _area, at, _due, _answered in rows
    }
    tagged = list(found.filter(subjects__isnull=False).values_list("subjects", "pk"))
    return {
        "chart": _chart(weeks, Counter(week_of.values())),
        "weeks": weeks,
        "tables": [
            _table(
                _("Areas"), FeedbackArea, [(row[1], row[0]) for row in rows], week_of
            ),
            _table(_("Subjects"), FeedbackSubject, tagged, week_of),
        ],
        "speed": _speed(rows),
    }


def _chart(weeks: list[dt.date], counts: Counter[dt.date]) -> Chart:
    points = [
        Point(
            f"{week:%m-%d}",
            counts[week],
            *(round(end, 1) for end in poisson(counts[week])),
        )
        for week in weeks
    ]
    return Chart(_("Feedback by week"), points, _("week from"), _("feedback"))


def _table(
    title: str, model: Any, pairs: list[tuple[int, int]], week_of: dict[int, dt.date]
) -> dict[str, Any]:
    """(name, its counts by week, all, low, high), what is said most first."""
    counts: dict[int, Counter[dt.date]] = {}
    for thing, pk in pairs:
        counts.setdefault(thing, Counter())[week_of[pk]] += 1
    names = model.objects.in_bulk(list(counts))
    rows = [
        (str(names[thing]), by_week, by_week.total(), *poisson(by_week.total()))
        for thing, by_week in counts.items()
    ]
    return {"title": title, "rows": sorted(rows, key=lambda row: -row[2])}


def _speed(rows: list[Any]) -> dict[str, Any] | None:
    """Of what was answered or is overdue; None below five, where nothing is said."""
    now = timezone.now()
    told = [(at, due, answered) for _pk, _area, at, due, answered in rows]
    judged = [it for it in told if it[2] or it[1] < now]
    hours = [
        (answered - at).total_seconds() / 3600 for at, _d, answered in told if answered
    ]
    if len(judged) < FEWEST or not hours:
        return None
    in_time = sum(1 for _at, due, answered in judged if answered and answered <= due)
    low, high = wilson(in_time, len(judged))
    return {
        "answered": len(hours),
        "median": round(median(hours), 1),
        "judged": len(judged),
        "in_time": in_time,
        "share": round(100 * in_time / len(judged)),
        "low": round(100 * low),
        "high": round(100 * high),
    }
