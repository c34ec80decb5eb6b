"""The activity model: how many days a member will be active in the coming 28.

active days = constant + a · interactions + b · visits + c · content

fitted on a snapshot in the past, whose coming 28 days are known, and judged on
members held out and against saying "as in the last 28 days".
"""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from statistics import fmean
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Space
from analytics import datasets
from analytics.datasets import BANDS, FOLDS, INPUTS, WINDOW, Caps
from analytics.models import ModelRun
from analytics.numerics import evaluation, regression
from analytics.numerics.evaluation import Bands, Cells
from analytics.numerics.regression import Estimate, Fit, HeldOut, explained
from analytics.numerics.scan import Judged
from analytics.numerics.sums import Sums, by_fold, total

# Fewer members, or groups of members, say nothing about anybody else.
FEWEST_MEMBERS = 50
FEWEST_GROUPS = 20
ORIGINS = 6
PERSISTENCE = tuple(1.0 if name == "visits" else 0.0 for name in INPUTS)


class TooLittleData(Exception):
    """There is nothing to fit; the argument says why, in a word for the run page."""


@dataclass
class Fitted:
    """One snapshot's fit, and all that is said about it. Errors are in days."""

    snapshot: dt.date
    caps: Caps
    fit: Fit
    without_constant: Fit
    se_hc3: Sequence[float]
    parameters: Estimate
    drivers: Estimate
    held_out: list[HeldOut]
    judged: Judged
    gain: regression.Gain
    persistence: dict[str, float]
    mean: dict[str, float]
    bands: Bands
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def cv(self) -> dict[str, float]:
        """Means over the folds."""
        return {
            "r2": fmean(part.r2 for part in self.held_out),
            "rmse": fmean(part.rmse for part in self.held_out),
            "mae": fmean(self.judged.mae.values()),
        }

    @property
    def verdict(self) -> ModelRun.Verdict:
        if self.gain.low > 0:
            return ModelRun.Verdict.BETTER
        return ModelRun.Verdict.NOTHING


def fit_snapshot(
    space: Space, snapshots: dt.date | Sequence[dt.date], *, caps: Caps
) -> Fitted:
    """Fit and judge the model on one snapshot, or on several at once.

    Raises TooLittleData.
    """
    dates = [snapshots] if isinstance(snapshots, dt.date) else list(snapshots)
    with datasets.activity_snapshot(space, dates):
        return fit_table(dates[-1], caps)


def fit_table(snapshot: dt.date, caps: Caps) -> Fitted:
    """The same on the temporary table that is there."""
    clock = Clock()
    groups = datasets.group_sums(caps)
    require_enough(groups)
    sums = total(groups.values())
    clock.lap("collection")

    fit = regression.least_squares(sums)
    without_constant = regression.least_squares(sums, constant=False)
    parameters = regression.jackknife(
        groups, lambda part: regression.least_squares(part).parameters.tolist()
    )
    drivers = regression.jackknife(
        groups, lambda part: regression.driver_shares(part).tolist()
    )
    clock.lap("training")

    held_out = regression.cross_validate(groups, FOLDS)
    parts = {part.fold: part.fit for part in held_out}
    means = {fold: mean_without(groups, fold) for fold in parts}
    judged = datasets.judge(
        {fold: part.parameters for fold, part in parts.items()},
        means,
        caps,
        fit=fit,
        sums=sums,
    )
    fitted = Fitted(
        snapshot=snapshot,
        caps=caps,
        fit=fit,
        without_constant=without_constant,
        se_hc3=fit.robust_errors(judged.middle).tolist(),
        parameters=parameters,
        drivers=drivers,
        held_out=held_out,
        judged=judged,
        gain=regression.gain_over(groups, held_out, PERSISTENCE, FOLDS),
        persistence={
            **baseline(groups, dict.fromkeys(parts, 0.0), PERSISTENCE),
            "mae": fmean(judged.persistence_mae.values()),
        },
        mean={
            **baseline(groups, means, [0.0] * len(INPUTS)),
            "mae": fmean(judged.mean_mae.values()),
        },
        bands=every_band(evaluation.conformal_bands(judged.cells)),
    )
    clock.lap("evaluation")
    fitted.seconds = clock.laps
    return fitted


def require_enough(groups: Mapping[int, Sums]) -> None:
    filled = [sums for sums in groups.values() if sums.n]
    if sum(sums.n for sums in filled) < FEWEST_MEMBERS or len(filled) < FEWEST_GROUPS:
        raise TooLittleData("few members")
    if not total(filled).target_variation:
        raise TooLittleData("no difference")


def mean_without(groups: Mapping[int, Sums], fold: int) -> float:
    others = total(sums for group, sums in groups.items() if group % FOLDS != fold)
    return float(others.totals[-1]) / others.n


def baseline(
    groups: Mapping[int, Sums], constants: Mapping[int, float], weights: Sequence[float]
) -> dict[str, float]:
    """R² and RMSE of constant + weights · inputs, as a mean over the folds."""
    folds = by_fold(groups, FOLDS)
    found = [
        explained(folds[fold], folds[fold].squared_error(constant, weights))
        for fold, constant in constants.items()
    ]
    return {"r2": fmean(r2 for r2, _ in found), "rmse": fmean(e for _, e in found)}


def every_band(bands: Bands) -> dict[int, tuple[float, float]]:
    """Bands nobody was in get the widest of the others."""
    widest = min(low for low, _ in bands.values()), max(hi for _, hi in bands.values())
    return {band: bands.get(band, widest) for band in range(len(BANDS))}


class Clock:
    """Seconds since the last lap, by name."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.0) + now - self.last, 4)
        self.last = now


# A run ----------------------------------------------------------------------------


def run_activity_model(space: Space, as_of: dt.date) -> ModelRun:
    """Fit on the newest snapshot whose coming days are over, and predict from today.

    The same space and date again replaces the run.
    """
    started = timezone.now()
    snapshot = as_of - dt.timedelta(days=WINDOW)
    caps = datasets.caps_before(space, snapshot)
    clock = Clock()
    numbers: dict[str, Any] = {"population": population_numbers(space, snapshot)}
    collected = datasets.days_collected(space, snapshot)
    numbers["collection"] = {
        **collected,
        "first": collected["first"] and collected["first"].isoformat(),
        "last": collected["last"] and collected["last"].isoformat(),
    }
    clock.lap("background")
    fitted = None
    try:
        with datasets.activity_snapshot(space, [snapshot]):
            clock.lap("preprocessing")
            numbers["preprocessing"] = {
                "caps": dict(caps),
                "cut": datasets.rows_cut(caps),
                "percentile_99": datasets.percentile_99(),
            }
            clock.lap("preprocessing")
            fitted = fit_table(snapshot, caps)
        clock.lap("fit")
        numbers |= fit_numbers(fitted)
        numbers["origins"] = rolling_origin(space, snapshot, caps)
        clock.lap("rolling origin")
    except TooLittleData as reason:
        numbers["too_little"] = str(reason)

    seconds = clock.laps | (fitted.seconds if fitted else {})
    seconds.pop("fit", None)
    with transaction.atomic():
        run, _ = ModelRun.objects.update_or_create(
            kind=ModelRun.Kind.ACTIVITY,
            space=space,
            snapshot=snapshot,
            defaults={
                "window": WINDOW,
                "verdict": fitted.verdict if fitted else ModelRun.Verdict.TOO_LITTLE,
                "started_at": started,
                "finished_at": timezone.now(),
            },
        )
        if fitted:
            clock = Clock()
            with datasets.activity_snapshot(space, [as_of]):
                members = datasets.store_scores(run, fitted.fit, fitted.bands, caps)
            clock.lap("application")
            seconds |= clock.laps
            numbers["application"] = {"as_of": as_of.isoformat(), "members": members}
        run.numbers = {**numbers, "seconds": seconds}
        run.finished_at = timezone.now()
        run.save()
    return run


def population_numbers(space: Space, snapshot: dt.date) -> dict[str, int]:
    found = datasets.population(space, snapshot)
    return {
        "members": found.members,
        "joined_too_late": found.joined_too_late,
        "gone": found.gone,
    }


def fit_numbers(fitted: Fitted) -> dict[str, Any]:
    """Everything the run page says about a fit, in JSON's types."""
    fit, parameters = fitted.fit, fitted.parameters
    slope = evaluation.calibration_slope(fitted.judged.cells)
    names = ("intercept", *INPUTS)
    return {
        "fit": {
            "n": fit.n,
            "r2": fit.r2,
            "parameters": [
                {
                    "name": name,
                    "value": float(fit.parameters[i]),
                    "low": float(parameters.low[i]),
                    "high": float(parameters.high[i]),
                    "se": float(fit.standard_errors()[i]),
                    "se_hc3": float(fitted.se_hc3[i]),
                    "se_jackknife": float(parameters.error[i]),
                }
                for i, name in enumerate(names)
            ],
            "dropped": {INPUTS[i]: why for i, why in fit.dropped.items()},
            "without_intercept": named(fitted.without_constant.coefficients),
        },
        "drivers": [
            {
                "name": name,
                "share": float(fitted.drivers.value[i]),
                "low": max(float(fitted.drivers.low[i]), 0.0),
                "high": min(float(fitted.drivers.high[i]), 1.0),
            }
            for i, name in enumerate(INPUTS)
        ],
        "evaluation": {
            "cv": fitted.cv,
            "persistence": fitted.persistence,
            "mean": fitted.mean,
            "gain": {
                "value": fitted.gain.value,
                "low": fitted.gain.low,
                "high": fitted.gain.high,
            },
            "slope": slope if isfinite(slope) else None,
            "deciles": [
                {"n": d.n, "predicted": d.predicted, "actual": d.actual}
                for d in evaluation.calibration(fitted.judged.cells)
            ],
            "bands": [
                {"from": start, "low": fitted.bands[i][0], "high": fitted.bands[i][1]}
                for i, start in enumerate(BANDS)
            ],
        },
    }


def named(values: Sequence[float] | Any) -> dict[str, float]:
    return {name: float(v) for name, v in zip(INPUTS, values, strict=True)}


def rolling_origin(
    space: Space, snapshot: dt.date, caps: Caps, origins: int = ORIGINS
) -> list[dict[str, Any]]:
    """What the model of each earlier period said, and what then came.

    Fitted a window before each of the last origins and judged on that origin, as it
    would have been used. Newest last; left out are origins before which the history
    does not fill two windows.
    """
    results = []
    earlier: Fitted | None = None
    first = datasets.first_day(space)
    for back in range(origins, -1, -1):
        origin = snapshot - dt.timedelta(days=WINDOW * back)
        if first is None or origin - dt.timedelta(days=WINDOW - 1) < first:
            continue
        with datasets.activity_snapshot(space, [origin]):
            if earlier:
                results.append(judge_origin(origin, earlier, caps))
            try:
                earlier = fit_table(origin, caps) if back else None
            except TooLittleData:
                earlier = None
    return [result for result in results if result]


def judge_origin(origin: dt.date, earlier: Fitted, caps: Caps) -> dict[str, Any]:
    groups = datasets.group_sums(caps)
    if not groups:
        return {}
    sums = total(groups.values())
    fit = earlier.fit
    error = sums.squared_error(fit.constant, fit.coefficients.tolist())
    r2, rmse = explained(sums, error)
    judged = datasets.judge(
        dict.fromkeys(range(FOLDS), fit.parameters),
        dict.fromkeys(range(FOLDS), 0.0),
        caps,
    )
    inside = evaluation.coverage(judged.cells, earlier.bands).values()
    return {
        "origin": origin.isoformat(),
        "n": sums.n,
        "r2": r2,
        "rmse": rmse,
        "mae": over_all(judged.mae, judged.cells),
        "persistence_r2": explained(sums, sums.squared_error(0.0, PERSISTENCE))[0],
        "persistence_mae": over_all(judged.persistence_mae, judged.cells),
        "covered": sum(n * share for n, share in inside) / sums.n,
    }


def over_all(means: Mapping[int, float], cells: Cells) -> float:
    """The mean over all rows, from the means of the folds."""
    sizes = {fold: int(cells.count[cells.fold == fold].sum()) for fold in means}
    return sum(means[fold] * n for fold, n in sizes.items()) / sum(sizes.values())


def run_all(as_of: dt.date) -> dict[str, Any]:
    """Run the model for every space; return how many got which verdict.

    A space that ended, such as an imported history, is modelled as of its last day.
    """
    counts: dict[str, Any] = {"spaces": 0}
    for space in Space.objects.order_by("pk"):
        until = min(as_of, datasets.last_day(space) or as_of)
        run = run_activity_model(space, until)
        counts["spaces"] += 1
        counts[run.verdict] = counts.get(run.verdict, 0) + 1
        counts["scores"] = counts.get("scores", 0) + run.numbers.get(
            "application", {}
        ).get("members", 0)
    return counts
