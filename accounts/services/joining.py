from collections.abc import Sequence

from django.db import transaction

from accounts.models import Role, User, Verb
from accounts.services import consents
from accounts.services.activity import record_activity
from accounts.services.roles import grant_role


@transaction.atomic
def welcome(*, member: User, purposes: Sequence[str]) -> None:
    """What makes a new account a member: the role, the consents, the first line."""
    grant_role(member=member, role=Role.MEMBER)
    for purpose in purposes:
        consents.give(member=member, purpose=purpose)
    record_activity(member=member, verb=Verb.SIGNED_UP)
