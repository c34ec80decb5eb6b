from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Entitlement, Role, Space, SpaceMember, User, Verb
from accounts.services import audit
from accounts.services.activity import record_activity
from accounts.services.entitlements import keys_opening


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
    """End it, and with it what role they had; what the member wrote there stays."""
    left = SpaceMember.objects.filter(space=space, member=member, left_at=None).update(
        left_at=timezone.now(), role=SpaceMember.Role.MEMBER
    )
    if left:
        record_activity(member=member, verb=Verb.LEFT_SPACE, space=space)


@transaction.atomic
def give_place_role(*, space: Space, member: User, role: str, by: User) -> None:
    """Make somebody mentor or volunteer of a space, or a plain member of it again.

    Who gets a role belongs to the space from then on.
    """
    if role != SpaceMember.Role.MEMBER:
        join_space(space=space, member=member)
    changed = SpaceMember.objects.filter(space=space, member=member, left_at=None)
    if changed.exclude(role=role).update(role=role):
        audit.record(
            act="space role given", actor=by, target=space, of=member.pk, role=role
        )


def guides(member: User, space_id: int | None) -> bool:
    """Whether somebody is mentor or volunteer of this very space."""
    if space_id is None or not member.is_authenticated or not member.is_member:
        return False
    return (
        member.suspended_at is None
        and guides_of(space_id).filter(member=member.pk).exists()
    )


def guides_of(space_id: int) -> QuerySet[SpaceMember]:
    """The mentors and volunteers of a space."""
    return SpaceMember.objects.filter(
        space=space_id, left_at=None, role__in=SpaceMember.GUIDES
    )


def places_guided_by(member: User) -> QuerySet[SpaceMember]:
    """Where somebody is mentor or volunteer of the space itself; nowhere while they
    are suspended."""
    found = SpaceMember.objects.filter(left_at=None, role__in=SpaceMember.GUIDES)
    # Visitors have no such attributes.
    if not getattr(member, "is_member", False) or member.suspended_at is not None:
        return found.none()
    return found.filter(member=member.pk)


def readers_among(space: Space, numbers: Iterable[int]) -> set[int]:
    """Of these members, who may enter a space: `Space.objects.visible_to`, asked for
    many at once."""
    people = User.objects.filter(
        pk__in=list(numbers), is_active=True, is_applicant=False, erased_at=None
    )
    may = Q(is_superuser=True) | Q(roles__contains=[Role.OPERATOR])
    inside = _inside(space)
    found = people if inside is None else people.filter(may | inside)
    return set(found.values_list("pk", flat=True))


def _inside(space: Space) -> Q | None:
    """Who else than operators; None: every member."""
    if space.access == Space.Access.JOINED:
        joined = SpaceMember.objects.filter(space=space, left_at=None)
        return Q(pk__in=joined.values("member"))
    if space.access == Space.Access.PLAN:
        holding = Entitlement.objects.in_force().filter(
            what__in=keys_opening(space.key)
        )
        return Q(pk__in=holding.values("member"))
    if space.access == Space.Access.LEVEL:
        return Q(level__gte=space.min_level or 0)
    return None
