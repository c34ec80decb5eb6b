"""The strategy journal: no rule, price or campaign changes without a reason.

What is watched are the settings by which the community steers people and money. An
app above adds its own by `watch`; the desk then asks for a hypothesis before it
changes one (`accounts.admin.journal`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import JournalEntry, Offer, User

LONGEST_NAME = 120
LOOK_AFTER = dt.timedelta(days=56)

Deed = JournalEntry.Deed

_watched: set[type[models.Model]] = {Offer}


def watch(*kinds: type[models.Model]) -> None:
    _watched.update(kinds)


def watched() -> set[type[models.Model]]:
    return set(_watched)


def note(
    *,
    target: models.Model,
    deed: Deed,
    hypothesis: str,
    by: User,
    look_on: dt.date | None = None,
    changed: Mapping[str, Sequence[str]] | None = None,
) -> JournalEntry:
    """Write down what is expected of it, in the transaction of the change."""
    return JournalEntry.objects.create(
        object_kind=target._meta.label_lower,
        object_id=target.pk,
        name=str(target)[:LONGEST_NAME],
        deed=deed,
        changed=dict(changed or {}),
        hypothesis=hypothesis,
        look_on=look_on,
        by=by,
    )


def about(target: models.Model) -> "models.QuerySet[JournalEntry]":
    """Everything written of it, the newest first."""
    return JournalEntry.objects.filter(
        object_kind=target._meta.label_lower, object_id=target.pk
    ).select_related("by")


def fill(target: models.Model, finding: dict[str, Any]) -> int:
    """Put what was measured beside what was expected; returns at how many entries.

    Filled once: the number decided by the rule that was set before is the one that
    stands.
    """
    return about(target).filter(finding__isnull=True).update(finding=finding)


@transaction.atomic
def learn(*, entry: JournalEntry, words: str) -> None:
    """What people make of it; written again, it takes the place of what stood there."""
    entry.learned, entry.learned_at = words, timezone.now()
    entry.save(update_fields=["learned", "learned_at"])
