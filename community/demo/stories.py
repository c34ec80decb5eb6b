"""The demo's stories: what members did with each other, in words of their own."""

from accounts.models import User
from community.demo import between, company, together, voices


def tell(staff: dict[str, User]) -> None:
    """Last of all, when it is known who signs in."""
    logins = User.objects.filter(email__isnull=False, is_staff=False).order_by("-email")
    found = company.gather(staff, list(logins))
    if found is None:
        return
    together.tell(found)
    voices.tell(found)
    between.tell(found)
