"""The house's own part of the night: after all others, so that it keeps their work."""

import datetime as dt

from django.conf import settings

from community import backups
from community.lib.steps import Step


def make_backup(as_of: dt.date) -> dict[str, int]:
    if not settings.BACKUP_KEY:
        return {}
    made = backups.make()
    return {"bytes": made.size or 0, "rows": sum(made.rows.values())}


def test_backup(as_of: dt.date) -> dict[str, str]:
    if not settings.BACKUP_KEY or not backups.is_test_due():
        return {}
    return {"restored": str(backups.test_latest())}


STEPS = [
    Step("backup", make_backup, "Keeps an encrypted copy of everything."),
    Step("restore test", test_backup, "Loads the last copy and checks it, weekly."),
]
