"""Fit the activity model on one snapshot of a space and print the numbers.

    manage.py fit_activity --space NAME --snapshot DATE [--no-cap] [--json]

The snapshot is a day t0: inputs are of the 28 days up to it, the target is the
active days in the 28 days after it. Nothing is stored but the roll-up of the
activity log, which is brought up to date first.

--json prints one object: `space`, `snapshot`, `n`, `intercept`, `coefficients`
{interactions, visits, content}, `se` and `se_hc3` {intercept, interactions, visits,
content}, `cv` {r2, rmse, mae}, `persistence` {r2, mae}, `verdict` (better, nothing,
too_little), `caps`, `dropped`. With too little data there is `reason` and no figure.
"""

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Space
from analytics import datasets
from analytics.models import ModelRun
from analytics.services.activity_model import Fitted, TooLittleData, fit_snapshot
from analytics.services.rollup import roll_up

NAMES = ("intercept", *datasets.INPUTS)


class Command(BaseCommand):
    help = "Fit the activity model on one snapshot of a space and print the numbers."

    def add_arguments(self, parser):
        parser.add_argument("--space", required=True, metavar="NAME")
        parser.add_argument(
            "--snapshot", required=True, type=dt.date.fromisoformat, metavar="DATE"
        )
        parser.add_argument(
            "--no-cap", action="store_true", help="do not cap extreme counts"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, space, snapshot, no_cap, **options):
        found = (
            Space.objects.filter(name=space).first()
            or Space.objects.filter(slug=space).first()
        )
        if found is None:
            raise CommandError(f"There is no space named {space}.")
        roll_up()
        caps = {} if no_cap else datasets.caps_before(found, snapshot)
        numbers: dict[str, Any] = {
            "space": found.name,
            "snapshot": snapshot.isoformat(),
            "caps": caps,
        }
        try:
            fitted = fit_snapshot(found, snapshot, caps=caps)
            numbers |= as_numbers(fitted)
        except TooLittleData as reason:
            numbers["verdict"] = ModelRun.Verdict.TOO_LITTLE.value
            numbers["reason"] = str(reason)
        if options["json"]:
            self.stdout.write(json.dumps(numbers, indent=2))
        else:
            self.stdout.write("\n".join(as_lines(numbers)))


def as_numbers(fitted: Fitted) -> dict[str, Any]:
    fit = fitted.fit
    return {
        "n": fit.n,
        "intercept": fit.constant,
        "coefficients": by_name(datasets.INPUTS, fit.coefficients),
        "se": by_name(NAMES, fit.standard_errors()),
        "se_hc3": by_name(NAMES, fitted.se_hc3),
        "se_jackknife": by_name(NAMES, fitted.parameters.error),
        "r2": fit.r2,
        "cv": fitted.cv,
        "persistence": fitted.persistence,
        "mean": fitted.mean,
        "verdict": fitted.verdict.value,
        "dropped": {datasets.INPUTS[i]: why for i, why in fit.dropped.items()},
    }


def by_name(names, values) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def as_lines(numbers: dict[str, Any]) -> list[str]:
    lines = [f"{numbers['space']}, snapshot {numbers['snapshot']}"]
    if "reason" in numbers:
        return [*lines, f"Too little data: {numbers['reason']}."]
    lines += [f"members {numbers['n']}", ""]
    lines.append(f"{'':<14}{'coefficient':>14}{'se':>14}{'se (HC3)':>14}")
    values = {"intercept": numbers["intercept"], **numbers["coefficients"]}
    lines += [
        f"{name:<14}{value:>14.8f}{numbers['se'][name]:>14.8f}"
        f"{numbers['se_hc3'][name]:>14.8f}"
        for name, value in values.items()
    ]
    cv, last = numbers["cv"], numbers["persistence"]
    return [
        *lines,
        "",
        f"held out     R² {cv['r2']:.6f}  RMSE {cv['rmse']:.6f}  MAE {cv['mae']:.6f}",
        f"persistence  R² {last['r2']:.6f}  MAE {last['mae']:.6f}",
        f"verdict      {ModelRun.Verdict(numbers['verdict']).label}",
    ]
