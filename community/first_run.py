"""The first minutes of a new community: who runs it, and what it is called."""

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User


def needed() -> bool:
    return not User.objects.filter(is_superuser=True).exists()


def token() -> str:
    """Known to who can read SECRET_KEY; worth nothing once there is an operator."""
    return salted_hmac("community.first_run", "token").hexdigest()[:40]


def is_token(given: str) -> bool:
    return constant_time_compare(given, token())


def path() -> str:
    return f"{reverse('setup')}?token={token()}"
