"""Giving, taking back and reading personal facts."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import PersonalReading, PersonalValue, User
from accounts.models.personal import PersonalKind
from accounts.services import audit, consents
from community.lib.sealed import seal, unseal

Kind = PersonalKind

# What each is used for, and nothing else; shown beside the field.
PURPOSES = {
    Kind.REAL_NAME: _("for certificates and receipts"),
    Kind.PHONE: _("to reach you about an event or an order"),
    Kind.ADDRESS: _("to send you what you ordered"),
    Kind.CITY: _("for meetings near you"),
    Kind.BIRTH_YEAR: _("to see which ages we serve, only in sums"),
    Kind.GENDER: _("to see whom we reach, only in sums"),
    Kind.OCCUPATION: _("to suggest what fits your work"),
    Kind.INDUSTRY: _("to suggest what fits your field"),
}


@transaction.atomic
def save(*, member: User, values: dict[str, str]) -> None:
    """Keep what was filled in, which is agreeing to its purpose; forget what was
    emptied, which is taking that back."""
    for kind, text in values.items():
        if text:
            _keep(member, kind, text)
        else:
            forget(member=member, kind=kind)


def _keep(member: User, kind: str, text: str) -> None:
    consents.give(member=member, purpose=kind)
    PersonalValue.objects.update_or_create(
        member=member,
        kind=kind,
        defaults={
            "sealed": seal(text, place_of(member.pk, kind)),
            "changed_at": timezone.now(),
        },
    )


@transaction.atomic
def forget(*, member: User, kind: str) -> None:
    """Delete the fact and end the consent; nothing of it is kept."""
    PersonalValue.objects.filter(member=member, kind=kind).delete()
    consents.withdraw(member=member, purpose=kind)


def own(member: User) -> dict[str, str]:
    """{kind: text} of what a member gave, for the member's own eyes."""
    return {
        value.kind: unseal(value.sealed, place_of(member.pk, value.kind))
        for value in member.personal_values.all()
    }


@transaction.atomic
def read(*, member: User, by: User, reason: str) -> dict[str, str]:
    """What a member gave, for somebody of the staff; the reading is noted."""
    facts = own(member)
    PersonalReading.objects.create(
        member=member, by=by, kinds=sorted(facts), reason=reason
    )
    audit.record(act="read personal facts", actor=by, target=member, reason=reason)
    return facts


def place_of(member_id: int, kind: str) -> str:
    return f"personal:{member_id}:{kind}"
