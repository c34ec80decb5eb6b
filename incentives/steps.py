"""This app's part of the night."""

import datetime as dt

from accounts.services import ledger
from community.lib.steps import Step
from incentives.services import awarding, bounties, lots, points


def sweep(as_of: dt.date) -> dict[str, int]:
    return {"deeds paid": awarding.award_recent()}


def advance_points(as_of: dt.date) -> dict[str, int]:
    return {
        "grants matured": points.mature(),
        "points expired": points.expire(),
        "told how long": lots.tell_how_long(),
    }


def settle_bounties(as_of: dt.date) -> dict[str, int]:
    bounties.hear_recent()
    return bounties.settle()


def check_ledger(as_of: dt.date) -> dict[str, int]:
    found = ledger.check()
    if found:
        raise RuntimeError(f"The ledger is not in order: {found}")
    return {"wrong balances": 0}


STEPS = [
    Step("points", sweep, "Pays the deeds whose bell nobody heard."),
    Step("lots of points", advance_points, "Matures and ends points, tells how long."),
    Step("bounties", settle_bounties, "Pays bounties that are won, returns old ones."),
    Step("ledger", check_ledger, "Proves every balance of money and points."),
]
