from typing import Any

from django.core.cache import cache
from django.utils import timezone

from accounts.models import User, Verb
from accounts.services.activity import record_activity

DAY = 24 * 3600


def note_visit(member: User, target: Any = None) -> None:
    """Record that a member was here, at most once a day and object."""
    today = timezone.localdate()
    kind, pk = getattr(target, "activity_kind", ""), getattr(target, "pk", 0)
    if cache.add(f"visit:{member.pk}:{kind}:{pk}:{today}", 1, DAY):
        record_activity(member=member, verb=Verb.VISITED, target=target)
