"""This app's part of the night."""

import datetime as dt

from accounts.services import (
    anniversaries,
    audit,
    erasures,
    exports,
    joining,
    reconciliation,
    recruiting,
    retention,
)
from accounts.services.activity import ensure_coming_partitions
from community.lib.steps import Step


def make_partitions(as_of: dt.date) -> dict[str, int]:
    return {"new partitions": ensure_coming_partitions()}


def reconcile(as_of: dt.date) -> dict[str, int]:
    return reconciliation.reconcile()


def carry_out_erasures(as_of: dt.date) -> dict[str, int]:
    return {
        "forgotten": erasures.carry_out_due(),
        "never confirmed": erasures.forget_unconfirmed(),
    }


def enforce_retention(as_of: dt.date) -> dict[str, int]:
    return {"exports made late": exports.make_waiting(), **retention.enforce()}


def prove_audit(as_of: dt.date) -> dict[str, int]:
    anchored = audit.anchor_ledger()
    if problem := audit.verify():
        raise RuntimeError(f"The audit chain is not as it was: {problem}.")
    return {"records": anchored.number, "lines anchored": anchored.facts["entries"]}


def move_waiting_lists(as_of: dt.date) -> dict[str, int]:
    return joining.move_waiting_lists()


def tell_anniversaries(as_of: dt.date) -> dict[str, int]:
    """Of the day that begins: those who are congratulated read it in the morning."""
    return {"told": anniversaries.tell_anniversaries(as_of + dt.timedelta(days=1))}


def reward_referrals(as_of: dt.date) -> dict[str, int]:
    return {"stayed": recruiting.reward_who_stayed()}


STEPS = [
    Step("partitions", make_partitions, "Makes the activity log's coming months."),
    Step("waiting lists", move_waiting_lists, "Offers free places to the next."),
    Step("anniversaries", tell_anniversaries, "Congratulates on whole years here."),
    Step("referrals", reward_referrals, "Notes who stayed of those members brought."),
    Step("erasures", carry_out_erasures, "Forgets those who asked for it in time."),
    Step("retention", enforce_retention, "Deletes what was kept long enough."),
    Step("audit", prove_audit, "Anchors the ledger in the audit chain and proves it."),
    Step("reconcile", reconcile, "Compares our books with the gateways' own."),
]
