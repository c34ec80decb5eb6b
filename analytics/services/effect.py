"""What events are worth: who came, what they said, and what they did afterwards next to
like members who were not there. An association, never a cause: see the page."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from analytics import effect_data
from analytics.effect_data import COVARIATES, Bools, Ended, Floats, People
from analytics.models import EffectRun
from analytics.numerics import matching
from analytics.numerics.matching import Pairs
from analytics.numerics.pooling import FEWEST as FEWEST_FORMS
from analytics.numerics.pooling import shrunk_means
from analytics.numerics.recruiting import shrunk_rates
from analytics.services.groups import FEWEST
from community.lib.intervals import wilson

Verdict = EffectRun.Verdict
Numbers = dict[str, Any]

FEWEST_PAIRS = 30
# Standard deviations by which a covariate may differ and still be taken out by the
# regression: Rubin, Health Services and Outcomes Research Methodology 2 (2001) 169-188.
ALIKE = 0.25
SAME = 1e-9


def measure(as_of: dt.date) -> dict[str, Any]:
    """Look at all events of the last year and keep what is found; the same day again
    replaces it."""
    events = effect_data.ended(as_of)
    followed = [event for event in events if event.is_followed(as_of)]
    people = effect_data.people(followed, as_of)
    pairs = _pairs(people, followed)
    whole = _compared(people, pairs)
    numbers = {
        "events": [_event(event, people, pairs) for event in events],
        "followed": len(followed),
        "whole": whole,
        "forms": _forms(events, people, pairs),
    }
    verdict = _verdict(whole)
    EffectRun.objects.update_or_create(
        as_of=as_of, defaults={"verdict": verdict, "numbers": numbers}
    )
    return {"events": len(events), "pairs": len(pairs), "verdict": str(verdict)}


def _verdict(whole: Numbers) -> Verdict:
    """Of the comparison as a whole: without days before it that show nothing, and
    covariates that are alike, the days after it say nothing either."""
    if "days" not in whole:
        return Verdict.TOO_LITTLE
    placebo = whole.get("placebo")
    if placebo is None:
        return Verdict.TOO_LITTLE
    agrees = placebo["low"] <= 0 <= placebo["high"]
    is_alike = all(abs(row["after"]) <= ALIKE for row in whole["balance"])
    return Verdict.ALIKE if agrees and is_alike else Verdict.UNLIKE


# Pairs ------------------------------------------------------------------------


def _pairs(people: People, events: Sequence[Ended]) -> Pairs:
    """Within each form, as people come to each for reasons of its own."""
    found = [Pairs(_nobody(), _nobody())]
    for kind in sorted({event.kind for event in events}):
        numbers = [event.pk for event in events if event.kind == kind]
        rows = np.flatnonzero(np.isin(people.event, numbers) & (people.came >= 0))
        came = people.came[rows] == 1
        if came.any() and not came.all():
            odds = matching.log_odds(came, people.covariates[rows])
            pairs = matching.match(people.strata[rows], came, odds)
            found.append(Pairs(rows[pairs.came], rows[pairs.other]))
    return Pairs(
        np.concatenate([it.came for it in found]),
        np.concatenate([it.other for it in found]),
    )


def _nobody() -> effect_data.Ints:
    return np.array([], dtype=np.int64)


def _compared(people: People, pairs: Pairs) -> Numbers:
    """All that is said of one set of pairs, beside what would have misled."""
    came, others = people.came == 1, people.came == 0
    found: Numbers = {"came": int(came.sum()), "pairs": len(pairs)}
    if len(pairs) < FEWEST_PAIRS:
        return found
    before, after = matching.balance(
        people.covariates[came | others], came[came | others], _within(pairs, people)
    )
    found |= {
        "balance": [
            {"name": name, "before": float(was), "after": float(now)}
            for name, was, now in zip(COVARIATES, before, after, strict=True)
        ],
        "mean_came": float(people.after[pairs.came].mean()),
        "mean_other": float(people.after[pairs.other].mean()),
        "days": _effect(people, pairs, people.after),
        "took_part": _effect(people, pairs, people.took_part),
        "placebo": _effect(people, pairs, people.before),
        "renewal": _effect(people, pairs, people.renewed),
        "plain": _difference(people.after, came, others),
        "absent": _difference(people.after, came, people.came == -1),
    }
    return found


def _within(pairs: Pairs, people: People) -> Pairs:
    """The pairs by the rows of those who came or had no seat."""
    places = np.cumsum(people.came >= 0) - 1
    return Pairs(places[pairs.came], places[pairs.other])


def _effect(people: People, pairs: Pairs, outcome: Floats) -> Numbers | None:
    """Only of pairs of which both are known; None where that tells nothing."""
    pairs = pairs.where(~np.isnan(outcome[pairs.came] + outcome[pairs.other]))
    if len(pairs) < FEWEST_PAIRS:
        return None
    found = matching.effect(pairs, outcome, people.covariates, people.member)
    if found.error < SAME:  # all did the same: how far chance reaches cannot be told
        return None
    return {**asdict(found), "pairs": len(pairs)}


def _difference(outcome: Floats, ours: Bools, others: Bools) -> Numbers | None:
    n = int(others.sum())
    if min(n, int(ours.sum())) < FEWEST:
        return None
    return {**asdict(matching.difference(outcome[ours], outcome[others])), "others": n}


# Each event -------------------------------------------------------------------


def _event(event: Ended, people: People, pairs: Pairs) -> Numbers:
    known = event.came + event.missed
    ours = people.where(people.event == event.pk)
    found: Numbers = {
        "event": event.pk,
        "came": event.came,
        "known": known,
        "unknown": event.unknown,
        "rate": wilson(event.came, known) if event.is_noted else None,
        "ratings": event.ratings,
        "stars": _stars(event.stars, event.ratings),
        "questions": event.questions,
        "staff_minutes": event.staff_minutes,
        "pairs": None,
    }
    if len(ours.event):
        mine = pairs.where(people.event[pairs.came] == event.pk)
        found["pairs"] = len(mine)
        found["days"] = _effect(people, mine, people.after)
    return found


def _stars(total: int, ratings: int) -> Numbers | None:
    """Their mean; each star over the first counts as a quarter of a hit, which makes
    the interval rather too wide."""
    if not ratings:
        return None
    share = (total - ratings) / 4 / ratings
    low, high = wilson((total - ratings) / 4, ratings)
    # As if one more had given the best and one the worst: five times five is no proof.
    likely = (share * ratings + 1) / (ratings + 2)
    return {
        "value": 1 + 4 * share,
        "low": 1 + 4 * low,
        "high": 1 + 4 * high,
        "error": 4 * (likely * (1 - likely) / ratings) ** 0.5,
    }


# Forms ------------------------------------------------------------------------


def _forms(events: Sequence[Ended], people: People, pairs: Pairs) -> list[Numbers]:
    """Each form of event, its figures drawn to those of all forms where there are
    enough of them."""
    kinds = sorted({event.kind for event in events})
    rows = [_form(kind, events, people, pairs) for kind in kinds]
    _shrink_rates(rows)
    _shrink(rows, "days")
    _shrink(rows, "stars")
    for row in rows:
        row["days_an_hour"] = _an_hour(row)
    return rows


def _form(kind: str, events: Sequence[Ended], people: People, pairs: Pairs) -> Numbers:
    ours = [event for event in events if event.kind == kind]
    noted = [event for event in ours if event.is_noted]
    timed = [event for event in noted if event.staff_minutes]
    numbers = [event.pk for event in ours]
    mine = pairs.where(np.isin(people.event[pairs.came], numbers))
    return {
        "kind": kind,
        "events": len(ours),
        "came": sum(event.came for event in noted),
        "known": sum(event.came + event.missed for event in noted),
        "ratings": sum(event.ratings for event in ours),
        "stars": _stars(
            sum(event.stars for event in ours), sum(event.ratings for event in ours)
        ),
        "questions": sum(event.questions for event in ours),
        "pairs": len(mine),
        "days": _effect(people, mine, people.after),
        "placebo": _effect(people, mine, people.before),
        "renewal": _effect(people, mine, people.renewed),
        "timed": len(timed),
        "timed_came": sum(event.came for event in timed),
        "staff_minutes": sum(event.staff_minutes or 0 for event in timed),
    }


def _shrink_rates(rows: list[Numbers]) -> None:
    if not rows:
        return
    came = np.array([row["came"] for row in rows])
    known = np.array([row["known"] for row in rows])
    rates = shrunk_rates(came, known)
    for n, row in enumerate(rows):
        names = ("rate", "low", "high")
        found = {name: float(getattr(rates, name)[n]) for name in names}
        row["rate"] = found if row["known"] else None


def _shrink(rows: list[Numbers], name: str) -> None:
    """In place; with fewer than three of them, each stays as it is."""
    told = [row for row in rows if row[name] and row[name]["error"] > 0]
    if len(told) < FEWEST_FORMS:
        return
    means = shrunk_means(
        np.array([row[name]["value"] for row in told]),
        np.array([row[name]["error"] for row in told]),
    )
    for n, row in enumerate(told):
        row[name] |= {
            "alone": row[name]["value"],
            "value": float(means.mean[n]),
            "low": float(means.low[n]),
            "high": float(means.high[n]),
        }


def _an_hour(row: Numbers) -> Numbers | None:
    """More active days of all who came, for each hour of staff work."""
    if not row["days"] or not row["staff_minutes"]:
        return None
    people_an_hour = row["timed_came"] / (row["staff_minutes"] / 60)
    return {
        name: row["days"][name] * people_an_hour for name in ("value", "low", "high")
    }
