"""What an incentive did: the members it reached, next to those chance held out."""

import datetime as dt
from typing import Any

import numpy as np

from accounts.services import journal
from analytics import incentive_data
from analytics.incentive_data import MOST_REPLAYED, Group, Likely
from analytics.models import TrialRun
from analytics.numerics import experiments
from analytics.numerics.experiments import FEWEST, Effect, FalseAlarms
from incentives.models import HoldOut
from incentives.services import holdouts

Numbers = dict[str, Any]
Verdict = TrialRun.Verdict


def measure_all(as_of: dt.date) -> dict[str, Any]:
    """Look at every trial that has started and is not decided."""
    open_ones = HoldOut.objects.exclude(started_at=None).exclude(runs__is_final=True)
    found = [measure(it, as_of) for it in open_ones.select_related("rule", "campaign")]
    return {"trials": len(found), "decided": sum(run.is_final for run in found)}


def measure(hold_out: HoldOut, as_of: dt.date) -> TrialRun:
    """What is known at the end of a day; the same day again replaces it.

    On the day that was named before, and on no other, it is decided; what was decided
    goes into the journal.
    """
    final = hold_out.runs.filter(is_final=True).first()
    if final:
        return final
    is_final = as_of >= hold_out.until + incentive_data.WINDOW
    numbers = _numbers(hold_out, as_of)
    run, _is_new = TrialRun.objects.update_or_create(
        hold_out=hold_out,
        as_of=as_of,
        defaults={
            "numbers": numbers,
            "is_final": is_final,
            "verdict": _verdict(numbers, is_final),
        },
    )
    if run.is_final and run.verdict == Verdict.DECIDED:
        for target in (hold_out, hold_out.subject):
            journal.fill(target, _finding(run))
    return run


def _numbers(hold_out: HoldOut, as_of: dt.date) -> Numbers:
    drawn = incentive_data.drawn(hold_out)
    groups = incentive_data.groups(hold_out, as_of)
    treated, control = groups["treated"], groups["held_out"]
    found: Numbers = {
        "drawn": drawn,
        "ratio_p": experiments.ratio_p(
            drawn["treated"], drawn["held_out"], hold_out.percent / 100
        ),
        "treated": int(treated.arm.n),
        "held_out": int(control.arm.n),
        "points": holdouts.points_given(hold_out),
    }
    if min(treated.arm.n, control.arm.n) < FEWEST:
        return found
    plain = experiments.difference(treated.arm, control.arm)
    cuped = experiments.cuped(treated.arm, control.arm)
    smallest = hold_out.smallest_effect
    return found | {
        "mean_treated": treated.arm.mean,
        "mean_held_out": control.arm.mean,
        "plain": _interval(plain, *plain.interval()),
        "cuped": _interval(cuped, *cuped.interval()),
        "always": _interval(cuped, *cuped.always_valid(smallest)),
        "correlation": experiments.correlation(treated.arm, control.arm),
        "naive": _before_and_after(treated),
        "each": found["points"] / max(drawn["treated"], 1),
    }


def _interval(effect: Effect, low: float, high: float) -> Numbers:
    return {"effect": effect.estimate, "low": low, "high": high}


def _before_and_after(group: Group) -> Numbers:
    """What is often told in place of an effect, and is none."""
    n, mean = group.arm.n, group.change / group.arm.n
    variance = (group.change_squared / n - mean * mean) / (n - 1)
    effect = Effect(mean, variance)
    return _interval(effect, *effect.interval())


def _verdict(numbers: Numbers, is_final: bool) -> Verdict:
    if numbers["ratio_p"] < experiments.RATIO_BLOCKS:
        return Verdict.UNEVEN
    if "plain" not in numbers:
        return Verdict.TOO_FEW
    return Verdict.DECIDED if is_final else Verdict.RUNNING


def _finding(run: TrialRun) -> Numbers:
    members = run.numbers["treated"] + run.numbers["held_out"]
    return {**run.numbers["cuped"], "members": members}


# Before the start -----------------------------------------------------------------


def plan(hold_out: HoldOut) -> Numbers:
    """How many members can be expected, and the smallest effect they would show."""
    return _planned(hold_out, incentive_data.likely(hold_out))


def _planned(hold_out: HoldOut, likely: Likely) -> Numbers:
    known = len(likely.after)
    found: Numbers = {"members": likely.members, "counted": known}
    if known < 2 * FEWEST:
        return found
    spread = float(likely.after.std(ddof=1))
    correlation = _correlation(likely)
    share = hold_out.percent / 100
    terms = (share, spread, correlation)
    return found | {
        "mean": float(likely.after.mean()),
        "spread": spread,
        "correlation": correlation,
        "detectable": experiments.smallest_detectable(known, *terms),
        "needed": experiments.members_needed(hold_out.smallest_effect, *terms),
    }


def _correlation(likely: Likely) -> float:
    if likely.after.std() == 0 or likely.before.std() == 0:
        return 0.0
    return float(np.corrcoef(likely.after, likely.before)[0, 1])


def replay_nothing(hold_out: HoldOut) -> FalseAlarms | None:
    """Deal the members of the past 28 days a thousand times, and treat nobody: does
    one in twenty claim an effect? None where they are too few."""
    likely = incentive_data.likely(hold_out)
    if len(likely.after) < 2 * FEWEST:
        return None
    return experiments.replay_nothing(
        likely.after[:MOST_REPLAYED],
        likely.before[:MOST_REPLAYED],
        hold_out.percent / 100,
        np.random.default_rng(hold_out.pk),
    )
