"""The first minutes of a new community: who runs it, and what it is called."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Community, Role, User
from accounts.services import community
from accounts.services.roles import grant_role


class AlreadySetUp(Exception):
    """Somebody else was quicker."""


def needed() -> bool:
    """Once only: when the last operator has gone, the printed address opens nothing."""
    if Community.objects.exclude(set_up_at=None).exists():
        return False
    return not User.objects.filter(is_superuser=True).exists()


def token() -> str:
    """Known to who can read SECRET_KEY; worth nothing once there is an operator."""
    return salted_hmac("community.first_run", "token").hexdigest()[:40]


def is_token(given: str) -> bool:
    return constant_time_compare(given, token())


def path() -> str:
    return f"{reverse('setup')}?token={token()}"


@transaction.atomic
def set_up(
    *,
    community_name: str,
    language: str,
    goal: str,
    audience: str,
    name: str,
    email: str,
    password: str,
) -> User:
    """Write the charter and make its first operator; return that person.

    Raises AlreadySetUp when there is an operator: the address printed at start
    must not make a second one.
    """
    Community.objects.get_or_create(pk=1)
    row = Community.objects.select_for_update().get(pk=1)  # one at a time
    if not needed():
        raise AlreadySetUp
    row.name, row.language = community_name, language
    row.goal, row.audience = goal, audience
    row.set_up_at = timezone.now()
    row.save()
    transaction.on_commit(community.forget)
    return _make_operator(name, email, password)


def _make_operator(name: str, email: str, password: str) -> User:
    operator = User.objects.create_superuser(
        get_adapter().generate_unique_username([name, "operator"]),
        email=email,
        password=password,
        name=name,
    )
    # Whoever reads the server's console need not prove an address by mail.
    EmailAddress.objects.create(
        user=operator, email=operator.email, primary=True, verified=True
    )
    grant_role(member=operator, role=Role.OPERATOR)
    operator.refresh_from_db()
    return operator
