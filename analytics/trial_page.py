"""What a trial says, in words: before it starts, while it runs, and once decided."""

from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.models import Trial, TrialRun
from analytics.numerics.experiments import FEWEST, FalseAlarms
from analytics.run_page import days, percent, rounded
from analytics.services import trials
from incentives.models import HoldOut

Numbers = dict[str, Any]
Verdict = TrialRun.Verdict


class Row(NamedTuple):
    """An effect, between what it lies, and how to read it."""

    name: str
    value: str
    low: str
    high: str
    note: str


def page(trial: Trial) -> dict[str, Any]:
    run = trial.looks[0] if trial.looks else None
    return {
        "trial": trial,
        "run": run,
        "verdict": _verdict(trial, run),
        "plan": _plan(trial, trials.plan(trial)) if not trial.started_at else [],
        "rows": _rows(trial, run) if run else [],
        "naive": _naive(trial, run) if run else None,
        "groups": _groups(run) if run else [],
        "cost": _cost(trial, run) if run else "",
    }


def in_short(trial: HoldOut, run: TrialRun) -> str:
    """The line of a list: nothing where nothing may be concluded."""
    kind = {Verdict.DECIDED: "cuped", Verdict.RUNNING: "always"}.get(
        Verdict(run.verdict)
    )
    if kind is None:
        return "–"
    it = run.numbers[kind]
    effect, low, high = (_shown(trial, it[name]) for name in ("effect", "low", "high"))
    return f"{effect} ({low} – {high})"


def _is_share(trial: HoldOut) -> bool:
    return trial.outcome == HoldOut.Outcome.PAID


def _shown(trial: HoldOut, value: float) -> str:
    return percent(value) if _is_share(trial) else days(value)


def _unit(trial: HoldOut) -> str:
    return _("of the members") if _is_share(trial) else _("days")


def _verdict(trial: Trial, run: TrialRun | None) -> str:
    if run is None and trial.started_at:
        return _("Nothing is counted yet: the night does it.")
    if run is None:
        return _("It has not started. This is what can be known of it now.")
    if run.verdict == Verdict.UNEVEN:
        return _(
            "The groups are not as large as chance makes them: something sorts members "
            "before they are counted. No conclusion is drawn until that is found."
        )
    if run.verdict == Verdict.TOO_FEW:
        return _(
            "Too few: it takes %(fewest)d members in each group whose 28 days are over."
        ) % {"fewest": FEWEST}
    told = {
        "effect": _effect_in_words(trial, run),
        "day": date_format(trial.decided_on),
    }
    if run.verdict == Verdict.RUNNING:
        return (
            _("It is running and will be decided on %(day)s. So far: %(effect)s") % told
        )
    return _("Decided, as was named before: %(effect)s") % told


def _effect_in_words(trial: Trial, run: TrialRun) -> str:
    it = run.numbers["cuped" if run.verdict == Verdict.DECIDED else "always"]
    told = {
        "effect": _shown(trial, abs(it["effect"])),
        "low": _shown(trial, it["low"]),
        "high": _shown(trial, it["high"]),
        "unit": _unit(trial),
    }
    if it["low"] > 0:
        words = _("%(effect)s %(unit)s more (between %(low)s and %(high)s).")
    elif it["high"] < 0:
        words = _("%(effect)s %(unit)s fewer (between %(low)s and %(high)s).")
    else:
        words = _(
            "not to be told from nothing (between %(low)s and %(high)s %(unit)s)."
        )
    return words % told


def _rows(trial: Trial, run: TrialRun) -> list[Row]:
    numbers = run.numbers
    told = [
        (
            "cuped",
            _("Less what goes with the visits before"),
            _("The number that counts on the named day; before, looking misleads."),
        ),
        (
            "plain",
            _("The plain difference of the two groups"),
            _("Says the same with a wider interval."),
        ),
        (
            "always",
            _("At every look"),
            _("Holds however often it is looked at; wider for that."),
        ),
    ]
    return [
        _row(trial, name, numbers[key], note)
        for key, name, note in told
        if key in numbers
    ]


def _row(trial: Trial, name: str, it: Numbers, note: str) -> Row:
    effect, low, high = (_shown(trial, it[key]) for key in ("effect", "low", "high"))
    return Row(name, effect, low, high, note)


def _naive(trial: Trial, run: TrialRun) -> Row | None:
    if "naive" not in run.numbers:
        return None
    note = _(
        "It misleads: whoever is chosen because of how they were, or at the moment "
        "they did something, would be otherwise later also without it, and so would "
        "everybody in another season. Those held out show by how much."
    )
    name = _("After, less before, of those who received it")
    return _row(trial, name, run.numbers["naive"], note)


def _groups(run: TrialRun) -> list[tuple[str, int, int, str]]:
    """Name, drawn, counted, mean of each."""
    numbers = run.numbers
    return [
        (
            name,
            numbers["drawn"][arm],
            numbers[arm],
            rounded(numbers[mean], 3) if mean in numbers else "–",
        )
        for arm, mean, name in (
            ("treated", "mean_treated", _("received it")),
            ("held_out", "mean_held_out", _("held out")),
        )
    ]


def _cost(trial: Trial, run: TrialRun) -> str:
    """In points for one more day, or for one more who pays."""
    numbers = run.numbers
    if not numbers["points"]:
        return _("It gave no points.")
    told = {"points": numbers["points"], "each": rounded(numbers.get("each", 0), 1)}
    words = _("It gave %(points)s points, %(each)s for each member who received it.")
    it = numbers.get("cuped")
    if not it or run.verdict == Verdict.UNEVEN:
        return words % told
    if it["low"] <= 0:
        more = _("What one more costs cannot be told: the effect may be nothing.")
        return f"{words % told} {more}"
    told |= {
        "least": rounded(numbers["each"] / it["high"], 1),
        "most": rounded(numbers["each"] / it["low"], 1),
        "cost": rounded(numbers["each"] / it["effect"], 1),
    }
    more = (
        _("One more who pays cost %(cost)s points (%(least)s to %(most)s).")
        if _is_share(trial)
        else _("One more day cost %(cost)s points (%(least)s to %(most)s).")
    )
    return f"{words} {more}" % told


def _plan(trial: Trial, plan: Numbers) -> list[str]:
    told = {**plan, "percent": trial.percent, "fewest": 2 * FEWEST}
    said = [
        _(
            "Judged by the past, %(members)s members will be drawn, of whom "
            "%(counted)s have agreed to be counted."
        )
        % told
    ]
    if "detectable" not in plan:
        return [*said, _("That is too few: it takes %(fewest)s at least.") % told]
    return [*said, *_what_it_can_find(trial, plan)]


def _what_it_can_find(trial: Trial, plan: Numbers) -> list[str]:
    told = {
        "mean": _shown(trial, plan["mean"]),
        "spread": _shown(trial, plan["spread"]),
        "rho": rounded(plan["correlation"], 2),
        "detectable": _shown(trial, plan["detectable"]),
        "smallest": _shown(trial, trial.smallest_effect),
        "needed": plan["needed"],
        "unit": _unit(trial),
    }
    said = [
        _(
            "In the last 28 days their mean was %(mean)s with a spread of %(spread)s; "
            "the visits before go with it by %(rho)s."
        )
        % told,
        _(
            "The smallest effect that four trials in five would find is %(detectable)s "
            "%(unit)s."
        )
        % told,
        _("To find %(smallest)s %(unit)s it takes %(needed)s members.") % told,
    ]
    if plan["needed"] > plan["counted"]:
        said.append(
            _(
                "So it will probably show nothing, whether it does something or not: "
                "hold out more, count longer, or do it without a trial."
            )
        )
    return said


def false_alarms(found: FalseAlarms | None) -> str:
    if found is None:
        return _("Too few members to try it on.")
    told = {"runs": found.runs, "share": percent(found.share)}
    if found.is_honest:
        return (
            _(
                "Dealt %(runs)s times without doing anything: %(share)s claim an "
                "effect, as many as should (5 %%)."
            )
            % told
        )
    return (
        _(
            "Dealt %(runs)s times without doing anything: %(share)s claim an effect, "
            "where 5 %% should. Trust the intervals less than they say."
        )
        % told
    )
