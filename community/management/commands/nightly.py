import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.models import StepRun
from community.nightly import STEPS, NightIsRunning, run_night, yesterday


class Command(BaseCommand):
    help = "Run the night's work by hand: the same steps that beat starts at three."

    def add_arguments(self, parser):
        names = [step.name for step in STEPS]
        parser.add_argument(
            "--as-of",
            type=dt.date.fromisoformat,
            help="the day whose end counts (YYYY-MM-DD; yesterday by default)",
        )
        parser.add_argument(
            "--only", choices=names, action="append", help="this step alone"
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object with every step"
        )

    def handle(self, *, as_of, only, **options):
        as_of = as_of or yesterday()
        steps = [step for step in STEPS if not only or step.name in only]
        report = None if options["json"] else self.show
        try:
            runs = run_night(as_of, steps=steps, report=report)
        except NightIsRunning:
            raise CommandError("The night is being run by another process.") from None

        if options["json"]:
            self.stdout.write(json.dumps(as_json(as_of, runs), indent=2, default=str))
        failed = [run.step for run in runs if run.state == StepRun.State.FAILED]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}. The log says why.")

    def show(self, run: StepRun) -> None:
        counts = ", ".join(f"{name} {value}" for name, value in run.result.items())
        self.stdout.write(
            f"{run.step:<22} {run.state:<7} {run.seconds:7.2f} s  {counts or run.error}"
        )


def as_json(as_of: dt.date, runs: list[StepRun]) -> dict[str, Any]:
    """`{as_of, steps: {name: {state, seconds, result, error}}}`"""
    return {
        "as_of": as_of,
        "steps": {
            run.step: {
                "state": run.state,
                "seconds": round(run.seconds, 3),
                "result": run.result,
                "error": run.error,
            }
            for run in runs
        },
    }
