"""This app's part of the night."""

import datetime as dt

from accounts.services import ledger
from community.lib.steps import Step
from incentives.services import (
    awarding,
    badges,
    bounties,
    gaming,
    levels,
    lots,
    parcels,
    points,
    redemptions,
    tallies,
)


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


def count_deeds(as_of: dt.date) -> dict[str, int]:
    return {"days counted anew": tallies.count_arrived()}


def look_for_gaming(as_of: dt.date) -> dict[str, int]:
    return {"suspicions": gaming.look()}


def settle_levels(as_of: dt.date) -> dict[str, int]:
    return levels.settle()


def give_badges(as_of: dt.date) -> dict[str, int]:
    return {"badges given": badges.award_badges()}


def check_ledger(as_of: dt.date) -> dict[str, int]:
    found = ledger.check()
    if found:
        raise RuntimeError(f"The ledger is not in order: {found}")
    return {"wrong balances": 0}


def tend_parcels(as_of: dt.date) -> dict[str, int]:
    return {
        "parcels arrived": redemptions.note_arrivals(),
        "addresses erased": parcels.forget_old(),
    }


STEPS = [
    Step("points", sweep, "Pays the deeds whose bell nobody heard."),
    Step("lots of points", advance_points, "Matures and ends points, tells how long."),
    Step("bounties", settle_bounties, "Pays bounties that are won, returns old ones."),
    Step("tallies", count_deeds, "Counts what members did on the days of late."),
    Step("gaming", look_for_gaming, "Has points wait that look made, not earned."),
    Step("levels", settle_levels, "Brings every member to the level they have."),
    Step("badges", give_badges, "Gives badges to who has come to earn them."),
    Step("parcels", tend_parcels, "Erases the addresses of what has arrived."),
    Step("ledger", check_ledger, "Proves every balance of money and points."),
]
