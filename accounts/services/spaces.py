from django.db import transaction
from django.utils import timezone

from accounts.models import Space, SpaceMember, User, Verb
from accounts.services.activity import record_activity


@transaction.atomic
def join_space(*, space: Space, member: User) -> SpaceMember:
    """Make somebody belong to a space; joining twice changes nothing."""
    place, new = SpaceMember.objects.select_for_update().get_or_create(
        space=space, member=member
    )
    if not new and place.left_at is None:
        return place
    if not new:
        place.joined_at, place.left_at = timezone.now(), None
        place.save(update_fields=["joined_at", "left_at"])
    record_activity(member=member, verb=Verb.JOINED_SPACE, space=space)
    return place


@transaction.atomic
def leave_space(*, space: Space, member: User) -> None:
    """End it; what the member wrote there stays."""
    left = SpaceMember.objects.filter(space=space, member=member, left_at=None).update(
        left_at=timezone.now()
    )
    if left:
        record_activity(member=member, verb=Verb.LEFT_SPACE, space=space)
