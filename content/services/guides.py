"""Who keeps order in the talk."""

from django.db.models import QuerySet

from accounts.models import Space, SpaceMember, User
from accounts.services.spaces import guides, places_guided_by


def is_guide(user: User) -> bool:
    """Operators and mentors keep order in every talk they can read."""
    # Visitors have no roles, and no such attributes.
    is_mentor = getattr(user, "is_mentor", False) and not user.is_suspended
    return getattr(user, "is_operator", False) or is_mentor


def is_guide_of(user: User, space_id: int | None) -> bool:
    """The mentors and volunteers of a space do, too, in its own."""
    return is_guide(user) or guides(user, space_id)


def spaces_guided_by(user: User) -> QuerySet[Space]:
    """Those that somebody is mentor or volunteer of, and may enter."""
    own = places_guided_by(user).values("space")
    return Space.objects.visible_to(user).filter(pk__in=own)


def spaces_mentored_by(user: User) -> QuerySet[Space]:
    own = places_guided_by(user).filter(role=SpaceMember.Role.MENTOR)
    return Space.objects.visible_to(user).filter(pk__in=own.values("space"))
