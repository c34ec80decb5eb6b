"""Second factors of the staff."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q

from accounts.models import Role, User
from accounts.services import mails


def tell_operators(
    sender: Any, instance: Authenticator, created: bool, **kwargs: Any
) -> None:
    """Mail the other operators that somebody of the staff has a new factor.

    Who has none yet may set one up with the password alone: a thief's has to be seen.
    """
    user: Any = instance.user
    is_factor = instance.type != Authenticator.Type.RECOVERY_CODES
    if not (created and user.is_staff and is_factor):
        return
    is_one = Q(is_superuser=True) | Q(roles__contains=[Role.OPERATOR])
    others = User.objects.filter(is_one, is_active=True).exclude(pk=user.pk)
    for operator in others:
        mails.send(
            key=f"factor:{instance.pk}:{operator.pk}",
            member=operator,
            template="staff_factor",
            name=str(user),
            handle=user.username,
            person=user.pk,
        )
