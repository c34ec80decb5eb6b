"""This app's part of the night."""

import datetime as dt

from accounts.services import reconciliation
from accounts.services.activity import ensure_coming_partitions
from community.lib.steps import Step


def make_partitions(as_of: dt.date) -> dict[str, int]:
    return {"new partitions": ensure_coming_partitions()}


def reconcile(as_of: dt.date) -> dict[str, int]:
    return reconciliation.reconcile()


STEPS = [
    Step("partitions", make_partitions, "Makes the activity log's coming months."),
    Step("reconcile", reconcile, "Compares our books with the gateways' own."),
]
