"""This app's part of the night."""

import datetime as dt
from typing import Any

from community.lib.steps import Step


def count_days(as_of: dt.date) -> dict[str, Any]:
    """The same whatever the day: lines of today are counted too, and again later."""
    from analytics.services.rollup import roll_up

    return roll_up()


def fit_activity(as_of: dt.date) -> dict[str, Any]:
    from analytics.services.activity_model import run_all

    return run_all(as_of)


def count_recruiting(as_of: dt.date) -> dict[str, Any]:
    from analytics.services.recruiting import make_report

    return make_report(as_of)


def count_catalogue(as_of: dt.date) -> dict[str, Any]:
    from analytics.services.catalogue import make_report

    return make_report(as_of)


def follow_events(as_of: dt.date) -> dict[str, Any]:
    from analytics.services.effect import measure

    return measure(as_of)


def measure_trials(as_of: dt.date) -> dict[str, Any]:
    from analytics.services.trials import measure_all

    return measure_all(as_of)


def learn_triage(as_of: dt.date) -> dict[str, Any]:
    from analytics.services.triage import learn

    return learn(as_of)


STEPS = [
    Step("roll-up", count_days, "Counts what each member did on each day."),
    Step("activity model", fit_activity, "Predicts each member's active days."),
    Step("recruiting", count_recruiting, "Follows each channel to who is still here."),
    Step("events", follow_events, "Follows who came to an event, and who did not."),
    Step("trials", measure_trials, "Compares whom incentives reached with the rest."),
    Step("triage", learn_triage, "Learns from decisions which posts to look at."),
    Step("catalogue", count_catalogue, "Weighs what there is against what is wanted."),
]
