"""A member's own addresses for programs that cannot sign in, such as calendars.

Whoever knows one is taken for its member, so it is told once and only its digest kept.
"""

import hashlib
import secrets

from django.utils import timezone

from accounts.models import User
from content.models import CalendarAddress, PodcastAddress

Kept = type[CalendarAddress] | type[PodcastAddress]


def make_address(kept: Kept, *, member: User) -> str:
    """A new token in place of the one before."""
    token = secrets.token_urlsafe(32)
    kept._default_manager.update_or_create(
        member=member, defaults={"digest": _digest(token), "made_at": timezone.now()}
    )
    return token


def remove_address(kept: Kept, *, member: User) -> None:
    kept._default_manager.filter(member=member).delete()


def has_address(kept: Kept, member: User) -> bool:
    return kept._default_manager.filter(member=member).exists()


def owner(kept: Kept, token: str) -> User | None:
    """Whose address it is, as long as they are a member."""
    found = kept._default_manager.filter(digest=_digest(token))
    address = found.select_related("member").first()
    member = address and address.member
    return member if member and member.is_active and member.is_member else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
