"""What events are worth, put into words from what the night kept."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from analytics.effect_data import CHALLENGE
from analytics.models import EffectRun
from analytics.run_page import days, percent, rounded
from community.lib.dates import site_day
from content.models import Challenge, Event

Numbers = dict[str, Any]


class Row(NamedTuple):
    """A figure, between what it lies 19 in 20 times, and what it means."""

    name: str
    value: str
    low: str
    high: str
    of: int
    note: str


class Alike(NamedTuple):
    name: str
    before: str
    after: str


def page(run: EffectRun) -> dict[str, Any]:
    """What the template needs beside the run itself."""
    numbers, whole = run.numbers, run.numbers["whole"]
    titles = _titles(row["event"] for row in numbers["events"])
    return {
        "run": run,
        "verdict": _verdict(run),
        "whole": whole,
        "left_out": whole["came"] - whole["pairs"],
        "rows": _rows(whole),
        "misleading": _misleading(whole),
        "balance": [_alike(row) for row in whole.get("balance", ())],
        "mean_came": _mean(whole, "mean_came"),
        "mean_other": _mean(whole, "mean_other"),
        "forms": [_form(row) for row in numbers["forms"]],
        "events": [
            _event(row, titles[row["event"]])
            for row in numbers["events"]
            if row["event"] in titles
        ],
    }


def _titles(numbers: Iterable[int]) -> dict[int, Event | Challenge]:
    """Only numbers are kept: an event is called what it is called now."""
    told = list(numbers)
    camps = Challenge.objects.in_bulk([-it for it in told if it < 0])
    return {
        **Event.objects.in_bulk([it for it in told if it > 0]),
        **{-pk: camp for pk, camp in camps.items()},
    }


def _kind(name: str) -> str:
    return _("Challenge") if name == CHALLENGE else str(Event.Kind(name).label)


def _verdict(run: EffectRun) -> str:
    return {
        EffectRun.Verdict.ALIKE: _(
            "Who came was compared with members who were alike before, also in what "
            "they were not matched on."
        ),
        EffectRun.Verdict.UNLIKE: _(
            "Who came was otherwise before the event already, next to those they are "
            "compared with: what follows after it does not say what the event did."
        ),
        EffectRun.Verdict.TOO_LITTLE: _(
            "There is too little data: it takes 30 members who came, each with a like "
            "one who did not, and 28 days that passed since."
        ),
    }[EffectRun.Verdict(run.verdict)]


def _rows(whole: Numbers) -> list[Row]:
    told = [
        (
            "days",
            _("Active days in the 28 days after"),
            days,
            _("of who came, more than of the like members"),
        ),
        (
            "took_part",
            _("Days with a post in the 28 days after"),
            days,
            _("opening a page to rate the event is no post"),
        ),
        (
            "placebo",
            _("Placebo: active days in the 28 days before those matched on"),
            days,
            _("the event cannot have changed them: the interval has to hold 0"),
        ),
        (
            "renewal",
            _("Renewed at the next due date"),
            _points,
            _("of pairs in which both had a membership that fell due"),
        ),
    ]
    return [
        _row(name, whole[key], shown, note, whole[key]["pairs"])
        for key, name, shown, note in told
        if whole.get(key)
    ]


def _misleading(whole: Numbers) -> list[Row]:
    told = [
        (
            "plain",
            _("Next to everybody who had no seat"),
            _("who comes was more active long before"),
        ),
        (
            "absent",
            _("Next to those who registered and did not come"),
            _("who stays away has less time or interest in that month anyway"),
        ),
    ]
    return [
        _row(name, whole[key], days, note, whole[key]["others"])
        for key, name, note in told
        if whole.get(key)
    ]


def _row(name: str, found: Numbers, shown: Any, note: str, of: int) -> Row:
    value, low, high = (_signed(shown, found[it]) for it in ("value", "low", "high"))
    return Row(name, value, low, high, of, note)


def _signed(shown: Any, value: float) -> str:
    return f"{'+' if value >= 0 else '−'}{shown(abs(value))}"


def _points(share: float) -> str:
    return _("%(points)s points of %%") % {"points": rounded(100 * share, 1)}


def _mean(whole: Numbers, name: str) -> str:
    return days(whole[name]) if name in whole else ""


def _alike(row: Numbers) -> Alike:
    names = {
        "visits": _("active days in the 28 days before"),
        "last_week": _("active days in the week before"),
        "long_before": _("active days from 84 to 57 days before"),
        "interactions": _("posts in the 28 days before"),
        "content": _("content consumed in the 28 days before"),
        "tenure": _("days as a member"),
        "earlier_events": _("events attended in the 180 days before"),
    }
    return Alike(
        names[row["name"]], rounded(row["before"], 2), rounded(row["after"], 2)
    )


# Forms and events -----------------------------------------------------------------


def _form(row: Numbers) -> Numbers:
    placebo = row["placebo"]
    differed = placebo is not None and not placebo["low"] <= 0 <= placebo["high"]
    rate = row["rate"]
    return {
        "name": _kind(row["kind"]),
        "events": row["events"],
        "came": row["came"],
        "known": row["known"],
        "rate": rate and _share(rate["rate"], rate["low"], rate["high"]),
        "stars": _stars(row["stars"]),
        "ratings": row["ratings"],
        "questions": row["questions"],
        "pairs": row["pairs"],
        "days": _change(row["days"]),
        "differed": differed,
        "renewal": _change(row.get("renewal"), _points),
        "hours": rounded(row["staff_minutes"] / 60, 1) if row["timed"] else "",
        "timed": row["timed"],
        "days_an_hour": _change(row["days_an_hour"]),
    }


def _event(row: Numbers, event: Event | Challenge) -> Numbers:
    minutes = row["staff_minutes"]
    return {
        "title": event.title,
        "url": event.get_absolute_url(),
        "form": _kind(event.kind if isinstance(event, Event) else CHALLENGE),
        "day": _first_day(event),
        "came": row["came"],
        "known": row["known"],
        "unknown": row["unknown"],
        "rate": row["rate"] and _share(row["came"] / row["known"], *row["rate"]),
        "stars": _stars(row["stars"]),
        "ratings": row["ratings"],
        "questions": row["questions"],
        "pairs": row["pairs"],
        "days": _change(row.get("days")),
        "hours": "" if minutes is None else rounded(minutes / 60, 1),
        "came_an_hour": rounded(row["came"] * 60 / minutes, 1) if minutes else "",
    }


def _first_day(event: Event | Challenge) -> dt.date:
    return site_day(event.starts_at) if isinstance(event, Event) else event.first_day


def _share(share: float, low: float, high: float) -> str:
    return f"{percent(share)} ({percent(low)} – {percent(high)})"


def _stars(found: Numbers | None) -> str:
    """Drawn to other forms, an end may lie beyond the last star."""
    if not found:
        return ""
    keys = ("value", "low", "high")
    value, low, high = (rounded(min(max(found[it], 1), 5), 1) for it in keys)
    return f"{value} ({low} – {high})"


def _change(found: Numbers | None, shown: Any = days) -> str:
    if not found:
        return ""
    value, low, high = (_signed(shown, found[key]) for key in ("value", "low", "high"))
    return f"{value} ({low} – {high})"
