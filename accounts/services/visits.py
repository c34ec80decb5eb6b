from typing import Any

from django.core.cache import cache
from django.utils import timezone

from accounts.models import Space, User, Verb
from accounts.services.activity import record_activity

DAY = 24 * 3600


def note_visit(
    member: User, target: Any = None, space: Space | int | None = None
) -> None:
    """Record that a member was here or opened `target`, once a day and object.

    Without Redis nothing is recorded: better a visit too few than one at every click.
    """
    today = timezone.localdate()
    kind, pk = getattr(target, "activity_kind", ""), getattr(target, "pk", 0)
    if cache.add(f"visit:{member.pk}:{kind}:{pk}:{today}", 1, DAY):
        verb = Verb.VIEWED if target else Verb.VISITED
        record_activity(member=member, verb=verb, target=target, space=space)
