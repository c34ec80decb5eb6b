from typing import Any

from django.core.cache import cache

from accounts.models import Space, User, Verb
from accounts.services.activity import record_activity
from community.lib.dates import site_day

DAY = 24 * 3600
MOST_KEPT = 20_000
_noted: set[tuple] = set()  # by this process, so that it need not ask Redis again


def note_visit(
    member: User, target: Any = None, space: Space | int | None = None
) -> None:
    """Record that a member was here or opened `target`, once a day and object.

    Without Redis nothing is recorded: better a visit too few than one at every click.
    """
    kind, pk = getattr(target, "activity_kind", ""), getattr(target, "pk", 0)
    visit = (member.pk, kind, pk, site_day())
    if visit in _noted:
        return
    if not cache.add(f"visit:{visit}", 1, DAY):
        return
    verb = Verb.VIEWED if target else Verb.VISITED
    record_activity(member=member, verb=verb, target=target, space=space)
    if len(_noted) >= MOST_KEPT:
        _noted.clear()
    _noted.add(visit)
