"""This app's part of the night."""

import datetime as dt
from typing import Any

from community.lib.steps import Step


def recommend(as_of: dt.date) -> dict[str, Any]:
    from recommend.services.training import train  # scipy is for workers only

    run = train(as_of)
    return {
        "members": run.members,
        "items": run.items,
        "pairs": run.pairs,
        "served": run.served,
    }


STEPS = [
    Step("recommend", recommend, "Renews neighbours and “for you” lists, if good."),
]
