"""Who keeps order in the talk."""

from accounts.models import User
from accounts.services.spaces import guides


def is_guide(user: User) -> bool:
    """Operators and mentors keep order in every talk they can read."""
    # Visitors have no roles, and no such attributes.
    is_mentor = getattr(user, "is_mentor", False) and not user.is_suspended
    return getattr(user, "is_operator", False) or is_mentor


def is_guide_of(user: User, space_id: int | None) -> bool:
    """The mentors and volunteers of a space do, too, in its own."""
    return is_guide(user) or guides(user, space_id)
